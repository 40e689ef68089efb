"""How an enrollment ends is called what happened to that person, in its row, its event and the funnel."""

from typing import Any

import pytest

from campaign_house import AGAIN, CLASSIC, DAY, HELLO, HOUR, MINUTE, WRITE, House, a_house
from crowd import events, suppress
from overture import campaigns, people
from overture.campaigns import Sight, observe
from overture.people import Lead
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def see(house: House, what: str, lead: Lead) -> None:
    """Take down what a person did, as the API does."""
    sight = Sight(lead.id, house.now, f"test:{what}")
    async with house.app.sessions.begin() as db:
        if what == "bounced":
            await observe.bounced(db, house.app.ids, sight, "lea@example.com", house.now)
        else:
            await getattr(observe, what)(db, house.app.ids, sight, house.now)


async def said_at_the_end(house: House, lead: Lead) -> list[tuple[Any, Any]]:
    """State and reason as the events of the end have them."""
    told = await events(house.app, lead)
    return [(data["state"], data["reason"]) for kind, data in told if kind == "enrollment.finished"]


@pytest.mark.parametrize(
    ("did", "state", "reason"),
    [
        ("opted_out", "failed", "opted_out"),
        ("declined", "failed", "declined"),
        ("replied", "replied", "replied"),
        ("manual_contact", "ignored", "manual_contact"),
    ],
)
@pytest.mark.parametrize("place", ["waiting", "queued", "paused"])
async def test_the_end_names_what_the_person_did(
    house: House, did: str, state: str, reason: str, place: str
) -> None:
    """Wherever they stood: an opt-out is not hidden behind the suppression it brings with it."""
    first, lead = await house.people(2)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, first, lead, scores={first.id: 1.0})
    if place == "queued":
        await house.tick()  # one of them is served, the other queues behind
    else:
        await house.settle()
    await (pause(house, lead) if place == "paused" else house.tick())
    await see(house, did, lead)
    await house.settle()

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == (state, reason)
    assert await said_at_the_end(house, lead) == [(state, reason)]
    async with house.app.sessions() as db:
        funnel = (await campaigns.funnels(db, [campaign]))[campaign]
    counted = {name: getattr(funnel, name) for name in ("opted_out", "declined", "replied")}
    assert counted == {name: int(name == reason) for name in counted}


async def pause(house: House, lead: Lead) -> None:
    """A person pauses the lead."""
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        await campaigns.pause(db, found, "test", house.now)


@pytest.mark.parametrize(
    ("kind", "reason", "end"),
    [
        ("person", "opt_out", "opted_out"),
        ("linkedin", "complained", "opted_out"),
        ("person", "declined", "declined"),
        ("person", "manual", "suppressed"),
        ("domain", "opt_out", "suppressed"),
    ],
)
async def test_a_suppression_ends_it_as_what_it_stands_for(
    house: House, kind: str, reason: str, end: str
) -> None:
    """What a company asked for, its people did not."""
    (lead,) = await house.people(1, email="lea@acme.example")
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    values = {"person": str(lead.id), "linkedin": "lea-1", "domain": "acme.example"}
    await suppress(house.app, kind, values[kind], reason)
    await house.pass_time(4 * DAY)

    assert (await house.enrollment(lead)).reason == end
    assert len(house.sent()) == 1


async def test_an_opt_out_from_one_campaign_is_an_opt_out_in_the_other(house: House) -> None:
    """They asked us, not a campaign."""
    (lead,) = await house.people(1)
    one = await house.campaign(WRITE)
    other = await house.campaign(CLASSIC, active_elsewhere="enroll")
    await house.enroll(one, lead)
    await house.enroll(other, lead)
    await see(house, "opted_out", lead)
    await house.settle()

    assert (await house.enrollment(lead, one)).reason == "opted_out"
    assert (await house.enrollment(lead, other)).reason == "opted_out"
    assert house.sent() == []


async def test_an_opt_out_weighs_more_than_an_answer(house: House) -> None:
    """They answered, and the operator read in it that they want no more."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    await see(house, "replied", lead)
    await suppress(house.app, "person", str(lead.id), "opt_out")
    await house.settle()

    assert (await house.enrollment(lead)).reason == "opted_out"


async def test_a_dead_address_silences_the_address_and_not_the_person(house: House) -> None:
    """Nothing more goes there; what goes by LinkedIn goes on."""
    (lead,) = await house.people(1, email="lea@example.com")
    soon = {**AGAIN, "delay": "1h"}
    two = {"name": "two", "steps": [{**HELLO, "delay": "0min"}, soon]}
    await house.enroll(await house.campaign(two), lead)
    await house.settle()
    await see(house, "bounced", lead)
    await house.pass_time(2 * HOUR)

    assert len(house.sent("message")) == 2
    assert (await house.enrollment(lead)).reason == "completed"
    async with house.app.sessions() as db:
        wanted = people.suppression.Known(keys=frozenset({people.Key("email", "lea@example.com")}))
        assert await people.suppression.of(db, {"it": wanted}, house.now)


async def test_who_is_erased_ends_as_erased(house: House) -> None:
    """Whatever else they did."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    await see(house, "opted_out", lead)
    async with house.app.sessions.begin() as db:
        asked = people.Erasure(by="test", artifacts_dir=house.app.kit.artifacts_dir)
        await people.erase(db, house.app.ids, house.now, lead.id, asked)
    house.clock.advance(MINUTE)
    await house.settle()

    assert (await house.enrollment(lead)).reason == "erased"
