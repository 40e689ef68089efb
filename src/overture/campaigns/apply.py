"""Applying the event log: what runs and observations brought, taken into touches and enrollments.

The reader's place, the effects and the decisions that follow are one transaction. An event only says where to
look: what is taken in is the state as it stands, so that a repeated, late or overtaken event does no harm.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people, runs
from overture.campaigns import (
    due,
    endings,
    keeping,
    lanes,
    observe_inbox,
    observe_runs,
    repoint,
    stages,
    suppressed,
)
from overture.campaigns.facts import Finish
from overture.campaigns.observe_runs import Ended
from overture.campaigns.planner_kit import CONSUMER, PlannerKit
from overture.campaigns.sending import touch_data
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.spoiling import SPOILING, is_passing
from overture.campaigns.tables import Campaign, Enrollment, Touch
from overture.core.reasons import Reason
from overture.db import (
    About,
    Choice,
    Entered,
    Entry,
    News,
    append_events,
    as_json,
    carry_out,
    columns_of,
    fetch,
    fetch_all,
    flush_changes,
    read_events,
)

log = structlog.get_logger()

MOST: Final = 500
TAKEN_BACK: Final = frozenset(
    {"approval_stale", "approval_required", "expired", "account_removed", "campaign_stopped", "superseded"}
)
"""Runs that ended so were ours to end: nothing was tried, so the step is not the worse for it."""
SUPPRESSIONS: Final = ("suppression.added", "suppression.strengthened")
KNOWN_BETTER: Final = ("lead.updated", "lead.enriched", "lead.restored")
"""What was missing of a lead may be there now: whoever waits for that is decided upon anew."""
LEAD_EVENTS: Final = (
    *("lead.relationship_changed", "lead.signal", "lead.erased", "inbox.message"),
    *SUPPRESSIONS,
    *KNOWN_BETTER,
)
CHOICE: Final = Choice(
    ("run.%", "account.%", *repoint.MERGES, "system.kill_switch", "enrollment.finished", *LEAD_EVENTS),
    but=("run.created", "run.waiting"),
)
"""What of the log concerns a planner."""
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
    merged: list[repoint.Merging] = field(default_factory=list)
    """Who became one or two, in the order it happened: one may follow from another."""
    ended: set[UUID] = field(default_factory=set)
    """Leads of whom an enrollment has ended, or who are two again."""
    accounts: set[UUID] = field(default_factory=set)
    freed: set[UUID] = field(default_factory=set)
    suppressions: set[str] = field(default_factory=set)
    """By outside id, those that name no lead: of a domain, of a company."""
    answered: set[UUID] = field(default_factory=set)
    """Enrollments that an answer ended, wherever that was found out."""
    said: list[Entered] = field(default_factory=list)
    """Messages that came or went, wherever they were read."""
    switched: bool = False


async def apply_events(kit: PlannerKit, now: datetime) -> News:
    """Apply the next batch of the log.

    When one of its events cannot be applied, all of it is undone and each is applied on its own.
    """
    try:
        return await applied(kit, now, MOST)
    except SPOILING as error:
        if is_passing(error):
            raise
        log.warning("planner.events_spoiled", error=type(error).__name__)
    entered: list[Entered] = []
    while len(entered) < MOST:
        news = await applied_alone(kit, now)
        entered += news.entered
        if news.is_all:
            return News(entered, is_all=True)
    return News(entered, is_all=False)


async def applied_alone(kit: PlannerKit, now: datetime) -> News:
    """Apply one event; if even that fails, it is passed over, and whom it concerns waits for a person."""
    met: list[Entered] = []
    try:
        return await applied(kit, now, 1, met)
    except SPOILING as error:
        if is_passing(error) or not met:
            raise
        log.exception("planner.event_cannot_be_applied", type=met[0].type, event_id=met[0].id)
        await due.put_aside(kit, await concerned_by(kit, met[0].about), error, now)
    async with kit.sessions() as db:
        news = await read_events(db, CONSUMER, CHOICE, 1)
        if news.entered == met:  # else another planner has taken it by now
            await db.commit()
    return News(met, is_all=False)


CONCERNED: Final = text("""
select enrollment_id from enrollments where state = 'active' and (enrollment_id = :enrollment
    or lead_id = :lead or enrollment_id in (select enrollment_id from touches where run_id = :run))
