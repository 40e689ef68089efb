"""Undoing a merge: each lead has its own enrollments back, and nobody is written to twice for it."""

from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy import text

from campaign_house import AGAIN, DAY, HELLO, HOUR, MINUTE, House, a_house
from crowd import suppressed
from overture import campaigns, people
from overture.campaigns import Enrollment
from overture.people import Lead, Merge, Merging
from product import MakeApp
from simulation.folding import unlike_their_events


def saying(name: str, delay: str = "1min", *more: dict[str, Any]) -> dict[str, Any]:
    """A sequence that says hello with its own words."""
    said = {"type": "message", "message": f"{{{{ first_name }}}}: {name}"}
    return {"name": name, "steps": [{**HELLO, "delay": delay, "touchpoint": said}, *more]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def merge(house: House, kept: Lead, merged: Lead) -> Merge:
    """Two leads become one."""
    async with house.app.sessions.begin() as db:
        wanted = Merging(kept.id, merged.id, "by hand", "admin")
        return await people.merge(db, house.app.ids, house.now, wanted)


async def undo(house: House, *done: Merge) -> None:
    """They become two again."""
    for one in done:
        async with house.app.sessions.begin() as db:
            await people.undo(db, await people.merge_by_id(db, one.id), "admin", house.now)


async def of(house: House, *leads: Lead) -> Sequence[list[tuple[str, str]]]:
    """State and reason of every enrollment of each lead."""
    async with house.app.sessions.begin() as db:
        query = "select lead_id, state, reason from enrollments order by enrollment_id"
        rows = (await db.execute(text(query))).all()
    return [[(row.state, row.reason) for row in rows if row.lead_id == one.id] for one in leads]


def said(house: House) -> set[tuple[str | None, str]]:
    """Whom the world saw written to, and what."""
    return {(one.target, str(getattr(one.touchpoint, "message", ""))) for one in house.sent("message")}


async def is_as_told(house: House) -> None:
    """Every state is what the events add up to, and nothing waits silently."""
    async with house.app.sessions.begin() as db:
        assert await unlike_their_events(db) == []
    assert await house.sweep() == []


async def test_each_lead_has_its_own_campaign_back(house: House) -> None:
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("first")), one)
    await house.enroll(await house.campaign(saying("second")), other)
    await house.settle()
    done = await merge(house, one, other)
    await house.settle()
    await undo(house, done)
    await house.pass_time(2 * HOUR)

    assert said(house) == {("lea-1", "Lea1: first"), ("lea-2", "Lea2: second")}
    assert await of(house, one, other) == [[("completed", "completed")]] * 2
    await is_as_told(house)


async def test_what_was_undone_before_anybody_looked_changed_nothing(house: House) -> None:
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("first")), one)
    await house.enroll(await house.campaign(saying("second")), other)
    await house.settle()
    await undo(house, await merge(house, one, other))
    await undo(house, await merge(house, other, one))
    await house.pass_time(2 * HOUR)

    assert said(house) == {("lea-1", "Lea1: first"), ("lea-2", "Lea2: second")}
    await is_as_told(house)


async def test_merged_again_the_other_way_each_undoing_gives_back_what_that_merge_took(house: House) -> None:
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("first", "2 days")), one)
    await house.enroll(await house.campaign(saying("second", "2 days")), other)
    for kept, merged in ((one, other), (other, one), (one, other)):
        done = await merge(house, kept, merged)
        await house.settle()
        assert [len(theirs) for theirs in await of(house, kept, merged)] == [2, 0]
        await undo(house, done)
        await house.settle()
        assert [len(theirs) for theirs in await of(house, kept, merged)] == [1, 1]
    await house.pass_time(3 * DAY)

    assert said(house) == {("lea-1", "Lea1: first"), ("lea-2", "Lea2: second")}
    await is_as_told(house)


async def test_a_chain_is_undone_link_by_link(house: House) -> None:
    """What the third lead brought into the second goes back with the second, and then to the third."""
    one, two, three = await house.people(3)
    for name, lead in zip(("first", "second", "third"), (one, two, three), strict=True):
        await house.enroll(await house.campaign(saying(name, "2 days")), lead)
    inner = await merge(house, two, three)
    await house.settle()
    outer = await merge(house, one, two)
    await house.settle()
    assert [len(theirs) for theirs in await of(house, one, two, three)] == [3, 0, 0]
    await undo(house, outer)
    await house.settle()
    assert [len(theirs) for theirs in await of(house, one, two, three)] == [1, 2, 0]
    await undo(house, inner)
    await house.pass_time(3 * DAY)

    assert said(house) == {
        (f"lea-{n}", f"Lea{n}: {w}") for n, w in ((1, "first"), (2, "second"), (3, "third"))
    }
    await is_as_told(house)


