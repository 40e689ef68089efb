"""What campaigns say at the gate is read in one statement: it says what the rules say one by one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession

from campaign_house import HELLO, House, a_house
from overture import campaigns, people, runs
from overture.campaigns import Approval, Campaign, CampaignSettings, Enrollment, Touch
from overture.campaigns.settings import SAME_TEXT_SPAN, TOUCH_SPAN
from overture.campaigns.tables import OVER, TOUCH_STATES, Signal
from overture.campaigns.vetoes import LOOK, SILENCING
from overture.core.reasons import Reason
from overture.people import Lead
from overture.runs import Go, Never, Passage, Run, RunRequest, Wait
from overture.touchpoints import Message
from product import MakeApp

WORLDS = 10
TOUCHES = 14
ONE = {"name": "one", "steps": [{**HELLO, "delay": "30 days"}]}
LIVE = ("submitted", "delivered", "unknown")
CODES = {"replied": "replied_already", "opted_out": "opted_out", "manual_contact": "operator_wrote"}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """Five people in two campaigns; three work at one place, two are one person."""
    house = await a_house(make_app)
    await house.sender()
    leads = [*await house.people(3, company_name="Northbeam"), *await house.people(2)]
    for _ in range(2):
        await house.enroll(await house.campaign(ONE, active_elsewhere="enroll"), *leads)
    merged = "update leads set merged_into = :kept where lead_id = :merged"
    await house.execute(merged, kept=leads[3].id, merged=leads[4].id)
    return house


@dataclass
class World:
    """Everything there is, as rows."""

    campaigns: dict[UUID, Campaign]
    enrollments: dict[UUID, Enrollment]
    leads: dict[UUID, Lead]
    touches: list[Touch]
    approvals: dict[UUID, Approval]
    signals: list[Signal]


async def a_world(house: House, db: AsyncSession, rng: Random) -> tuple[World, dict[UUID, Run]]:
    """Campaigns and enrollments in any state, with touches, approvals and signals of any age."""
    by_campaign = {one.id: one for one in await db.scalars(select(Campaign).order_by(Campaign.id))}
    by_name = select(Lead).order_by(Lead.first_name, Lead.last_name, Lead.full_name, Lead.id)
    leads = {one.id: one for one in await db.scalars(by_name)}
    places = list(leads)
    of_all = sorted(
        await db.scalars(select(Enrollment)),
        key=lambda one: (list(by_campaign).index(one.campaign_id), places.index(one.lead_id)),
    )
    enrollments = {one.id: one for one in of_all}
    for campaign in by_campaign.values():
        campaign.state = rng.choice(["active"] * 6 + ["paused", "stopped"])
        known: dict[str, object] = {
            "max_touches_30d": rng.randint(1, 4),
            "stop_for_company": rng.random() < 0.5,
            "approvals": {"mode": rng.choice(["none", "all"])},
        }
        campaign.settings = {name: value for name, value in known.items() if rng.random() < 0.8}
    for enrollment in enrollments.values():
        settle(enrollment, rng, house.now)
    world = World(by_campaign, enrollments, leads, [], {}, [])
    runs_of = {run.id: run for run in [await a_touch(house, db, rng, world) for _ in range(TOUCHES)]}
    world.signals = [a_signal(house, rng, world) for _ in range(rng.randrange(3))]
    db.add_all(world.signals)
    await db.flush()
    return world, runs_of


def settle(enrollment: Enrollment, rng: Random, now: datetime) -> None:
    """Some state that the database allows."""
    enrollment.enrolled_at = now - timedelta(days=rng.choice([1, 10]))
    luck = rng.random()
    if luck < 0.1:
        enrollment.state = enrollment.reason = "paused"
        enrollment.reason = "paused_by_user"
    elif luck < 0.3:
        enrollment.state, enrollment.reason = rng.choice(
            [("replied", "replied"), ("ignored", "opted_out"), ("failed", "not_found")]
        )
        enrollment.finished_at, enrollment.next_action_at = now, None


async def a_touch(house: House, db: AsyncSession, rng: Random, world: World) -> Run:
    """One touch, its run and perhaps an approval, right or wrong."""
    app, now = house.app, house.now
    enrollment = rng.choice(list(world.enrollments.values()))
    request = RunRequest("ada", Message(public_identifier="lea", message=rng.choice("ab")))
    run = (await runs.submit(db, app.ids, request, now, now)).run
    state = rng.choice(TOUCH_STATES)
    planned_at = now - timedelta(days=rng.choice([0, 0, 5, 29, 31, 181]))
    ended_at = planned_at + rng.choice([0, 1]) * (now - planned_at) / 9
    touch = Touch(
        id=app.ids.new(),
        enrollment_id=enrollment.id,
        campaign_id=enrollment.campaign_id,
        lead_id=rng.choice([enrollment.lead_id] * 9 + list(world.leads)),
        account_id=run.account_id,
        step=f"s{len(world.touches)}",
        round=0,
        fallback=0,
        run_id=run.id,
        channel="linkedin",
        touchpoint_type="message",
        reaches_person=rng.random() < 0.8,
        text_hash=rng.choice([None, "x", "y", "z"]),
        needs_approval=rng.random() < 0.2,
        state=state,
        planned_at=planned_at,
        ended_at=None if state in ("submitted", "unknown") else ended_at,
    )
    if rng.random() < 0.4:
        approval = an_approval(house, rng, touch, run)
        touch.approval_id = rng.choice([approval.id, approval.id, app.ids.new()])
        world.approvals[approval.id] = approval
        db.add(approval)
    db.add(touch)
    await db.flush()
    world.touches.append(touch)
    return run


def an_approval(house: House, rng: Random, touch: Touch, run: Run) -> Approval:
    """An approval of this touch, which may be of another text, person, account or channel."""
    wrong = rng.choice([None, None, "content_hash", "lead_id", "account_id", "channel"])
    bound = {
        "content_hash": run.content_hash,
        "lead_id": touch.lead_id,
        "account_id": run.account_id,
        "channel": touch.channel,
    }
    if wrong is not None:
        bound[wrong] = house.app.ids.new() if wrong.endswith("_id") else "other"
    return Approval(
        id=house.app.ids.new(),
        enrollment_id=touch.enrollment_id,
        campaign_id=touch.campaign_id,
        step=touch.step,
        round=0,
        fallback=0,
        touchpoint={},
        rendered_hash="",
        state=rng.choice(["approved", "approved", "pending", "stale"]),
        origin="template",
        created_at=house.now,
        **bound,
    )


def a_signal(house: House, rng: Random, world: World) -> Signal:
    """Something somebody did."""
    return Signal(
        id=house.app.ids.new(),
        lead_id=rng.choice(list(world.leads)),
        kind=rng.choice([*SILENCING, "auto_replied", "accepted"]),
        at=house.now - timedelta(days=rng.choice([0, 1, 5, 20])),
        source=str(house.app.ids.new()),
        seen_at=house.now,
    )


def rule_by_rule(world: World, touch: Touch, run: Run, members: frozenset[UUID], now: datetime) -> Passage:
    """What the rules say, asked of the rows one by one: the first that is against it."""
    enrollment = world.enrollments[touch.enrollment_id]
    campaign = world.campaigns[enrollment.campaign_id]
    settings = CampaignSettings.model_validate(campaign.settings)
    return (
        of_the_states(campaign, enrollment, now)
        or of_newer(world, touch)
        or (of_the_person(world, touch, members, settings, now) if touch.reaches_person else None)
        or of_the_approval(world, touch, run, settings)
        or Go()
    )


def of_the_states(campaign: Campaign, enrollment: Enrollment, now: datetime) -> Passage | None:
    """Campaign and enrollment."""
    if campaign.state == "paused":
        return later(campaign.updated_at, Reason.CAMPAIGN_PAUSED, now)
    if campaign.state != "active":
        return Never("campaign_stopped", "")
    if enrollment.state == "paused":
        return later(campaign.updated_at, Reason.ENROLLMENT_PAUSED, now)
    if enrollment.state in OVER:
        return Never(CODES.get(enrollment.reason, "enrollment_over"), "")
    return None


def of_newer(world: World, touch: Touch) -> Passage | None:
    """Whether the campaign has gone on."""
    newer = [
        one
        for one in world.touches
        if one.enrollment_id == touch.enrollment_id
        and one.planned_at >= touch.planned_at
        and one.id > touch.id
        and one.state != "cancelled"
    ]
    return Never("superseded", "") if newer else None


def of_the_approval(world: World, touch: Touch, run: Run, settings: CampaignSettings) -> Passage | None:
    """Whether this very text was approved."""
    must = touch.needs_approval or (
        settings.approvals.mode == "all" and touch.reaches_person and touch.text_hash is not None
    )
    if touch.approval_id is None:
        return Never("approval_required", "") if must else None
    approval = world.approvals.get(touch.approval_id)
    if approval is not None and approval.state == "approved":
        bound = (approval.content_hash, approval.lead_id, approval.account_id, approval.channel)
        if bound == (run.content_hash, touch.lead_id, run.account_id, touch.channel):
            return None
    return Never("approval_stale", "")


def of_the_person(
    world: World, touch: Touch, members: frozenset[UUID], settings: CampaignSettings, now: datetime
) -> Passage | None:
    """What the person did, and what protects them."""
    enrollment = world.enrollments[touch.enrollment_id]
    silenced = [
        one
        for one in world.signals
        if one.lead_id in members and one.kind in SILENCING and one.at >= enrollment.enrolled_at
    ]
    if silenced:
        return Never("silenced", "")
    earlier = [
        one
        for one in world.touches
        if one is not touch
        and one.state in LIVE
        and (one.ended_at is not None or (one.planned_at, one.id) < (touch.planned_at, touch.id))
    ]
    theirs = [one for one in earlier if one.lead_id in members]
    since = now - TOUCH_SPAN
    counting = [one for one in theirs if (one.ended_at or one.planned_at + TOUCH_SPAN) > since]
    reached = sorted((one.ended_at or now for one in counting if one.reaches_person), reverse=True)
    under_way = sum(one.reaches_person and one.ended_at is None for one in counting)
    most = settings.max_touches_30d
    if len(reached) >= most:
        until = reached[most - 1] + TOUCH_SPAN if under_way < most else now + timedelta(hours=6)
        return later(until, Reason.TOUCH_LIMIT, now)
    texts = {one.text_hash for one in theirs if (one.ended_at or now) > now - SAME_TEXT_SPAN}
    if touch.text_hash is not None and touch.text_hash in texts:
        return Never("duplicate_touchpoint", "")
    firm = world.leads[enrollment.lead_id].company_id
    for one in earlier:
        if (one.planned_at, one.id) > (touch.planned_at, touch.id):
            continue
        other = world.enrollments[one.enrollment_id]
        if (
            settings.stop_for_company
            and firm is not None
            and one.reaches_person
            and other.campaign_id == enrollment.campaign_id
            and other.state == "active"
            and other.lead_id not in members
            and world.leads[other.lead_id].company_id == firm
        ):
            return Wait(now + timedelta(hours=6), Reason.COMPANY_LOCK)
    return None


def later(until: datetime, reason: Reason, now: datetime) -> Wait:
    """A wait that is not over already."""
    return Wait(until if until > now else now + LOOK, reason)


def plain(passage: Passage) -> tuple[object, ...]:
    """A passage without its sentence."""
    if isinstance(passage, Never):
        seen = (
            {"replied_already", "opted_out", "operator_wrote"} if "Seen since" in passage.message else set()
        )
        return ("never", "silenced" if passage.code in seen else passage.code)
    return ("go",) if isinstance(passage, Go) else ("wait", passage.until, passage.reason)


async def test_one_reading_says_what_the_rules_say_one_by_one(house: House) -> None:
    """In random worlds, of every run that belongs to a touch."""
    met: set[object] = set()
    for seed in range(WORLDS):
        async with house.app.sessions() as db:
            world, runs_of = await a_world(house, db, Random(seed))
            persons = await people.persons(db, world.leads)
            for touch in world.touches:
                run = runs_of[touch.run_id]
                members = persons[world.enrollments[touch.enrollment_id].lead_id].all_ids
                expected = plain(rule_by_rule(world, touch, run, members, house.now))
                assert plain(await campaigns.veto(db, run, house.now)) == expected, (seed, touch.step)
                met.add(expected[-1])
            await db.rollback()
    rare = {"superseded", "silenced", "duplicate_touchpoint", "approval_required", "approval_stale"}
    assert rare | {"go", Reason.TOUCH_LIMIT, Reason.COMPANY_LOCK, Reason.CAMPAIGN_PAUSED} <= met


async def test_a_run_without_a_touch_is_none_of_its_business_and_it_asks_once(house: House) -> None:
    asked: list[object] = []
    async with house.app.sessions() as db:
        world, runs_of = await a_world(house, db, Random(1))
        request = RunRequest("ada", Message(public_identifier="lea", message="Hi"))
        alone = (await runs.submit(db, house.app.ids, request, house.now, house.now)).run
        engine = house.app.engine.sync_engine
        event.listen(engine, "before_cursor_execute", lambda *args: asked.append(args[2]))
        assert await campaigns.veto(db, alone, house.now) == Go()
        await campaigns.veto(db, runs_of[world.touches[0].run_id], house.now)
        await db.rollback()
    assert len(asked) == 2