order by enrollment_id
""")


async def concerned_by(kit: PlannerKit, about: About) -> Sequence[UUID]:
    """The enrollments an event is about."""
    asked = {"enrollment": about.enrollment_id, "lead": about.lead_id, "run": about.run_id}
    async with kit.sessions() as db:
        return (await db.scalars(CONCERNED, asked)).all()


async def applied(kit: PlannerKit, now: datetime, most: int, met: list[Entered] | None = None) -> News:
    """The transaction."""
    async with kit.sessions.begin() as db:
        news = await read_events(db, CONSUMER, CHOICE, most)
        if met is not None:
            met += news.entered
        if news.entered:
            kit.on_step("apply.read")
            await take_in(kit, db, sort_out(news.entered), now)
            kit.on_step("apply.done")
        return news


def sort_out(entered: Iterable[Entered]) -> Touched:
    """Whom and what the events are about."""
    found = Touched()
    for event in entered:
        about = event.about
        found.answered |= answered_in(event)
        if event.type.startswith("run."):
            found.runs |= {about.run_id} if about.run_id else set()
            found.freed |= {about.account_id} if about.account_id else set()
        elif event.type in LEAD_EVENTS:
            of_somebody(found, event)
        elif event.type in repoint.MERGES:
            found.merged += repoint.told_by(event)
        elif event.type == "enrollment.finished":
            found.ended |= {about.lead_id} if about.lead_id else set()
        elif event.type.startswith("account.") and about.account_id is not None:
            found.accounts.add(about.account_id)
        elif event.type == "system.kill_switch":
            found.switched = True
    return found


def answered_in(event: Entered) -> set[UUID]:
    """The enrollment that ended because they answered, if the event tells of one."""
    is_answer = event.type == "enrollment.finished" and event.data.get("reason") in ANSWERS
    return {event.about.enrollment_id} if is_answer and event.about.enrollment_id is not None else set()


def of_somebody(found: Touched, event: Entered) -> None:
    """Note the lead; a suppression without one is of a domain or company, and many may be meant."""
    if event.type == "inbox.message":
        found.said.append(event)
    if event.about.lead_id is None:
        found.suppressions |= {str(event.data["suppression_id"])} if event.type in SUPPRESSIONS else set()
    elif not is_of_run(event):
        found.leads.add(event.about.lead_id)


def is_of_run(event: Entered) -> bool:
    """Whether the planner itself saw it, in what a run brought, and has decided upon it there."""
    return str(event.data.get("source", "")).startswith("run:")


async def take_in(kit: PlannerKit, db: AsyncSession, of: Touched, now: datetime) -> None:
    """Bring touches, people and enrollments up to date, and decide what follows."""
    wanted = await of_runs(kit, db, of, now)
    of.leads |= await observe_inbox.of_messages(db, kit.ids, of.said, now)
    for one in of.merged:
        await repoint.follow(db, kit.ids, one, now)
        of.leads |= one.both
        of.ended |= one.both if one.is_undone else set()
    await stages.conclude(db, of.ended, now)
    of.leads |= await suppressed.mark(db, of.suppressions, now)
    await flush_changes(db)
    persons = await people.persons(db, of.leads)
    members = {one for person in persons.values() for one in person.all_ids}
    enrollments = await of_leads(db, members)
    enrollments |= await by_ids(db, wanted - set(enrollments))
    moving = [one for one in enrollments.values() if one.state == "active"]
    resting = [one for one in enrollments.values() if one.state == "paused"]
    await due.decide_all(kit, db, sorted(moving, key=lambda one: one.id), now)
    await finish_paused(kit, db, resting, now)
    answered = {one.id: one for one in enrollments.values() if one.reason in ANSWERS}
    answered |= await by_ids(db, (of.answered | await answered_late(db, members)) - set(answered))
    await stop_colleagues(db, list(answered.values()), now)
    if of.switched:
        await lanes.rouse_all(db, now)
    await lanes.rouse(db, of.accounts, now)
    await lanes.free(db, of.freed, now)


OF_LEADS: Final = text(f"""
select {columns_of(Enrollment, "e")} from enrollments e
where e.lead_id = any(:ids) and e.state in ('active', 'paused') order by e.enrollment_id for update
""")
ENROLLMENTS: Final = text(f"""
select {columns_of(Enrollment, "e")} from enrollments e
where e.enrollment_id = any(:ids) order by e.enrollment_id for update
""")


async def of_leads(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, Enrollment]:
    """Every enrollment of these leads that is not over, locked; `keeping.keep_changes` writes them."""
    if not lead_ids:
        return {}
    found = await fetch_all(db, Enrollment, OF_LEADS, {"ids": list(lead_ids)})
    return {one.id: one for one in found}


async def by_ids(db: AsyncSession, enrollment_ids: Collection[UUID]) -> dict[UUID, Enrollment]:
    """These enrollments, locked; `keeping.keep_changes` writes them."""
    if not enrollment_ids:
        return {}
    found = await fetch_all(db, Enrollment, ENROLLMENTS, {"ids": sorted(enrollment_ids)})
    return {one.id: one for one in found}


TOUCHES: Final = text(f"""
select {columns_of(Touch, "t")} from touches t where t.run_id = any(:ids) order by t.touch_id for update
""")
RUNS: Final = text(f"""
select {columns_of(runs.Run, "r")} from runs r where r.run_id = any(:ids) order by r.completed_at, r.run_id
""")
ENDED_NOW: Final = text("""
update touches t set state = said.state, code = said.code, ended_at = said.ended_at
from jsonb_to_recordset(cast(:rows as jsonb))
    as said(touch_id uuid, state text, code text, ended_at timestamptz)
