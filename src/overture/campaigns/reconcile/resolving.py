"""Finding out who a lead is of whom only a name is known: by one profile read, at most one for each lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, people, runs
from overture.campaigns.known import RETRYABLE
from overture.campaigns.observe_runs import OF_CHECK
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.reconcile import store
from overture.campaigns.reconcile.matching import LASTING, Matching, name_to_read
from overture.campaigns.reconcile.scope import Sought
from overture.campaigns.reconcile.tables import Reconciliation, ReconciliationLead
from overture.core.ids import public_id
from overture.db import fetch
from overture.people import Seen, Told
from overture.people.relationship import State
from overture.touchpoints import CheckConnection, ConnectionState

log = structlog.get_logger()

TAG: Final = "reconcile"
PRIORITY: Final = 2
AT_ONCE: Final = 10
"""Reads that stand in the account's queue at a time; the account does one after the other."""
READ_FOR: Final = timedelta(days=30)
"""How long a read that told nothing is not repeated."""
UNASKED: Final = ("cancelled", "known_already", "gone", "no_name")
"""Outcomes without a profile read that ended."""

LATELY: Final = text("""
select distinct lead_id from reconciliation_leads
where lead_id = any(cast(:leads as uuid[])) and ended_at > :since and outcome <> all(cast(:again as text[]))
""")


@dataclass(frozen=True)
class Chosen:
    """How many profiles are to be read, and how many are not for they were lately."""

    count: int
    read_lately: int


async def choose(db: AsyncSession, job: Reconciliation, found: Matching, now: datetime) -> Chosen:
    """Put down whose profile is read, the likeliest first, as many as the scope allows."""
    scope = store.scope_of(job)
    wanted = [lead for lead in found.unresolved() if scope.may_resolve(lead.state)]
    lately = await read_lately(db, wanted, now) if wanted else set()
    chosen = [lead for lead in wanted if lead.lead_id not in lately][: scope.profile_reads]
    db.add_all(
        ReconciliationLead(reconciliation_id=job.id, lead_id=lead.lead_id, place=place)
        for place, lead in enumerate(chosen)
    )
    await db.flush()
    return Chosen(len(chosen), len(lately))


async def read_lately(db: AsyncSession, leads: Sequence[Sought], now: datetime) -> set[UUID]:
    """Whose profile an earlier reconciliation read in vain, and not long ago."""
    asked = {
        "leads": [one.lead_id for one in leads],
        "since": now - READ_FOR,
        "again": sorted({*RETRYABLE, *UNASKED}),
    }
    return {row[0] for row in await fetch(db, LATELY, asked)}


async def is_left(db: AsyncSession, job: Reconciliation) -> bool:
    """Whether there is anybody of whom nothing came yet."""
    query = select(ReconciliationLead.lead_id).where(
        ReconciliationLead.reconciliation_id == job.id, ReconciliationLead.outcome.is_(None)
    )
    return await db.scalar(query.limit(1)) is not None


async def go_on(kit: PlannerKit, db: AsyncSession, job: Reconciliation, now: datetime) -> bool:
    """Take in the reads that ended, ask for the next; whether there was anything to do."""
    waiting = select(ReconciliationLead).where(
        ReconciliationLead.reconciliation_id == job.id, ReconciliationLead.outcome.is_(None)
    )
    rows = (await db.scalars(waiting.order_by(ReconciliationLead.place))).all()
    ended = await runs_of(db, [one for one in rows if one.run_id is not None])
    for row in rows:
        run = ended.get(row.run_id) if row.run_id is not None else None
        if run is not None:
            row.outcome, row.ended_at = await outcome_of(kit, db, job, row.lead_id, run, now), now
    room = AT_ONCE - sum(one.run_id is not None and one.outcome is None for one in rows)
    asked = await ask(kit, db, job, [one for one in rows if one.run_id is None][: max(0, room)], now)
    await db.flush()
    if ended or asked:
        counts = store.counts_of(job)
        done = await tally(db, job)
        counts.profile_reads, counts.resolved = done.reads, done.resolved
        job.counts = counts.model_dump(mode="json")
    return bool(ended or asked)