async def test_one_that_ended_as_a_duplicate_goes_on_where_it_stood(house: House) -> None:
    one, other = await house.people(2)
    both = await house.campaign(saying("both", "2 days"))
    await house.enroll(both, one, other)
    await house.settle()
    stood = await house.enrollment(other)
    done = await merge(house, one, other)
    await house.settle()
    assert (await house.enrollment(other)).reason == "duplicate"
    await undo(house, done)
    await house.settle()

    back = await house.enrollment(other)
    assert place(back) == place(stood)
    await house.pass_time(3 * DAY)
    assert said(house) == {("lea-1", "Lea1: both"), ("lea-2", "Lea2: both")}
    await is_as_told(house)


def place(one: Enrollment) -> tuple[object, ...]:
    """Where an enrollment stands."""
    return one.state, one.reason, one.step, one.round, one.fallback, one.entered_at, one.next_action_at


async def test_a_duplicate_stays_ended_when_something_was_sent_to_its_keys_meanwhile(house: House) -> None:
    """The kept lead had no profile of its own: the message went to the other's."""
    one = (await house.people(1, linkedin_slug=None, linkedin_profile_id=None, email="lea@acme.com"))[0]
    other = (await house.people(1))[0]
    both = await house.campaign(saying("both", "1min", AGAIN))
    await house.enroll(both, one, other)
    await house.execute("update enrollments set next_action_at = :at", at=house.now + DAY)
    done = await merge(house, one, other)
    await house.pass_time(DAY + HOUR)
    assert [sent.target for sent in house.sent("message")] == ["lea-2"]
    await undo(house, done)
    await house.pass_time(10 * DAY)

    assert [sent.target for sent in house.sent("message")] == ["lea-2"]
    assert (await house.enrollment(other)).reason == "duplicate"
    assert [touch.lead_id for touch in await house.touches()] == [other.id]
    assert (await house.enrollment(one)).reason == "missing_linkedin_url"
    await is_as_told(house)


async def test_a_duplicate_stays_ended_in_a_campaign_that_is_over(house: House) -> None:
    one, other = await house.people(2)
    both = await house.campaign(saying("both", "2 days"))
    await house.enroll(both, one, other)
    done = await merge(house, one, other)
    await house.settle()
    await house.do(both, "stop")
    await undo(house, done)
    await house.pass_time(3 * DAY)

    assert (await house.enrollment(other)).reason == "duplicate"
    assert said(house) == set()


async def test_what_waits_to_be_sent_to_the_wrong_one_is_taken_back(house: House) -> None:
    """The other's message was on its way to the kept lead's profile: it goes to their own instead."""
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("second")), other)
    await house.tick()
    done = await merge(house, one, other)
    await house.tick()
    house.clock.advance(2 * MINUTE)
    await house.tick()
    assert [touch.target for touch in await house.touches()] == ["lea-1"]
    await undo(house, done)
    await house.tick()
    await house.pass_time(DAY)

    assert said(house) == {("lea-2", "Lea2: second")}
    await is_as_told(house)


async def test_a_text_for_the_one_person_is_approved_for_neither_of_the_two(house: House) -> None:
    one, other = await house.people(2)
    campaign = await house.campaign(saying("second"), approvals={"mode": "all"})
    await house.enroll(campaign, other)
    await house.tick()
    done = await merge(house, one, other)
    await house.pass_time(HOUR)
    await undo(house, done)
    await house.settle()

    assert [(made.lead_id, made.state, made.text) for made in await house.approvals()] == [
        (one.id, "stale", "Lea1: second"),
        (other.id, "pending", "Lea2: second"),
    ]
    await is_as_told(house)


async def test_who_asked_to_be_left_alone_as_one_is_left_alone_as_two(house: House) -> None:
    one, other = await house.people(2)
    first = await house.campaign(saying("first", "2 days"))
    await house.enroll(first, one)
    done = await merge(house, one, other)
    await house.settle()
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(one.id, house.now, "test:stop")
        await campaigns.observe.opted_out(db, house.app.ids, sight, house.now)
    await undo(house, done)
    await house.settle()

    assert await suppressed(house.app, one, other) == {str(one.id), str(other.id)}
    assert await of(house, one, other) == [[("failed", "opted_out")], []]
    await is_as_told(house)


async def test_an_answer_to_the_one_person_stops_both(house: House) -> None:
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("both", "2 days")), one, other)
    done = await merge(house, one, other)
    await house.settle()
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(one.id, house.now, "test:answer")
        await campaigns.observe.replied(db, house.app.ids, sight, house.now)
    await house.settle()
    await undo(house, done)
    await house.pass_time(3 * DAY)

    assert await of(house, one, other) == [[("replied", "replied")]] * 2
    assert said(house) == set()
    await is_as_told(house)


async def test_what_ended_meanwhile_goes_back_without_ending_again(house: House) -> None:
    one, other = await house.people(2)
    await house.enroll(await house.campaign(saying("second")), other)
    done = await merge(house, one, other)
    await house.pass_time(HOUR)
    await undo(house, done)
    await house.settle()

    assert await of(house, one, other) == [[], [("completed", "completed")]]
    assert [touch.lead_id for touch in await house.touches()] == [one.id]
    async with house.app.sessions() as db:
        ends = await db.scalar(text("select count(*) from events where type = 'enrollment.finished'"))
    assert ends == 1
    await is_as_told(house)
