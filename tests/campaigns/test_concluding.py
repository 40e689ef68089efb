"""The stage of whoever is done everywhere: COMPLETED or FAILED, and never out of a closed one."""

import pytest

from campaign_house import ACCEPT, CLASSIC, DAY, HELLO, HOUR, INVITE, House, a_house
from crowd import events, see
from overture import campaigns, people
from overture.people import Lead, Merging, Stage, stage
from product import MakeApp

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}
LATE = {"name": "late", "steps": [{**HELLO, "delay": "9 days"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def stage_of(house: House, lead: Lead) -> str:
    """The lead's stage."""
    return (await see(house.app, lead)).stage


async def moves(house: House, lead: Lead) -> list[tuple[object, ...]]:
    """From where to where the lead was moved, why and by whom."""
    told = [data for kind, data in await events(house.app, lead) if kind == "lead.stage_changed"]
    return [(one["from"], one["to"], one["why"], one["by"]) for one in told]


async def sign(house: House, lead: Lead, kind: campaigns.observe.SignalKind) -> None:
    """Something is seen of the lead."""
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(lead.id, house.now, f"test:{kind}")
        await campaigns.observe.see(db, house.app.ids, kind, sight, house.now)


async def by_hand(house: House, lead: Lead, to: Stage) -> None:
    """An administrator sets the stage."""
    async with house.app.sessions.begin() as db:
        found = await people.by_id(db, lead.id, lock=True)
        await stage.set_by_hand(db, found, to, "we know better", "admin", house.now)


async def test_whose_sequence_came_to_its_end_is_completed(house: House) -> None:
    lead = (await house.people(1))[0]
    await house.enroll(await house.campaign(ONE), lead)
    await house.pass_time(HOUR)

    assert await moves(house, lead) == [("DISCOVERED", "COMPLETED", "enrollment:completed", "planner")]


async def test_the_way_of_an_invitation_leads_through_all_stages(house: House) -> None:
    lead = (await house.people(1))[0]
    house.pending()
    await house.enroll(await house.campaign(CLASSIC), lead)
    await house.pass_time(HOUR)
    assert await stage_of(house, lead) == "PENDING"
    house.accepts(lead)
    await house.pass_time(2 * DAY)
    assert await stage_of(house, lead) == "CONNECTED"
    await house.pass_time(10 * DAY)

    assert [to for _, to, _, _ in await moves(house, lead)][-2:] == ["CONNECTED", "COMPLETED"]


async def test_whoever_answered_is_completed_and_whoever_declined_has_failed(house: House) -> None:
    answering, declining = await house.people(2)
    await house.enroll(await house.campaign(LATE), answering, declining)
    await house.settle()
    await sign(house, answering, "replied")
    await sign(house, declining, "declined")
    await house.settle()

    assert (await moves(house, answering))[-1][1:3] == ("COMPLETED", "enrollment:replied")
    assert (await moves(house, declining))[-1][1:3] == ("FAILED", "enrollment:declined")


async def test_nobody_is_done_who_is_still_in_a_campaign(house: House) -> None:
    lead = (await house.people(1))[0]
    late = await house.campaign(LATE)
    await house.enroll(late, lead)
    await house.enroll(await house.campaign(ONE, active_elsewhere="enroll"), lead)
    await house.pass_time(DAY)
    assert await stage_of(house, lead) == "DISCOVERED"
    await house.do(late, "stop")
    await house.settle()

    assert await stage_of(house, lead) == "COMPLETED"


async def test_a_campaign_that_was_stopped_completes_and_fails_nobody(house: House) -> None:
    lead = (await house.people(1))[0]
    late = await house.campaign(LATE)
    await house.enroll(late, lead)
    await house.settle()
    await house.do(late, "stop")
    await house.settle()

    assert await moves(house, lead) == []


async def test_whose_invitation_is_still_out_stays_pending_and_may_accept_late(house: House) -> None:
    lead = (await house.people(1))[0]
    house.pending()
    await house.enroll(await house.campaign({"name": "invite", "steps": [INVITE, ACCEPT]}), lead)
    await house.pass_time(20 * DAY)
    assert (await house.enrollment(lead)).reason == "invite_expired"
    assert await stage_of(house, lead) == "PENDING"
    house.accepts(lead)
    await house.pass_time(2 * DAY)

    assert await stage_of(house, lead) == "CONNECTED"


async def test_a_closed_stage_stays_and_what_was_set_by_hand_is_not_undone(house: House) -> None:
    ignored, mistaken = await house.people(2)
    await by_hand(house, ignored, "IGNORED")
    late, later = await house.campaign(LATE), await house.campaign({**LATE, "name": "later"})
    await house.enroll(late, ignored, mistaken)
    await house.settle()
    for lead in (ignored, mistaken):
        await sign(house, lead, "declined")
    await house.settle()
    assert [await stage_of(house, one) for one in (ignored, mistaken)] == ["IGNORED", "FAILED"]
    await by_hand(house, mistaken, "ENRICHED")
    await house.enroll(later, mistaken)
    await house.settle()
    await house.do(later, "stop")
    await house.settle()

    assert [await stage_of(house, one) for one in (ignored, mistaken)] == ["IGNORED", "ENRICHED"]


async def test_two_leads_that_are_one_person_are_done_as_one(house: House) -> None:
    kept, merged = await house.people(2)
    await house.enroll(await house.campaign(ONE), merged)
    await house.enroll(await house.campaign(LATE), kept)
    async with house.app.sessions.begin() as db:
        wanted = Merging(kept.id, merged.id, "by hand", "admin")
        await people.merge(db, house.app.ids, house.now, wanted)
    await house.pass_time(DAY)
    assert await stage_of(house, kept) == "DISCOVERED"
    await house.pass_time(10 * DAY)

    assert await stage_of(house, kept) == "COMPLETED"
    assert await stage_of(house, merged) == "DISCOVERED"
