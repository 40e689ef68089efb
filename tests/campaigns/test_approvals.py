"""Which texts a person approves: the first few, or a share chosen by chance."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from campaign_house import HELLO, HOUR, INVITE, WRITE, House, a_house
from crowd import events
from overture import campaigns
from overture.campaigns import Approval
from product import MakeApp
from waiting import eventually

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def approve(house: House, count: int) -> set[str]:
    """A person approves that many of the texts that wait, oldest first; whose they are."""
    waiting = [one for one in await house.approvals() if one.state == "pending"]
    assert len(waiting) >= count
    async with house.app.sessions.begin() as db:
        for one in waiting[:count]:
            found = await campaigns.approvals.by_id(db, one.id)
            await campaigns.approvals.approve(db, found, one.content_hash, "mira", house.now)
    chosen = {one.lead_id for one in waiting[:count]}
    return {f"lea-{number}" for number, lead in enumerate(house.leads, 1) if lead.id in chosen}


async def test_the_first_texts_are_approved_and_then_they_go_by_themselves(house: House) -> None:
    """Nothing goes until a person said yes; after so many times yes nobody is asked any more."""
    campaign = await house.campaign(ONE, approvals={"mode": "first_n", "n": 2})
    await house.enroll(campaign, *await house.people(3))
    await house.pass_time(HOUR)
    assert house.sent() == []
    assert [one.state for one in await house.approvals()] == ["pending"] * 3

    chosen = await approve(house, 1)
    await house.enroll(campaign, *await house.people(1))
    await house.pass_time(HOUR)
    assert {one.target for one in house.sent()} == chosen
    assert len(await house.approvals()) == 4

    chosen |= await approve(house, 1)
    await house.enroll(campaign, *await house.people(2))
    await house.pass_time(HOUR)
    assert {one.target for one in house.sent()} == {*chosen, "lea-5", "lea-6"}
    states = sorted(one.state for one in await house.approvals())
    assert states == ["approved", "approved", "pending", "pending"]


async def test_of_a_sample_a_share_is_asked_for_and_the_rest_goes(house: House) -> None:
    """Who is chosen stays chosen, however often it is decided anew."""
    leads = await house.people(12)
    campaign = await house.campaign(ONE, approvals={"mode": "sample", "percent": 50})
    await house.enroll(campaign, *leads)
    await house.pass_time(6 * HOUR)
    asked = {one.lead_id for one in await house.approvals()}
    assert 2 <= len(asked) <= 10
    assert len(house.sent("message")) == 12 - len(asked)
    assert {(await house.enrollment(lead)).reason for lead in leads if lead.id in asked} == {
        "waiting_approval"
    }

    await house.execute(
        "update enrollments set next_action_at = :now where reason = 'waiting_approval'", now=house.now
    )
    await house.settle()
    assert {one.lead_id for one in await house.approvals()} == asked
    await approve(house, len(asked))
    await house.pass_time(6 * HOUR)
    assert len(house.sent("message")) == 12


async def test_a_sample_of_all_asks_for_everybody(house: House) -> None:
    """A hundred percent is all."""
    await house.enroll(
        await house.campaign(ONE, approvals={"mode": "sample", "percent": 100}), *await house.people(3)
    )
    await house.pass_time(HOUR)

    assert house.sent() == []
    assert len(await house.approvals()) == 3


ALL: dict[str, Any] = {"approvals": {"mode": "all"}}


async def states(house: House) -> list[tuple[str, str | None]]:
    """State and note of every approval."""
    return [(one.state, one.note) for one in await house.approvals()]


async def test_who_opts_out_leaves_no_text_to_decide_on(house: House) -> None:
    """The text that waited for a yes is closed with the enrollment, and the log says so."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE, **ALL), lead)
    await house.settle()
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(lead.id, house.now, "test")
        await campaigns.observe.opted_out(db, house.app.ids, sight, house.now)
    await house.settle()

    assert await states(house) == [("stale", "the lead is done here: opted_out")]
    told = [data["state"] for kind, data in await events(house.app, lead) if kind == "approval.stale"]
    assert told == ["stale"]


