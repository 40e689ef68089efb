"""What each number of the funnel counts: people, by what is known of them."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaign_house import AGAIN, CLASSIC, DAY, HELLO, HOUR, INVITE, MINUTE, WRITE, House, a_house
from crowd import observe, suppress
from fakes import noop
from overture import campaigns, people
from overture.campaigns import FUNNEL, Enrollment, Funnel, Sight
from overture.campaigns import observe as seen_of
from overture.entrypoints.api.outreach.funnel import steps_of
from overture.entrypoints.web import campaign_queries
from overture.people import Lead, Seen
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def funnel(house: House, campaign: Any) -> Funnel:
    """The funnel, and that each number is that of the rows behind it."""
    async with house.app.sessions() as db:
        found = (await campaigns.funnels(db, [campaign]))[campaign]
        for name in FUNNEL:
            rows = await db.scalars(select(Enrollment.id).where(campaigns.counted_in(name, [campaign])))
            assert len(rows.all()) == getattr(found, name), name
    return found


async def see(house: House, what: str, lead: Lead, ago: timedelta = timedelta()) -> None:
    """Take down what a person did."""
    sight = Sight(lead.id, house.now - ago, f"test:{what}")
    async with house.app.sessions.begin() as db:
        await getattr(seen_of, what)(db, house.app.ids, sight, house.now)


async def test_nobody_is_in_it_yet(house: House) -> None:
    assert await funnel(house, await house.campaign(CLASSIC)) == Funnel()


async def test_an_invitation_of_before_is_not_one_of_the_campaign(house: House) -> None:
    """It was pending when we came: not invited by us here, and its acceptance is not this campaign's."""
    mine, theirs = await house.people(2)
    house.provider.script("lea-2", noop())
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, mine, theirs)
    await house.pass_time(2 * HOUR)  # one after the other
    house.accepts(mine)
    house.accepts(theirs)
    await house.pass_time(DAY)

    found = await funnel(house, campaign)
    assert (found.enrolled, found.invited, found.accepted) == (2, 1, 1)
    assert found.waiting == 2


async def test_the_page_does_not_call_delivered_what_was_so_already(house: House) -> None:
    """Somebody whose invitation was pending before: nothing was sent to them."""
    mine, theirs = await house.people(2)
    house.provider.script("lea-2", noop())
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, mine, theirs)
    await house.pass_time(DAY)

    async with house.app.sessions() as db:
        steps = await campaign_queries.by_step(db, campaign)
        counts = await steps_of(db, campaign, ["invite"])
        wanted = campaign_queries.WantedEnrollments(campaign, touched=("invite", "delivered"))
        delivered = await campaign_queries.enrollments(db, wanted, None, 10)

    assert (steps["invite"].delivered, steps["invite"].noop) == (1, 1)
    assert (counts[0].delivered, counts[0].noop) == (1, 1)
    assert [lead.id for _, lead, _, _ in delivered] == [mine.id]


async def test_an_answer_after_the_end_counts(house: House) -> None:
    """The sequence is over, the person is not."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.pass_time(5 * DAY)
    assert await funnel(house, campaign) == Funnel(enrolled=1, touched=1, messaged=1, completed=1)
    await see(house, "replied", lead)
    await house.settle()

    found = await funnel(house, campaign)
    assert found == Funnel(enrolled=1, touched=1, messaged=1, completed=1, replied=1)
    assert (await house.enrollment(lead)).state == "completed"


async def test_an_answer_of_before_does_not_count(house: House) -> None:
    """What they said before they were enrolled, they did not say to this campaign."""
    (lead,) = await house.people(1)
    await see(house, "replied", lead, ago=MINUTE)
    campaign = await house.campaign(WRITE, replied_before="enroll")
    await house.enroll(campaign, lead)

    assert await funnel(house, campaign) == Funnel(enrolled=1, waiting=1)


@pytest.mark.parametrize("what", ["opted_out", "declined"])
async def test_a_no_counts_whenever_it_comes(house: House, what: str) -> None:
    early, late = await house.people(2)
    campaign = await house.campaign({"name": "one", "steps": [WRITE["steps"][0]]})
    await house.enroll(campaign, early, late)
    await see(house, what, early)
    await house.settle()
    await see(house, what, late)
    await house.settle()

    found = await funnel(house, campaign)
    assert (getattr(found, what), found.replied, found.completed) == (2, 0, 1)


async def test_a_person_suppressed_for_an_opt_out_has_opted_out(house: House) -> None:
    """Somebody of us wrote it down; nothing was seen by us."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await suppress(house.app, "person", str(lead.id))
    await house.settle()

    assert await funnel(house, campaign) == Funnel(enrolled=1, opted_out=1)


async def test_an_acceptance_stays_one_when_the_connection_goes(house: House) -> None:
    (lead,) = await house.people(1)
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, lead)
    await house.settle()
    for hour, state in ((1, "connected"), (2, "none")):
        house.clock.advance(HOUR)
        await observe(house.app, "ada", lead, Seen(state, house.now, f"test:{hour}"))  # type: ignore[arg-type]

    assert (await funnel(house, campaign)).accepted == 1


async def test_a_person_counts_under_every_lead_of_theirs(house: House) -> None:
    """The answer came to the lead that stayed; the sequence was over before the two were known as one."""
    done, kept = await house.people(2)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, done)
    await house.pass_time(5 * DAY)
    async with house.app.sessions.begin() as db:
        wanted = people.Merging(kept.id, done.id, "test", "test")
        await people.merge(db, house.app.ids, house.now, wanted)
    await see(house, "replied", kept)

    assert (await funnel(house, campaign)).replied == 1


async def test_who_waits_and_who_needs_somebody(house: House) -> None:
    """Whoever is not over is in exactly one of waiting, blocked and paused."""
    waits, misses, rests = await house.people(2) + await house.people(1, first_name=None)
    misses, rests = rests, misses
    named = {**HELLO, "delay": "0min", "touchpoint": {"type": "message", "message": "Hi {{ first_name }}"}}
    campaign = await house.campaign({"name": "named", "steps": [named, AGAIN]})
    await house.enroll(campaign, waits, misses, rests)
    await house.settle()
    mine = await house.enrollment(rests)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        await campaigns.pause(db, found, "test", house.now)

    said = await funnel(house, campaign)
    assert (said.enrolled, said.waiting, said.blocked, said.paused) == (3, 1, 1, 1)


async def test_several_campaigns_are_told_apart(house: House) -> None:
    one, two = await house.people(2)
    first, second = await house.campaign(WRITE), await house.campaign({"name": "i", "steps": [INVITE]})
    await house.enroll(first, one)
    await house.enroll(second, two)
    await house.settle()

    async with house.app.sessions() as db:
        found = await campaigns.funnels(db, [first, second])
    assert (found[first].messaged, found[first].invited) == (1, 0)
    assert (found[second].messaged, found[second].invited) == (0, 1)