async def runs_of(db: AsyncSession, rows: Sequence[ReconciliationLead]) -> dict[UUID, runs.Run]:
    """The runs of these that are over."""
    if not rows:
        return {}
    query = select(runs.Run).where(
        runs.Run.id.in_([one.run_id for one in rows]), runs.Run.status.in_(runs.TERMINAL)
    )
    found = await db.scalars(query, execution_options={"populate_existing": True})
    return {one.id: one for one in found}


async def ask(
    kit: PlannerKit, db: AsyncSession, job: Reconciliation, rows: Sequence[ReconciliationLead], now: datetime
) -> bool:
    """Have the next profiles read, but for leads that are known by now; whether there was one to look at."""
    if not rows:
        return False
    handle = (await accounts.by_id(db, job.account_id)).handle
    keys = await people.keys_of(db, [one.lead_id for one in rows])
    asking: list[tuple[ReconciliationLead, runs.RunRequest]] = []
    for row in rows:
        name = name_to_read(Sought(row.lead_id, None, "none", None, tuple(keys[row.lead_id])))
        if not keys[row.lead_id]:
            row.outcome, row.ended_at = "gone", now  # merged into another lead, or erased
        elif {key.kind for key in keys[row.lead_id]} & LASTING:
            row.outcome, row.ended_at = "known_already", now
        elif name is None:
            row.outcome, row.ended_at = "no_name", now
        else:
            asking.append((row, request(job, handle, row.lead_id, name)))
    submitted = await runs.submit_many(db, kit.ids, [one for _, one in asking], now, kit.leased(now))
    for (row, _), answer in zip(asking, submitted, strict=True):
        row.run_id = answer.run.id
    return True


def request(job: Reconciliation, handle: str, lead_id: UUID, name: str) -> runs.RunRequest:
    """The run that reads one profile. Its key is the lead's: whatever happens, there is no second one."""
    return runs.RunRequest(
        handle,
        CheckConnection(public_identifier=name),
        tags=(TAG, store.shown(job)),
        priority=PRIORITY,
        idempotency_key=f"reconcile:{store.shown(job)}:{public_id('lead', lead_id)}",
    )


async def outcome_of(
    kit: PlannerKit, db: AsyncSession, job: Reconciliation, lead_id: UUID, run: runs.Run, now: datetime
) -> str:
    """What a read told: the lead gets the ids, and how the account stands to them is taken down."""
    if run.status != "completed":
        return run.error_code or run.status
    try:
        read = ConnectionState.model_validate(run.result)
    except ValidationError:
        log.exception("reconcile.check_not_understood", run_id=public_id("run", run.id))
        return "unknown_shape"
    if read.profile_id is None:
        return "not_told"
    told = Told(read.profile_id, read.public_identifier, read.member_id, run.id)
    lead = await people.identified(db, kit.ids, now, lead_id, told)
    if lead is None:
        return "another_member"
    state: State | None = OF_CHECK.get(read.state)  # type: ignore[assignment]  # words of relationships
    if state is not None:
        source = f"reconcile:{store.shown(job)}"
        seen = Seen(state, run.started_at or now, source, since=read.connected_at)
        await people.observe(db, job.account_id, lead.id, seen, now)
    return "resolved"


@dataclass(frozen=True)
class Tally:
    """How many profiles were read, and how many told who it is."""

    reads: int
    resolved: int


TALLY: Final = text("""
select count(*) filter (where outcome is not null and run_id is not null and outcome <> 'cancelled'),
    count(*) filter (where outcome = 'resolved')
from reconciliation_leads where reconciliation_id = :id
""")


async def tally(db: AsyncSession, job: Reconciliation) -> Tally:
    """How it went so far."""
    ((reads, resolved),) = await fetch(db, TALLY, {"id": job.id})
    return Tally(reads, resolved)