@pytest.mark.parametrize("verb", ["stop", "complete"])
async def test_a_campaign_that_is_over_leaves_no_text_to_decide_on(house: House, verb: str) -> None:
    """All of them at once."""
    leads = await house.people(3)
    campaign = await house.campaign(ONE, **ALL)
    await house.enroll(campaign, *leads)
    await house.settle()
    await house.do(campaign, verb)

    assert await states(house) == [("stale", "the lead is done here: stopped_by_user")] * 3


@pytest.mark.parametrize("verb", ["stop", "skip_step"])
async def test_a_step_that_is_not_taken_leaves_no_text_to_decide_on(house: House, verb: str) -> None:
    """Stopped, or passed over by a person: nobody will send that text."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE, **ALL), lead)
    await house.settle()
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        act = campaigns.stop if verb == "stop" else campaigns.skip_step
        await act(db, found, "test", house.now)

    ((state, note),) = await states(house)
    assert state == "stale"
    assert (
        note
        == {
            "stop": "the lead is done here: stopped_by_user",
            "skip_step": "the lead has gone on from this step",
        }[verb]
    )


async def test_an_approval_that_goes_stale_still_counts_among_the_first(house: House) -> None:
    """The first two were approved; that the text of one changed afterwards does not begin it anew."""
    campaign_id = await house.campaign(ONE, approvals={"mode": "first_n", "n": 2})
    await house.enroll(campaign_id, *await house.people(2))
    await house.settle()
    await house.do(campaign_id, "pause")
    await approve(house, 2)
    step = {**HELLO, "delay": "0min", "touchpoint": {"type": "message", "message": "Hello anew"}}
    edited = {**ONE, "steps": [step]}
    async with house.app.sessions.begin() as db:
        campaign = await campaigns.campaign_by_id(db, campaign_id, lock=True)
        change = campaigns.CampaignChange(sequence=edited)
        await campaigns.change(db, campaign, change, "test", house.now)
        await campaigns.publish(db, house.app.ids, campaign, "test", house.now)
    await house.do(campaign_id, "resume")
    await house.pass_time(2 * HOUR)

    assert {state for state, _ in await states(house)} == {"stale"}
    assert len(house.sent("message")) == 2


async def test_a_decision_and_the_planner_do_not_block_each_other(house: House) -> None:
    """Both lock the enrollment first, and then the text."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE, **ALL), lead)
    await house.settle()
    (waiting,) = await house.approvals()
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as planner:
        await campaigns.enrollment_by_id(planner, mine.id, lock=True)
        deciding = asyncio.create_task(yes(house, waiting))
        await eventually(lambda: is_waited_for(house))
        await planner.execute(
            text("select 1 from approvals where approval_id = :id for update nowait"), {"id": waiting.id}
        )
    await deciding
    assert [state for state, _ in await states(house)] == ["approved"]


async def yes(house: House, waiting: Approval) -> None:
    """A person approves it."""
    async with house.app.sessions.begin() as db:
        found = await campaigns.approvals.by_id(db, waiting.id)
        await campaigns.approvals.approve(db, found, waiting.content_hash, "mira", house.now)


async def is_waited_for(house: House) -> bool:
    """Whether a statement waits for a lock."""
    async with house.app.sessions() as db:
        return bool(await db.scalar(text("select exists (select 1 from pg_locks where not granted)")))


async def test_who_waits_for_a_person_is_left_in_peace_by_readings_that_tell_nothing_new(
    house: House,
) -> None:
    """A reading lists every connection each time; nobody queues anew and waits anew because of that."""
    steps = [INVITE, HELLO]
    campaign = await house.campaign({"name": "two", "steps": steps}, approvals={"mode": "all"})
    (lead,) = await house.people(1)
    await house.enroll(campaign, lead)
    await house.pass_time(HOUR)
    house.accepts(lead)
    await house.pass_time(25 * HOUR)
    assert (await house.enrollment(lead)).reason == "waiting_approval"
    before = await events(house.app, lead)

    await house.pass_time(48 * HOUR)

    read = [data for kind, data in await events(house.app) if kind == "run.completed"]
    assert [one["touchpoint_type"] for one in read].count("sync_relations") >= 4
    assert await events(house.app, lead) == before
