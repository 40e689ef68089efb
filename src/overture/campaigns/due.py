"""What is due: enrollments whose time has come are decided upon: they queue, wait on, or are over.

A lead that cannot be decided upon waits for a person, with the reason; the others go on.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import endings, keeping, lanes, publish_moves, sent_list, store
from overture.campaigns.decide import CLOSING_LOOK, settle
from overture.campaigns.facts import Decision, Do, Facts, Finish, Wait
from overture.campaigns.planner_kit import PARKED, PlannerKit
from overture.campaigns.reasons import BLOCKED
from overture.campaigns.sent_list import Listed, Look
from overture.campaigns.spoiling import SPOILING, UNFORESEEN, is_passing
from overture.campaigns.store import NO_LOOK, Running, Standing, is_suppressed
from overture.campaigns.tables import Enrollment
from overture.core.ids import public_id
from overture.people import Suppression

log = structlog.get_logger()

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
CLOSING_LOOK_FOR: Final = timedelta(days=3)
"""How long the answer of the closing look at an invitation is awaited: over a weekend, or a login."""


async def turn_due(kit: PlannerKit, now: datetime) -> int:
    """Decide upon one batch of what is due, in one transaction; how many there were.

    When one of them cannot be kept, all of it is undone and each is decided upon on its own.
    """
    try:
        return await turned(kit, now, kit.batch)
    except SPOILING as error:
        if is_passing(error):
            raise
        log.warning("planner.due_spoiled", error=type(error).__name__)
    for count in range(kit.batch):
        if not await turned_alone(kit, now):
            return count
    return kit.batch


async def turned_alone(kit: PlannerKit, now: datetime) -> int:
    """Decide upon the one that is due the longest; if even that fails, it is set aside."""
    met: list[UUID] = []
    try:
        return await turned(kit, now, 1, met)
    except SPOILING as error:
        if is_passing(error) or not met:
            raise
        await put_aside(kit, met[-1:], error, now)
        return 1


async def turned(kit: PlannerKit, now: datetime, most: int, met: list[UUID] | None = None) -> int:
    """The transaction."""
    async with kit.sessions.begin() as db:
        found = await store.due(db, now, most)
        if met is not None:
            met += [one.id for one in found]
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
    looks: list[Look] = []
    for standing, suppressed in await judged(kit, db, enrollments, now):
        enrollment = standing.enrollment
        if enrollment.state != "active":
            continue
        version_id = enrollment.version_id
        try:
            looks += decide_one(standing, suppressed, now)
        except UNFORESEEN as error:
            enrollment.version_id = version_id
            set_aside(enrollment, error)
    await look_all(kit, db, looks, now)
    queued = [(one.account_id, one.lane) for one in enrollments if (one.state, one.reason) == QUEUED]
    await keeping.keep_changes(db, enrollments, before, now)
    await lanes.wake(db, queued, now)


QUEUED: Final = ("active", "queued")


async def judged(
    kit: PlannerKit, db: AsyncSession, enrollments: Sequence[Enrollment], now: datetime
) -> list[tuple[Standing, Suppression | None]]:
    """These with their facts, and who is not to be contacted; whoever cannot be read is set aside."""
    try:
        standings = await store.standings(db, kit.shelf, enrollments, now)
        suppressed = await is_suppressed(db, standings, now)
    except UNFORESEEN as error:
        if len(enrollments) == 1:
            set_aside(enrollments[0], error)
            return []
    else:
        return [(one, suppressed.get(one.enrollment.lead_id)) for one in standings]
    return [found for one in enrollments for found in await judged(kit, db, [one], now)]


def decide_one(standing: Standing, suppressed: Suppression | None, now: datetime) -> list[Look]:
    """Decide upon one, and write that into its row; the look at its invitation, if it comes to one."""
    enrollment = standing.enrollment
    end = endings.ending(standing.facts, suppressed)
    if end is not None:
        finish(enrollment, end, now)
    elif not is_running(standing.running):
        park(enrollment, now)
    else:
        decision, facts = settled_on(standing, now)
        stands = standing if facts is standing.facts else replace(standing, facts=facts)
        look = applied(stands, decision, now)
        return [look] if look is not None else []
    return []


async def look_all(kit: PlannerKit, db: AsyncSession, looks: Sequence[Look], now: datetime) -> None:
    """These invitations are to be looked at: by the accounts' lists, and by name where those do not tell."""
    listed = await sent_list.ask(db, looks, now)
    for look in looks:
        enrollment = look.standing.enrollment
        try:
            look_at(look, listed.get(enrollment.id), kit.relations_every, now)
        except UNFORESEEN as error:
            set_aside(enrollment, error)


