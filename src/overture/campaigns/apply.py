"""Applying the event log: what runs and observations brought, taken into touches and enrollments.

The reader's place, the effects and the decisions that follow are one transaction. An event only says where to
look: what is taken in is the state as it stands, so that a repeated, late or overtaken event does no harm.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people, runs
from overture.campaigns import due, lanes, observe_runs, store
from overture.campaigns.facts import Finish
from overture.campaigns.planner_kit import CONSUMER, PlannerKit
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.submit import touch_data
from overture.campaigns.tables import Campaign, Enrollment, Touch
from overture.core.ids import read_public_id
from overture.db import About, Entered, append_events, read_events

MOST: Final = 500
TAKEN_BACK: Final = frozenset(
    {"approval_stale", "approval_required", "expired", "account_removed", "campaign_stopped", "superseded"}
)
"""Runs that ended so were ours to end: nothing was tried, so the step is not the worse for it."""
LEAD_EVENTS: Final = ("lead.relationship_changed", "lead.signal", "lead.erased", "suppression.added")
SENT_EVENTS: Final = {
    "connect": "connection_request_sent",
    "message": "message_sent",
    "inmail": "message_sent",
    "email": "message_sent",
    "contact_form": "message_sent",
}
ENDED: Final = ("delivered", "noop", "failed", "cancelled")


@dataclass
class Touched:
    """What a batch of events is about."""

    runs: set[UUID] = field(default_factory=set)
    leads: set[UUID] = field(default_factory=set)
    merged: set[tuple[UUID, UUID]] = field(default_factory=set)
    accounts: set[UUID] = field(default_factory=set)
    freed: set[UUID] = field(default_factory=set)
    switched: bool = False


async def apply_events(kit: PlannerKit, now: datetime) -> int:
    """Apply the next batch of the log; how many events it had."""
    async with kit.sessions.begin() as db:
        entered = await read_events(db, CONSUMER, MOST)
        if entered:
            kit.on_step("apply.read")
            await take_in(kit, db, sort_out(entered), now)
            kit.on_step("apply.done")
        return len(entered)


def sort_out(entered: Iterable[Entered]) -> Touched:
    """Whom and what the events are about."""
    found = Touched()
    for event in entered:
        about = event.about
        if event.type.startswith("run.") and event.type not in ("run.created", "run.waiting"):
            found.runs |= {about.run_id} if about.run_id else set()
            found.freed |= {about.account_id} if about.account_id else set()
        elif event.type in LEAD_EVENTS and about.lead_id is not None:
            found.leads.add(about.lead_id)
        elif event.type == "lead.merged":
            kept, merged = (read_public_id("lead", str(event.data[key])) for key in ("kept_id", "merged_id"))
            if kept is not None and merged is not None:
                found.merged.add((kept, merged))
        elif event.type.startswith("account.") and about.account_id is not None:
            found.accounts.add(about.account_id)
        elif event.type == "system.kill_switch":
            found.switched = True
    return found


async def take_in(kit: PlannerKit, db: AsyncSession, of: Touched, now: datetime) -> None:
    """Bring touches, people and enrollments up to date, and decide what follows."""
    wanted = await of_runs(kit, db, of.runs, now)
    for kept, merged in sorted(of.merged):
        await repoint(db, kept, merged, now)
        of.leads |= {kept, merged}
    await db.flush()
    persons = await people.persons(db, of.leads)
    members = {one for person in persons.values() for one in person.all_ids}
    enrollments = {one.id: one for one in await store.of_leads(db, members)} if members else {}
    enrollments |= await by_ids(db, wanted - set(enrollments))
    moving = [one for one in enrollments.values() if one.state == "active"]
    resting = [one for one in enrollments.values() if one.state == "paused"]
    await due.decide_all(kit, db, sorted(moving, key=lambda one: one.id), now)
    await finish_paused(kit, db, resting, now)
    await stop_colleagues(db, [one for one in moving if one.reason == "replied"], now)
    if of.switched:
        await lanes.rouse_all(db, now)
    await lanes.rouse(db, of.accounts, now)
    await lanes.free(db, of.freed, now)


async def by_ids(db: AsyncSession, enrollment_ids: Collection[UUID]) -> dict[UUID, Enrollment]:
    """These enrollments, locked."""
    rows = await db.scalars(
        select(Enrollment).where(Enrollment.id.in_(enrollment_ids)).order_by(Enrollment.id).with_for_update(),
        execution_options={"populate_existing": True},
    )
    return {one.id: one for one in rows}


async def of_runs(kit: PlannerKit, db: AsyncSession, run_ids: Collection[UUID], now: datetime) -> set[UUID]:
    """Bring the touches of these runs up to date, take down what they show; the enrollments concerned."""
    if not run_ids:
        return set()
    query = select(runs.Run).where(runs.Run.id.in_(run_ids)).order_by(runs.Run.completed_at, runs.Run.id)
    touches = {
        one.run_id: one
        for one in await db.scalars(
            select(Touch).where(Touch.run_id.in_(run_ids)).order_by(Touch.id).with_for_update(),
            execution_options={"populate_existing": True},
        )
    }
    for run in await db.scalars(query, execution_options={"populate_existing": True}):
        touch = touches.get(run.id)
        if touch is not None:
            await refresh(db, touch, run, now)
        if run.status in runs.TERMINAL and (touch is not None or run.touchpoint_type in observe_runs.READ_BY):
            await observe_runs.of_run(db, kit.ids, run, touch, now)
    return {one.enrollment_id for one in touches.values()}


def state_of(run: runs.Run) -> tuple[str, str | None]:
    """The state and code of a touch, by its run."""
    match run.status:
        case "completed":
            return ("noop" if (run.result or {}).get("noop") else "delivered"), None
        case "failed":
            return ("cancelled" if run.error_code in TAKEN_BACK else "failed"), run.error_code
        case "cancelled":
            return "cancelled", "cancelled"
        case "held":
            return "unknown", "outcome_unknown" if run.next_at is None and run.admitted_at is None else None
        case _:
            return "submitted", None


async def refresh(db: AsyncSession, touch: Touch, run: runs.Run, now: datetime) -> None:
    """Bring a touch to the state of its run, and say so if that is news."""
    state, code = state_of(run)
    if (touch.state, touch.code) == (state, code):
        return
    touch.state, touch.code = state, code
    touch.ended_at = (run.completed_at or now) if state in ENDED else None
    await db.flush()
    about = About(
        account_id=touch.account_id,
        run_id=run.id,
        lead_id=touch.lead_id,
        campaign_id=touch.campaign_id,
        enrollment_id=touch.enrollment_id,
    )
    entries = [(now, "touch.ended" if state in ENDED else "touch.changed", about, touch_data(touch))]
    if state == "delivered" and touch.touchpoint_type in SENT_EVENTS:
        entries.append((now, SENT_EVENTS[touch.touchpoint_type], about, touch_data(touch)))
    await append_events(db, entries)


async def repoint(db: AsyncSession, kept: UUID, merged: UUID, now: datetime) -> None:
    """Two leads are one person: their enrollments are one lead's, and in one campaign only one goes on."""
    rows = await store.of_leads(db, [kept, merged])
    query = select(Enrollment.campaign_id).where(Enrollment.lead_id == kept)
    taken = set((await db.scalars(query)).all())
    for one in rows:
        if one.lead_id != merged:
            continue
        if one.campaign_id in taken:
            one.state = "active"
            due.finish(one, Finish("duplicate", "the same person is in the campaign already"), now)
        else:
            one.lead_id = kept
        await store.keep(db, [one], now, why="lead.merged")


