"""Carrying reconciliations on: read the connections, compare, find out who the rest are, compare again.

    reading ── the list, by as many runs as it takes
       │  compare: whoever is among them is connected
    resolving ── one profile read for each lead of whom only a name is known
       │  compare again, with what was learnt
    finished

Each step is a transaction that leaves the row such that whoever comes next can go on from it. Reading is done
by runs like any other: quotas, hours and switches hold for them, and their reasons show why it waits.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.campaigns.observe_runs import LOOK_ONLY
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.reconcile import comparing, resolving, store
from overture.campaigns.reconcile.scope import Scope, sought
from overture.campaigns.reconcile.tables import OVER, Reconciliation
from overture.campaigns.spoiling import SPOILING, is_passing
from overture.core.ids import public_id
from overture.touchpoints import RelationsRead, SyncRelations

log = structlog.get_logger()

TAG: Final = "reconcile"
PRIORITY: Final = 2
"""Behind everything a campaign wants to do."""
OVERLAP: Final = 10
"""How many rows are read again when the next run goes on: those removed meanwhile would shift the list."""
RESUMED: Final = ("time", "limit")
MOST: Final = 20

OPEN: Final = text(
    "select reconciliation_id from reconciliations where finished_at is null order by 1 limit :most"
)
TAKE: Final = text("""
select reconciliation_id from reconciliations
where reconciliation_id = :id and finished_at is null for update skip locked
""")


async def turn(kit: PlannerKit, now: datetime, most: int = MOST) -> int:
    """Carry on what is under way; how many of them moved."""
    async with kit.sessions() as db:
        under_way = (await db.scalars(OPEN, {"most": most})).all()
    return sum([await carried_on(kit, one, now) for one in under_way])


async def carried_on(kit: PlannerKit, reconciliation_id: UUID, now: datetime) -> bool:
    """Carry one on; one that cannot be is ended, and the log has why."""
    try:
        async with kit.sessions.begin() as db:
            if await db.scalar(TAKE, {"id": reconciliation_id}) is None:
                return False
            kit.on_step("reconcile.taken")
            moved = await step(kit, db, await store.by_id(db, reconciliation_id), now)
            kit.on_step("reconcile.stepped")
        if moved:
            kit.on_step("reconcile.committed")
    except SPOILING as error:
        if is_passing(error):
            raise
        log.exception("reconcile.broken", reconciliation_id=public_id(store.PREFIX, reconciliation_id))
        await broken(kit, reconciliation_id, type(error).__name__, now)
        return True
    return moved


async def broken(kit: PlannerKit, reconciliation_id: UUID, why: str, now: datetime) -> None:
    """End one that met what nobody foresaw."""
    async with kit.sessions.begin() as db:
        job = await store.by_id(db, reconciliation_id, lock=True)
        if job.state not in OVER:
            await fail(db, job, f"error:{why}", now)


async def step(kit: PlannerKit, db: AsyncSession, job: Reconciliation, now: datetime) -> bool:
    """The next step, if there is one to do now."""
    if job.state == "reading":
        return await read_on(kit, db, job, now)
    if await resolving.go_on(kit, db, job, now):
        job.updated_at = now
        return True
    if await resolving.is_left(db, job):
        return False
    await finish(kit, db, job, now)
    return True


async def read_on(kit: PlannerKit, db: AsyncSession, job: Reconciliation, now: datetime) -> bool:
    """Begin to read, wait for the run that reads, have the next one go on, or compare."""
    if not job.run_ids:
        if await sought(db, job.account_id, store.scope_of(job)):
            await submit_reading(kit, db, job, 0, now)
        else:  # nobody is looked for: nothing has to be read
            await end(db, job, now)
        return True
    run = await runs.by_id(db, job.run_ids[-1])
    if run.status not in runs.TERMINAL:
        return False
    read = read_by(run)
    if read is None:
        await fail(db, job, run.error_code or run.status, now)
        return True
    note(job, read)
    start = next_start(job, read)
    if start is not None:
        await submit_reading(kit, db, job, start, now)
        return True
    await compare(kit, db, job, now)
    return True


def read_by(run: runs.Run) -> RelationsRead | None:
    """What a run read; None if it did not."""
    if run.status != "completed":
        return None
    try:
        return RelationsRead.model_validate(run.result)
    except ValidationError:
        log.exception("reconcile.reading_not_understood", run_id=public_id("run", run.id))
        return None


def note(job: Reconciliation, read: RelationsRead) -> None:
    """Take down how far the reading came."""
    counts = store.counts_of(job)
    counts.relations_read += len(read.relations)
    counts.relations_total = read.total if read.total is not None else counts.relations_total
    counts.pages += read.pages or 0
    counts.unreadable += read.unreadable
    counts.is_complete = read.ended_by == "end" and not counts.unreadable
    job.counts = counts.model_dump(mode="json")


def next_start(job: Reconciliation, read: RelationsRead) -> int | None:
    """Where the next run goes on; None when all that was asked for is read."""
    scope, so_far = store.scope_of(job), store.counts_of(job).relations_read
    if read.next_start is None or read.ended_by not in RESUMED or so_far >= scope.limit or not read.relations:
        return None
    return max(0, read.next_start - OVERLAP) if len(read.relations) > OVERLAP else read.next_start


async def submit_reading(
    kit: PlannerKit, db: AsyncSession, job: Reconciliation, start: int, now: datetime
) -> None:
    """Have the connections read from there on."""
    scope, account = store.scope_of(job), await accounts.by_id(db, job.account_id)
    rest = max(1, scope.limit - store.counts_of(job).relations_read + (OVERLAP if start else 0))
    wanted = runs.RunRequest(
        account.handle,
        SyncRelations(since=scope.since, limit=min(scope.limit, rest), start=start),
        tags=tags_of(job, scope),
        priority=PRIORITY,
    )
    submitted = await runs.submit(db, kit.ids, wanted, now, kit.leased(now))
    job.run_ids = [*job.run_ids, submitted.run.id]
    job.updated_at = now


def tags_of(job: Reconciliation, scope: Scope) -> tuple[str, ...]:
    """The tags of its runs; from what a rehearsal reads nothing follows elsewhere either."""
    return (TAG, store.shown(job), *((LOOK_ONLY,) if scope.dry_run else ()))


async def compare(kit: PlannerKit, db: AsyncSession, job: Reconciliation, now: datetime) -> None:
    """Take down who is connected, and choose whose profile has to be read to find out."""
    scope, found = store.scope_of(job), await comparing.compared(db, job)
    counts = store.counts_of(job)
    if not scope.dry_run:
        await comparing.take_down(kit.ids, db, job, found, now)
        chosen = await resolving.choose(db, job, found, now)
        counts.profile_reads_planned, counts.read_lately = chosen.count, chosen.read_lately
    job.counts = counts.model_dump(mode="json")
    await comparing.report(db, job, found)
    if counts.profile_reads_planned:
        job.state, job.updated_at = "resolving", now
        return
    await end(db, job, now)


async def finish(kit: PlannerKit, db: AsyncSession, job: Reconciliation, now: datetime) -> None:
    """Compare once more with what profiles told, and end it."""
    found = await comparing.compared(db, job)
    await comparing.take_down(kit.ids, db, job, found, now)
    counts = store.counts_of(job)
    tally = await resolving.tally(db, job)
    counts.profile_reads, counts.resolved = tally.reads, tally.resolved
    job.counts = counts.model_dump(mode="json")
    await comparing.report(db, job, found)
    await end(db, job, now)


async def end(db: AsyncSession, job: Reconciliation, now: datetime) -> None:
    """It is over."""
    job.state, job.finished_at, job.updated_at = "finished", now, now
    await db.flush()
    await store.tell(db, job, "finished", now, {"counts": job.counts})


async def fail(db: AsyncSession, job: Reconciliation, problem: str, now: datetime) -> None:
    """It cannot go on."""
    job.state, job.problem, job.finished_at, job.updated_at = "failed", problem, now, now
    await db.flush()
    await store.tell(db, job, "failed", now, {"problem": problem})