def set_aside(enrollment: Enrollment, error: Exception) -> None:
    """What it is at cannot be planned: it waits for a person, who is told why; a pause stays one."""
    name, outside = type(error).__name__, public_id("enr", enrollment.id)
    log.error("planner.lead_cannot_be_planned", enrollment_id=outside, error=name, exc_info=error)
    if enrollment.state == "active":
        wait(enrollment, "config_invalid", None, f"planning its step failed ({name})")


async def put_aside(kit: PlannerKit, enrollment_ids: Sequence[UUID], error: Exception, now: datetime) -> None:
    """The same of enrollments whose transaction was undone, in another one."""
    for enrollment_id in enrollment_ids:
        async with kit.sessions.begin() as db:
            found = await store.enrollment_by_id(db, enrollment_id, lock=True)
            if found.state == "active":
                set_aside(found, error)
                await store.keep(db, [found], now, why="spoiled")


def is_running(of: Running) -> bool:
    """Whether the campaign acts at all."""
    return of.campaign.state == "active" and of.sequence is not None


def decision_on(standing: Standing, now: datetime) -> Decision:
    """The decision, with the enrollment's place moved on as far as it went."""
    return settled_on(standing, now)[0]


def settled_on(standing: Standing, now: datetime) -> tuple[Decision, Facts]:
    """The same, and the facts it was made on."""
    of, enrollment = standing.running, standing.enrollment
    assert of.sequence is not None
    facts = standing.facts
    if enrollment.version_id != of.version_id and not has_act_under_way(facts):
        enrollment.version_id = of.version_id
        facts_there = publish_moves.moved(standing.was, of.sequence, facts)
        if facts_there is None:
            return Finish("completed", "the step it stood at is no more, and none follows"), facts
        facts = facts_there
    decision, facts = settle(of.sequence, facts, now)
    if facts is not standing.facts:  # else it stands where its row says
        enrollment.step, enrollment.round, enrollment.fallback = facts.step, facts.round, facts.fallback
        enrollment.entered_at = facts.entered_at or enrollment.entered_at
    return decision, facts


def has_act_under_way(facts: Facts) -> bool:
    """Whether an act's end is still to come: until then it stays with the version that planned it."""
    return any(touch.state in ("submitted", "unknown") for touch in facts.touches)


def apply(standing: Standing, decision: Decision, now: datetime) -> None:
    """Write a decision into the enrollment's row; a look at its invitation queues."""
    look = applied(standing, decision, now)
    if look is not None:
        queue_for_look(look, now)


def applied(standing: Standing, decision: Decision, now: datetime) -> Look | None:
    """The same, but a look at its invitation is left to the caller."""
    enrollment = standing.enrollment
    match decision:
        case Do() as do:
            queue(standing, do, now)
        case Wait() as wait:
            return set_waiting(standing, wait, now)
        case Finish() as end:
            finish(enrollment, end, now)
        case _:
            raise AssertionError("settle leaves no Goto")
    return None


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
    enrollment.account_id = store.account_of(seat)
    enrollment.lane = lanes.lane_of(way.kind)
    enrollment.reason, enrollment.detail, enrollment.next_action_at = "queued", None, now
    enrollment.backoff_hours = None


def set_waiting(standing: Standing, said: Wait, now: datetime) -> Look | None:
    """It waits; for an acceptance with looks in between, at first after a day, then ever later."""
    enrollment = standing.enrollment
    if said.reason != "waiting_accept":
        enrollment.backoff_hours = None
        until = said.until
        if until is None and said.reason not in BLOCKED:
            until = now + LOOK_AGAIN
        wait(enrollment, said.reason, until, said.detail)
        return None
    if said.is_closing_look:
        return wait_for_closing_look(standing, said, now)
    return wait_for_acceptance(standing, said, now)