async def finish_paused(
    kit: PlannerKit, db: AsyncSession, resting: Sequence[Enrollment], now: datetime
) -> None:
    """A pause does not hold an ending: who answered or opted out while it was paused is done."""
    standings = await store.standings(db, kit.shelf, resting, now)
    suppressed = await people.is_suppressed(db, {one.lead_id for one in resting}, now)
    ended: list[Enrollment] = []
    for standing in standings:
        decision = due.over_by_facts(standing.facts)
        if standing.enrollment.lead_id in suppressed:
            decision = due.silenced(suppressed[standing.enrollment.lead_id].reason)
        if decision is not None:
            due.finish(standing.enrollment, decision, now)
            ended.append(standing.enrollment)
    await store.keep(db, ended, now, why="observed")


COLLEAGUES: Final = text("""
select e.enrollment_id from enrollments e join leads l on l.lead_id = e.lead_id
where e.campaign_id = :campaign and e.state in ('active', 'paused') and e.lead_id <> :lead
  and l.company_id = (select company_id from leads where lead_id = :lead)
order by e.enrollment_id for update of e
""")


async def stop_colleagues(db: AsyncSession, answered: Sequence[Enrollment], now: datetime) -> None:
    """Somebody answered: the others of their company are left alone, where the campaign says so."""
    for one in answered:
        campaign = await db.get_one(Campaign, one.campaign_id)
        if not CampaignSettings.model_validate(campaign.settings).stop_for_company:
            continue
        ids = (await db.scalars(COLLEAGUES, {"campaign": one.campaign_id, "lead": one.lead_id})).all()
        others = list((await by_ids(db, ids)).values())
        for other in others:
            due.finish(other, Finish("company_replied"), now)
        await store.keep(db, others, now, why="company_replied")
