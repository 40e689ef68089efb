"""The engine adapter: our table admits, Procrastinate wakes a worker, both in one transaction.

The job is only a wake-up `{run_id, epoch}`: lost, a sweep admits the run again; doubled or late, its epoch no
longer matches and it ends quietly. See docs/decisions/0002-execution-engine.md.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from procrastinate import App, PsycopgConnector
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.db import driver_url, fetch

QUEUE: Final = "runs"
TASK: Final = "overture.execute"
MOST_BEAT_S: Final = 10.0  # a worker that is up beats at least this often
PRIORITIES: Final = 10  # 0 … 9

# The best due run of an account: ten index probes, one a priority, whatever waits or lies in the future.
BEST: Final = f"""
    select due.run_id from generate_series({PRIORITIES - 1}, 0, -1) as level(value) cross join lateral (
        select r.run_id, r.priority from runs r
        where r.account_id = a.id and r.priority = level.value and r.admitted_at is null and r.next_at <= :now
        order by r.next_at, r.run_id limit 1
    ) due order by due.priority desc limit 1
"""

# Two statements: the second sees, in its own snapshot, whatever earlier holders of the locks committed, so
# the unique index is never hit. `no key update … skip locked`: two dispatchers neither wait for nor double
# each other, and a run being submitted (which share-locks its account's key) is no obstacle.
LOCK_FREE: Final = text(f"""
select a.id from accounts a cross join lateral ({BEST}) best
where a.state = 'active' and a.removed_at is null
  and (cast(:account_id as uuid) is null or a.id = :account_id)
  and not exists (select 1 from runs live where live.account_id = a.id and live.admitted_at is not null)
for no key update of a skip locked
""")

LOCK_FREE_OF: Final = text(f"""
select a.id from accounts a cross join lateral ({BEST}) best
where a.id = any(:accounts) and a.state = 'active' and a.removed_at is null
  and not exists (select 1 from runs live where live.account_id = a.id and live.admitted_at is not null)
for no key update of a skip locked
""")

ADMITTED: Final = f"""
admitted as (
    update runs set admitted_at = :now, epoch = epoch + 1, lease_until = :lease, worker = null
    from best where runs.run_id = best.run_id and runs.admitted_at is null and runs.next_at <= :now
    returning runs.run_id, runs.epoch, runs.priority
), wakeups as (
    select array_agg(row('{QUEUE}', '{TASK}', priority, null, null,
        jsonb_build_object('run_id', run_id, 'epoch', epoch), null)::procrastinate_job_to_defer_v1) as jobs
    from admitted
)
"""
"""Parts of a `with`: admit the runs of `best`."""
WOKEN: Final = "(select procrastinate_defer_jobs_v1(jobs) from wakeups where jobs is not null)"
"""The jobs that wake workers for these."""
ADMITTING: Final = f"""
best as materialized (
    select best.run_id from accounts a cross join lateral ({BEST}) best
    where a.id = any(:accounts)
      and not exists (select 1 from runs live where live.account_id = a.id and live.admitted_at is not null)
), {ADMITTED}
select procrastinate_defer_jobs_v1(jobs) from wakeups where jobs is not null
"""
"""The tail of a `with`: admits for `:accounts`, whose rows the transaction has locked."""

ADMIT: Final = text(f"with {ADMITTING}")


async def admit(db: AsyncSession, now: datetime, lease: datetime, account_id: UUID | None = None) -> int:
    """Hand the best due run of each free account (or of one) to the engine; returns how many."""
    free = [row[0] for row in await fetch(db, LOCK_FREE, {"now": now, "account_id": account_id})]
    return await admit_locked(db, now, lease, free) if free else 0


async def admit_of(db: AsyncSession, now: datetime, lease: datetime, accounts: Sequence[UUID]) -> int:
    """The same for these accounts."""
    if not accounts:
        return 0
    asked = {"now": now, "accounts": list(accounts)}
    free = [row[0] for row in await fetch(db, LOCK_FREE_OF, asked)]
    return await admit_locked(db, now, lease, free) if free else 0


async def admit_next(db: AsyncSession, now: datetime, lease: datetime, account: Account) -> None:
    """Hand on the next due run of an account whose row the caller has locked."""
    await admit_locked(db, now, lease, at_work(account))


def at_work(account: Account) -> list[UUID]:
    """The account, if it may act at all."""
    return [account.id] if account.state == "active" and account.removed_at is None else []


async def admit_locked(db: AsyncSession, now: datetime, lease: datetime, accounts: Sequence[UUID]) -> int:
    """Admit for accounts whose rows this transaction has locked."""
    rows = await fetch(db, ADMIT, {"now": now, "lease": lease, "accounts": list(accounts)})
    return len(rows[0][0]) if rows and rows[0][0] else 0


def queue_app(database_url: str) -> App:
    """The Procrastinate application on our database; tasks are added by the worker."""
    conninfo = driver_url(database_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return App(connector=PsycopgConnector(conninfo=conninfo, min_size=1, max_size=6))


# A wake-up may wait its turn longer than a lease when there are more accounts than hands: that is no loss.
QUEUED: Final = text("""
update runs set lease_until = :lease
where admitted_at is not null and worker is null and lease_until < :now and exists (
    select 1 from procrastinate_jobs job where job.status = 'todo'
      and job.args->>'run_id' = runs.run_id::text and (job.args->>'epoch')::int = runs.epoch)
""")


async def keep_queued(db: AsyncSession, now: datetime, lease: datetime) -> None:
    """Prolong the lease of admitted runs whose wake-up is still in the queue."""
    await db.execute(QUEUED, {"now": now, "lease": lease})


PRUNE: Final = text("""
delete from procrastinate_jobs where (status = 'doing' and worker_id is null)
   or status in ('succeeded', 'failed', 'cancelled', 'aborted')
""")


async def prune(db: AsyncSession) -> None:
    """Remove wake-ups that are over, and those whose worker is gone: the runs know what is left to do."""
    await db.execute(PRUNE)


SEEN: Final = text("""
select exists (select 1 from procrastinate_workers
    where last_heartbeat > now() - make_interval(secs => :seconds))
""")


async def is_worker_seen(db: AsyncSession, lease: timedelta) -> bool:
    """Whether any worker has shown a sign of life lately, by the database's clock as the beats are."""
    seconds = 2 * max(MOST_BEAT_S, lease.total_seconds())
    return bool(await db.scalar(SEEN, {"seconds": seconds}))