where t.touch_id = said.touch_id
""")


SAID_OF_TOUCH: Final = (("touch_id", "id"), ("state", "state"), ("code", "code"), ("ended_at", "ended_at"))


async def of_runs(kit: PlannerKit, db: AsyncSession, of: Touched, now: datetime) -> set[UUID]:
    """Bring the touches of these runs up to date, take down what they show; the enrollments concerned."""
    if not of.runs:
        return set()
    asked = {"ids": sorted(of.runs)}
    touches = {one.run_id: one for one in await fetch_all(db, Touch, TOUCHES, asked)}
    entries: list[Entry] = []
    ended: list[Ended] = []
    changed: list[Touch] = []
    for run in await fetch_all(db, runs.Run, RUNS, asked):
        touch = touches.get(run.id)
        told = refreshed(touch, run, now) if touch is not None else []
        if touch is not None and told:
            entries += told
            changed.append(touch)
        if run.status in runs.TERMINAL and (touch is not None or observe_runs.tells(run)):
            ended.append(Ended(run, touch))
    if changed:
        rows = [{name: getattr(one, key) for name, key in SAID_OF_TOUCH} for one in changed]
        await carry_out(db, ENDED_NOW, {"rows": as_json(rows)})
    await append_events(db, entries)
    of.leads |= await observe_runs.of_runs(db, kit.ids, ended, now)
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
            return "unknown", "outcome_unknown" if run.wait_reason == Reason.OUTCOME_UNKNOWN else None
        case _:
            return "submitted", None


def refreshed(touch: Touch, run: runs.Run, now: datetime) -> list[Entry]:
    """Bring a touch to the state of its run; what is to be said of it, if that is news."""
    state, code = state_of(run)
    if (touch.state, touch.code) == (state, code):
        return []
    touch.state, touch.code = state, code
    touch.ended_at = (run.completed_at or now) if state in ENDED else None
    about = About(
        account_id=touch.account_id,
        run_id=run.id,
        lead_id=touch.lead_id,
        campaign_id=touch.campaign_id,
        enrollment_id=touch.enrollment_id,
    )
    data = touch_data(touch)
    entries: list[Entry] = [(now, "touch.ended" if state in ENDED else "touch.changed", about, data)]
    if state == "delivered" and touch.touchpoint_type in SENT_EVENTS:
        entries.append((now, SENT_EVENTS[touch.touchpoint_type], about, data))
    return entries


async def finish_paused(
    kit: PlannerKit, db: AsyncSession, resting: Sequence[Enrollment], now: datetime
) -> None:
    """A pause does not hold an ending: who answered or opted out while it was paused is done."""
    if not resting:
        return
    before = keeping.taken_out(db, resting)
    for standing, unwanted in await due.judged(kit, db, resting, now):
        decision = endings.ending(standing.facts, unwanted)
        if decision is not None:
            due.finish(standing.enrollment, decision, now)
    await keeping.keep_changes(db, resting, before, now, why="observed")


ANSWERS: Final = ("replied", "declined", "opted_out")
"""Signals, and ends, that are an answer to us."""
# Whoever answers after their last step has answered all the same.
ANSWERED_LATE: Final = text("""
select e.enrollment_id from enrollments e join campaigns c using (campaign_id)
where e.lead_id = any(:leads) and e.state = 'completed' and c.state in ('active', 'paused')
  and c.settings->>'stop_for_company' = 'true' and exists (select from signals s
    where s.lead_id = e.lead_id and s.kind = any(:answers) and s.at >= e.enrolled_at)
""")


async def answered_late(db: AsyncSession, lead_ids: Collection[UUID]) -> set[UUID]:
    """Their enrollments that were completed before they answered."""
    if not lead_ids:
        return set()
    asked = {"leads": sorted(lead_ids), "answers": list(ANSWERS)}
    return {row[0] for row in await fetch(db, ANSWERED_LATE, asked)}


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
        before = keeping.taken_out(db, others)
        for other in others:
            due.finish(other, Finish("company_replied"), now)
        await keeping.keep_changes(db, others, before, now, why="company_replied")
