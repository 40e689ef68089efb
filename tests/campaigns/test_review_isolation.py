"""One lead, one run, one campaign that cannot be handled keeps nobody else waiting, and nothing is lost."""

from dataclasses import replace

import pytest
from psycopg.errors import DeadlockDetected
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from campaign_house import DAY, HELLO, HOUR, MINUTE, WRITE, House, a_house
from overture import campaigns, people
from overture.campaigns import lanes
from product import MakeApp

LATE = {"name": "late", "steps": [{**HELLO, "delay": "2 days"}]}
WORKDAYS = {"name": "workdays", "steps": [{**HELLO, "delay": "2 working days"}]}
ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def test_a_lead_that_cannot_be_decided_upon_holds_nobody_up(house: House) -> None:
    """Becoming due together: the others go on, it waits for a person, and why says so."""
    bad, good = await house.people(2)
    await house.enroll(await house.campaign(WORKDAYS), bad, good)
    await house.execute("update leads set zone = 'Nowhere/Land' where lead_id = :lead", lead=bad.id)
    await house.pass_time(5 * DAY)

    assert [one.target for one in house.sent("message")] == ["lea-2"]
    assert (await house.enrollment(bad)).reason == "config_invalid"
    assert await house.sweep() == []


async def test_an_event_of_a_lead_that_cannot_be_decided_upon_is_taken_in(house: House) -> None:
    """What happened to the others in the same batch of the log is applied."""
    bad, good = await house.people(2)
    await house.enroll(await house.campaign(WORKDAYS), bad, good)
    await house.settle()
    await house.execute("update leads set zone = 'Nowhere/Land' where lead_id = :lead", lead=bad.id)
    await house.execute("update enrollments set reason = 'delay'")
    async with house.app.sessions.begin() as db:
        for lead in (bad, good):
            sight = campaigns.Sight(lead.id, house.now, f"test:{lead.id}", until=house.now + HOUR)
            await campaigns.observe.auto_replied(db, house.app.ids, sight, house.now)
    await house.settle()

    assert (await house.enrollment(good)).reason == "auto_replied"
    await house.pass_time(5 * DAY)
    assert [one.target for one in house.sent("message")] == ["lea-2"]
    assert (await house.enrollment(bad)).reason == "config_invalid"


async def test_a_reading_that_cannot_be_understood_loses_no_other_event(house: House) -> None:
    """A result of another version's shape: the rest is taken in, and that reading settles nothing."""
    lead, other = await house.people(2)
    await house.enroll(await house.campaign(WRITE), lead, other)
    await house.pass_time(2 * MINUTE)
    await house.execute("update syncs set next_at = :now", now=house.now)
    await house.tick()
    await house.work()
    await house.execute(
        "update runs set result = cast(:bad as jsonb) where touchpoint_type = 'sync_inbox'",
        bad='{"conversations": 7, "complete": true}',
    )
    await house.pass_time(4 * DAY)

    assert len(house.sent("message")) == 4
    assert [(await house.enrollment(one)).state for one in (lead, other)] == ["completed", "completed"]


REFUSE: tuple[str, ...] = (
    """create function refuse() returns trigger language plpgsql as $$ begin
    if new.detail is distinct from old.detail and new.reason <> 'config_invalid'
        or new.reason = 'queued' or new.reason = 'auto_replied'
    then raise exception 'this lead cannot be kept'; end if; return new; end $$""",
    """create trigger refuse before update on enrollments for each row
    when (new.lead_id = '{lead}') execute function refuse()""",
)


async def test_a_lead_that_the_database_refuses_holds_nobody_up(house: House) -> None:
    """What is decided upon cannot be written: the transaction is undone, the others are kept one by one."""
    bad, good = await house.people(2)
    await house.enroll(await house.campaign(LATE), bad, good)
    await house.settle()
    for statement in REFUSE:
        await house.execute(statement.replace("{lead}", str(bad.id)).replace(":", "\\:"))
    await house.pass_time(3 * DAY)

    assert [one.target for one in house.sent("message")] == ["lea-2"]
    found = await house.enrollment(bad)
    assert (found.reason, found.detail) == ("config_invalid", "planning its step failed (ProgrammingError)")


async def test_an_event_that_the_database_refuses_is_passed_over(house: House) -> None:
    """The events before and behind it are applied, each once; whom it is about waits for a person."""
    first, bad, last = await house.people(3)
    await house.enroll(await house.campaign(LATE), first, bad, last)
    await house.settle()
    for statement in REFUSE:
        await house.execute(statement.replace("{lead}", str(bad.id)).replace(":", "\\:"))
    async with house.app.sessions.begin() as db:
        for lead in (first, bad, last):
            sight = campaigns.Sight(lead.id, house.now, f"test:{lead.id}", until=house.now + 3 * DAY)
            await campaigns.observe.auto_replied(db, house.app.ids, sight, house.now)
    await house.settle()

    stand = [(await house.enrollment(one)).reason for one in (first, bad, last)]
    assert stand == ["auto_replied", "config_invalid", "auto_replied"]
    assert (await house.tick()).counts["events"] == 0


