"""What is due: enrollments whose time has come are decided upon: they queue, wait on, or are over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import endings, keeping, lanes, publish_moves, store
from overture.campaigns.decide import settle
from overture.campaigns.facts import Decision, Do, Facts, Finish, Wait
from overture.campaigns.planner_kit import PARKED, PlannerKit
from overture.campaigns.reasons import BLOCKED
from overture.campaigns.store import Running, Standing, is_suppressed
from overture.campaigns.tables import Enrollment

LOOK_AGAIN: Final = timedelta(days=1)
ENDS: Final = {
    "replied": "replied",
    "completed": "completed",
    "goal_reached": "completed",
    "moved": "completed",
    "opted_out": "failed",
    "declined": "failed",
    "bounced": "failed",
    "invite_expired": "failed",
    "not_found": "failed",
    "not_reachable": "failed",
}
"""The state an enrollment ends in, by the reason; every other reason ends it as `ignored`."""
LONGEST_BACKOFF_H: Final = 24.0 * 32


async def turn_due(kit: PlannerKit, now: datetime) -> int:
    """Decide upon one batch of what is due, in one transaction; how many there were."""
    async with kit.sessions.begin() as db:
        found = await store.due(db, now, kit.batch)
        if found:
            kit.on_step("due.locked")
            await decide_all(kit, db, found, now)
            kit.on_step("due.decided")
        return len(found)


async def decide_all(
    kit: PlannerKit, db: AsyncSession, enrollments: Sequence[Enrollment], now: datetime
) -> None:
    """Decide upon these, whose rows are locked, and keep what follows."""
    if not enrollments:
        return
    before = keeping.taken_out(db, enrollments)
    standings = await store.standings(db, kit.shelf, enrollments, now)
    suppressed = await is_suppressed(db, standings, now)
    queued: list[tuple[UUID, str]] = []
    for standing in standings:
        enrollment = standing.enrollment
        if enrollment.state != "active":
            continue
        end = endings.ending(standing.facts, suppressed.get(enrollment.lead_id))
        if end is not None:
            finish(enrollment, end, now)
            continue
        if not is_running(standing.running):
            park(enrollment, now)
            continue
        apply(standing, decision_on(standing, now), now)
        if enrollment.reason == "queued":
            queued.append((enrollment.account_id, enrollment.lane))
    await keeping.keep_changes(db, enrollments, before, now)
    await lanes.wake(db, queued, now)


def is_running(of: Running) -> bool:
    """Whether the campaign acts at all."""
    return of.campaign.state == "active" and of.sequence is not None


def decision_on(standing: Standing, now: datetime) -> Decision:
    """The decision, with the enrollment's place moved on as far as it went."""
    of, enrollment = standing.running, standing.enrollment
    assert of.sequence is not None
    facts = standing.facts
    if enrollment.version_id != of.version_id and not has_act_under_way(facts):
        enrollment.version_id = of.version_id
        facts_there = publish_moves.moved(standing.was, of.sequence, facts)
        if facts_there is None:
            return Finish("completed", "the step it stood at is no more, and none follows")
        facts = facts_there
    decision, facts = settle(of.sequence, facts, now)
    enrollment.step, enrollment.round, enrollment.fallback = facts.step, facts.round, facts.fallback
    enrollment.entered_at = facts.entered_at or enrollment.entered_at
    return decision


def has_act_under_way(facts: Facts) -> bool:
    """Whether an act's end is still to come: until then it stays with the version that planned it."""
    return any(touch.state in ("submitted", "unknown") for touch in facts.touches)


def apply(standing: Standing, decision: Decision, now: datetime) -> None:
    """Write a decision into the enrollment's row."""
    enrollment = standing.enrollment
    match decision:
        case Do() as do:
            queue(standing, do, now)
        case Wait() as wait:
            set_waiting(standing, wait, now)
        case Finish() as end:
            finish(enrollment, end, now)
        case _:
            raise AssertionError("settle leaves no Goto")