def wait_for_acceptance(standing: Standing, said: Wait, now: datetime) -> Look | None:
    """Wait until the step's time is over, or the next look at the invitation, which is then due."""
    enrollment = standing.enrollment
    seat = enrollment.seats.get("linkedin")
    deadline = said.until or now + LOOK_AGAIN
    if not enrollment.backoff_hours:
        enrollment.backoff_hours = standing.running.settings.check_after_h
        wait(enrollment, "waiting_accept", min(deadline, now + hours(enrollment.backoff_hours)))
        return None
    is_invited = standing.facts.relationship is not None and standing.facts.relationship.state == "invited"
    if seat is None or not is_invited or enrollment.reason == "queued":
        wait(enrollment, "waiting_accept", min(deadline, now + hours(enrollment.backoff_hours)))
        return None
    next_look = earliest_look(standing)
    if enrollment.next_action_at is not None:
        next_look = max(next_look, enrollment.next_action_at)
    if next_look > now:
        detail = enrollment.detail if enrollment.detail == LIST_FIRST else None
        wait(enrollment, "waiting_accept", min(deadline, next_look), detail)
        return None
    return Look(standing, store.account_of(seat), said, next_look)


def wait_for_closing_look(standing: Standing, said: Wait, now: datetime) -> Look | None:
    """Its time is over: the closing look is due, however long that takes, or its answer is awaited."""
    enrollment = standing.enrollment
    seat = enrollment.seats.get("linkedin")
    if said.until is not None or seat is None:
        no_more_looks(enrollment, said.until or now)
    elif (enrollment.reason, enrollment.lane) != ("queued", LOOKS):
        return Look(standing, store.account_of(seat), said, now)
    return None


LOOKS: Final = "check_pending"
LIST_FIRST: Final = "the account's list of sent invitations is read before it is looked at by name"
CLOSING_LIST_FIRST: Final = "its time is over; the account's list of sent invitations is read first"


def look_at(look: Look, listed: Listed | None, every: timedelta, now: datetime) -> None:
    """The account's list answers, or the next one is waited for, once; else it queues for a look by name."""
    if listed is None or (listed.tells_of(look) and not listed.is_on):
        queue_for_look(look, now)
    elif look.said.is_closing_look:
        if not (listed.is_on and listed.tells_of(look) and closed_by_list(look, listed, now)):
            wait_for_list(look, listed, CLOSING_LIST_FIRST, now)
    elif listed.answers(look, now, every):
        checked(look.standing, look.said, now)
    else:
        wait_for_list(look, listed, LIST_FIRST, now)


def closed_by_list(look: Look, listed: Listed, now: datetime) -> bool:
    """Whether the list was read when the time was over: then it goes on as after a closing look by name that
    found the invitation pending.
    """
    standing = listed.seen(look.standing)
    decision, facts = settled_on(standing, now)
    if isinstance(decision, Wait) and decision.is_closing_look:
        return False
    standing.enrollment.backoff_hours = NO_LOOK
    apply(replace(standing, facts=facts), decision, now)
    return True


def wait_for_list(look: Look, listed: Listed, detail: str, now: datetime) -> None:
    """The next list may tell: it is waited for, and when it did not come in time, nothing more is."""
    enrollment = look.standing.enrollment
    has_waited = enrollment.detail == detail and enrollment.next_action_at is not None
    until = enrollment.next_action_at if has_waited else listed.next_by
    if until is None or until <= now:
        queue_for_look(look, now)
    else:
        wait(enrollment, "waiting_accept", min(until, look.said.until or until), detail)


def queue_for_look(look: Look, now: datetime) -> None:
    """It is its turn to be looked at by name as soon as the account gets to it."""
    enrollment = look.standing.enrollment
    enrollment.account_id, enrollment.lane = look.seat, LOOKS
    enrollment.reason, enrollment.detail, enrollment.next_action_at = "queued", None, now


def no_more_looks(enrollment: Enrollment, until: datetime) -> None:
    """The closing look at its invitation is on its way: its answer is awaited, no further look."""
    enrollment.backoff_hours = NO_LOOK
    wait(enrollment, "waiting_accept", until, CLOSING_LOOK)


def earliest_look(standing: Standing) -> datetime:
    """When the next look is due at the earliest, whoever woke it before: publishing wakes everybody at once.

    The looks are 1, 3, 7, … times the first pause after it came to wait.
    """
    enrollment, first = standing.enrollment, standing.running.settings.check_after_h
    return enrollment.entered_at + hours(2 * (enrollment.backoff_hours or first) - first)


def checked(standing: Standing, said: Wait, now: datetime) -> None:
    """A look at the invitation is on its way: the next one, if this is not the last, is twice as far off."""
    enrollment, deadline = standing.enrollment, said.until
    if said.is_closing_look:
        no_more_looks(enrollment, now + CLOSING_LOOK_FOR)
        return
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