async def test_a_deadlock_is_nobodys_fault(house: House) -> None:
    """The database broke a ring of planners, twice: the lead keeps its place and is written to."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE), lead)
    left = 2

    def breaks(step: str) -> None:
        nonlocal left
        if step == "submit.between" and left:
            left -= 1
            raise OperationalError("submit", {}, DeadlockDetected())

    kit = replace(house.app.planner_kit, on_step=breaks)
    for _ in range(3):
        try:
            await campaigns.tick(kit, house.now)
        except OperationalError:
            continue
    await house.work()

    assert left == 0
    assert [one.target for one in house.sent("message")] == ["lea-1"]


async def test_an_answer_of_somebody_paused_stops_their_colleagues(house: House) -> None:
    """A pause of one is no reason to go on with the others of the company."""
    paused, other = await house.people(2, company_name="Northbeam")
    campaign = await house.campaign(LATE, stop_for_company=True)
    await house.enroll(campaign, paused, other)
    await house.settle()
    async with house.app.sessions.begin() as db:
        enrollment = await campaigns.enrollment_by_id(db, (await house.enrollment(paused)).id, lock=True)
        await campaigns.pause(db, enrollment, "test", house.now)
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(paused.id, house.now, "test:answer")
        await campaigns.observe.replied(db, house.app.ids, sight, house.now)
    await house.settle()

    assert (await house.enrollment(paused)).reason == "replied"
    assert (await house.enrollment(other)).reason == "company_replied"


async def test_an_answer_that_a_due_lead_shows_first_stops_their_colleagues(house: House) -> None:
    """It became due while its event was still out of the reader's sight: its colleagues end all the same."""
    written, other = await house.people(2, company_name="Northbeam")
    await house.enroll(await house.campaign(LATE, stop_for_company=True), written, other)
    await house.settle()
    async with house.app.sessions() as long:  # an old transaction: no event after it is settled
        await long.execute(text("select pg_current_xact_id()"))
        async with house.app.sessions.begin() as db:
            sight = campaigns.Sight(written.id, house.now, "test:answer")
            await campaigns.observe.replied(db, house.app.ids, sight, house.now)
        await house.execute(
            "update enrollments set next_action_at = :now where lead_id = :lead",
            now=house.now,
            lead=written.id,
        )
        await house.tick()
        assert (await house.enrollment(written)).reason == "replied"
    await house.settle()

    assert (await house.enrollment(other)).reason == "company_replied"


async def test_two_merges_in_one_batch_leave_one_enrollment(house: House) -> None:
    """The second merge follows from the first: whoever was in twice as three leads goes on once."""
    last, first, middle = sorted(await house.people(3), key=lambda one: one.id)
    campaign = await house.campaign(LATE)
    await house.enroll(campaign, last, first)
    await house.settle()
    second = (await house.enrollment(first)).id
    for kept, merged in ((middle, first), (last, middle)):
        async with house.app.sessions.begin() as db:
            wanted = people.Merging(kept.id, merged.id, "test", "test")
            await people.merge(db, house.app.ids, house.now, wanted)
    await house.settle()

    assert (await house.enrollment(last)).state == "active"
    async with house.app.sessions() as db:
        ended = await campaigns.enrollment_by_id(db, second)
    assert (ended.state, ended.reason) == ("ignored", "duplicate")


async def test_an_account_that_cannot_be_read_holds_up_no_other(house: House) -> None:
    """Its hours are broken: the other account's leads are written to, its own lead says what is wrong."""
    await house.sender("grace")
    stuck, fine = await house.people(2)
    await house.enroll(await house.campaign(ONE, "ada"), stuck)
    await house.enroll(await house.campaign({**ONE, "name": "other"}, "grace"), fine)
    await house.execute("update accounts set zone = 'Nowhere/Land' where handle = 'ada'")
    await house.tick()
    await house.execute("update accounts set zone = 'UTC' where handle = 'ada'")
    await house.work()
    assert [one.target for one in house.sent("message")] == ["lea-2"]
    assert (await house.why(stuck)).code == "config_invalid"

    await house.pass_time(HOUR)
    assert len(house.sent("message")) == 2


async def test_a_campaign_that_cannot_be_read_holds_up_no_other(house: House) -> None:
    """Of two campaigns that queue in one lane the other is served."""
    stuck, fine, last = await house.people(3)
    broken, sound = await house.campaign(ONE), await house.campaign({**ONE, "name": "sound"})
    await house.enroll(broken, stuck)
    await house.enroll(sound, fine, last)
    async with house.app.sessions.begin() as db:
        await db.execute(text("update enrollments set reason = 'queued', lane = 'follow_up'"))
        await db.execute(text("update campaigns set settings = settings || '{\"daily_cap\": \"many\"}'"
                              " where campaign_id = :id"), {"id": broken})  # fmt: skip
        await lanes.wake(db, [((await house.enrollment(stuck)).account_id, "follow_up")], house.now)
    await house.pass_time(2 * HOUR)

    assert sorted(str(one.target) for one in house.sent("message")) == ["lea-2", "lea-3"]