def queue(standing: Standing, do: Do, now: datetime) -> None:
    """It is its turn as soon as its lane gets to it; the seat of the channel is its account."""
    enrollment, sequence = standing.enrollment, standing.running.sequence
    assert sequence is not None
    if do.not_before > now:
        wait(enrollment, "retry" if do.round > enrollment.round else "delay", do.not_before)
        return
    way = sequence.by_id[do.step].ways[do.fallback]
    seat = enrollment.seats.get(way.channel)
    if seat is None:
        wait(enrollment, "config_invalid", None, f"the campaign has no account for {way.channel}")
        return
    enrollment.account_id = UUID(str(seat))
    enrollment.lane = lanes.lane_of(way.kind)
    enrollment.reason, enrollment.detail, enrollment.next_action_at = "queued", None, now
    enrollment.backoff_hours = None


def set_waiting(standing: Standing, said: Wait, now: datetime) -> None:
    """It waits; for an acceptance with looks in between, at first after a day, then ever later."""
    enrollment = standing.enrollment
    if said.reason != "waiting_accept":
        enrollment.backoff_hours = None
        until = said.until
        if until is None and said.reason not in BLOCKED:
            until = now + LOOK_AGAIN
        wait(enrollment, said.reason, until, said.detail)
        return
    wait_for_acceptance(standing, said, now)


def wait_for_acceptance(standing: Standing, said: Wait, now: datetime) -> None:
    """Wait until the step's time is over, or the next look at the invitation, which then queues."""
    enrollment = standing.enrollment
    deadline = said.until or now + LOOK_AGAIN
    seat = enrollment.seats.get("linkedin")
    if enrollment.backoff_hours is None:
        enrollment.backoff_hours = standing.running.settings.check_after_h
        wait(enrollment, "waiting_accept", min(deadline, now + hours(enrollment.backoff_hours)))
        return
    is_invited = standing.facts.relationship is not None and standing.facts.relationship.state == "invited"
    if seat is None or not is_invited or enrollment.reason == "queued":
        wait(enrollment, "waiting_accept", min(deadline, now + hours(enrollment.backoff_hours)))
        return
    if enrollment.next_action_at is not None and enrollment.next_action_at > now:
        wait(enrollment, "waiting_accept", min(deadline, enrollment.next_action_at))
        return
    enrollment.account_id, enrollment.lane = UUID(str(seat)), "check_pending"
    enrollment.reason, enrollment.detail, enrollment.next_action_at = "queued", None, now


def checked(standing: Standing, deadline: datetime | None, now: datetime) -> None:
    """A look at the invitation is on its way: the next one is twice as far off."""
    enrollment = standing.enrollment
    next_h = min((enrollment.backoff_hours or standing.running.settings.check_after_h) * 2, LONGEST_BACKOFF_H)
    enrollment.backoff_hours = next_h
    look = now + hours(next_h)
    wait(enrollment, "waiting_accept", min(deadline, look) if deadline is not None else look)


def hours(count: float) -> timedelta:
    """So many hours."""
    return timedelta(hours=count)


def wait(enrollment: Enrollment, reason: str, until: datetime | None, detail: str | None = None) -> None:
    """Put it to wait."""
    enrollment.reason, enrollment.next_action_at, enrollment.detail = reason, until, detail


def park(enrollment: Enrollment, now: datetime) -> None:
    """Its campaign does not run: whoever starts that wakes it, and its invitation is looked at afresh."""
    enrollment.backoff_hours = None
    wait(enrollment, "campaign_paused", now + PARKED)


def finish(enrollment: Enrollment, end: Finish, now: datetime) -> None:
    """It is over."""
    enrollment.state = ENDS.get(end.reason, "ignored")
    enrollment.reason, enrollment.detail = end.reason, end.detail
    enrollment.next_action_at, enrollment.finished_at = None, now
