"""Reconciliations as they are kept: begun, found again, cancelled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account
from overture.campaigns.reconcile.report import Counts
from overture.campaigns.reconcile.scope import Scope
from overture.campaigns.reconcile.tables import OVER, Reconciliation
from overture.core.errors import Conflict, NotFound
from overture.core.ids import Ids, public_id
from overture.db import About, append_events, fetch

PREFIX: Final = "rec"
CHANNEL: Final = "linkedin"


@dataclass(frozen=True)
class Order:
    """Who wants a reconciliation, of what, and why."""

    scope: Scope
    by: str
    why: str | None = None


async def begin(db: AsyncSession, ids: Ids, account: Account, order: Order, now: datetime) -> Reconciliation:
    """Begin one; the planner's process carries it on. Refuses while another of this account is under way."""
    await db.execute(LOCK, {"key": f"reconcile:{account.id}"})
    under_way = await open_of(db, account.id)
    if under_way is not None:
        raise Conflict(
            "reconciliation_under_way",
            f"The connections of {account.handle} are being reconciled.",
            fix="Wait for it, or cancel it.",
            reconciliation_id=shown(under_way),
        )
    made = Reconciliation(
        id=ids.new(),
        account_id=account.id,
        state="reading",
        scope=order.scope.model_dump(mode="json"),
        run_ids=[],
        counts=Counts().model_dump(mode="json"),
        unmatched={"leads": [], "relations": []},
        by=order.by,
        why=order.why,
        created_at=now,
        updated_at=now,
    )
    db.add(made)
    await db.flush()
    await tell(db, made, "started", now, {"scope": made.scope, "why": made.why})
    return made


LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True)
class Passed:
    """An account that was passed over, and why."""

    handle: str
    code: str


async def begin_all(
    db: AsyncSession, ids: Ids, order: Order, now: datetime
) -> tuple[list[Reconciliation], list[Passed]]:
    """Begin one of every account that may act; which were passed over."""
    begun: list[Reconciliation] = []
    passed: list[Passed] = []
    for account in await accounts.list_all(db):
        if account.channel != CHANNEL:
            continue
        if account.state != "active":
            passed.append(Passed(account.handle, f"account_{account.state}"))
        elif await open_of(db, account.id) is not None:
            passed.append(Passed(account.handle, "reconciliation_under_way"))
        else:
            begun.append(await begin(db, ids, account, order, now))
    return begun, passed


async def open_of(db: AsyncSession, account_id: UUID) -> Reconciliation | None:
    """The one of this account that is under way."""
    query = select(Reconciliation).where(
        Reconciliation.account_id == account_id, Reconciliation.finished_at.is_(None)
    )
    found: Reconciliation | None = await db.scalar(query)
    return found


async def by_id(db: AsyncSession, reconciliation_id: UUID, *, lock: bool = False) -> Reconciliation:
    """The reconciliation, or a refusal."""
    found = await db.get(Reconciliation, reconciliation_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(
            "reconciliation_not_found",
            f"There is no reconciliation {public_id(PREFIX, reconciliation_id)}.",
            fix="Look at GET /api/v1/admin/reconcile/connections for those there are.",
        )
    return found


async def page(
    db: AsyncSession, account_id: UUID | None, before: UUID | None, size: int
) -> Sequence[Reconciliation]:
    """Reconciliations, newest first."""
    query = select(Reconciliation)
    if account_id is not None:
        query = query.where(Reconciliation.account_id == account_id)
    if before is not None:
        query = query.where(Reconciliation.id < before)
    return (await db.scalars(query.order_by(Reconciliation.id.desc()).limit(size))).all()


async def cancel(db: AsyncSession, job: Reconciliation, by: str, now: datetime) -> Reconciliation:
    """End one that is under way, and take back its runs that have not begun; what it found out stays."""
    if job.state in OVER:
        raise Conflict(
            "illegal_transition",
            f"{shown(job)} is over.",
            fix="Begin another one.",
            current_state=job.state,
            allowed_actions=[],
        )
    for run_id in await open_runs(db, job):
        run = await runs.by_id(db, run_id, lock=True)
        if run.status == "pending":
            await runs.cancel(db, run, now)
    job.state, job.finished_at, job.updated_at = "cancelled", now, now
    await db.flush()
    await tell(db, job, "cancelled", now, {"by": by})
    return job


OPEN_RUNS: Final = text("""
select run_id from runs where status = 'pending' and admitted_at is null
  and (run_id = any(:readings) or run_id in (select run_id from reconciliation_leads
       where reconciliation_id = :id and outcome is null and run_id is not null))
order by run_id
""")
STANDING: Final = text("""
select run_id from runs where status in ('pending', 'running', 'held')
  and (run_id = any(:readings) or run_id in (select run_id from reconciliation_leads
       where reconciliation_id = :id and outcome is null and run_id is not null))
order by admitted_at nulls last, next_at, run_id limit 1
""")


async def open_runs(db: AsyncSession, job: Reconciliation) -> list[UUID]:
    """Runs of it that have not begun."""
    return [row[0] for row in await fetch(db, OPEN_RUNS, {"readings": job.run_ids, "id": job.id})]


async def run_of(db: AsyncSession, job: Reconciliation) -> runs.Run | None:
    """The run it waits for, the one that comes next if there are several."""
    if job.finished_at is not None:
        return None
    rows = await fetch(db, STANDING, {"readings": job.run_ids, "id": job.id})
    return await runs.by_id(db, rows[0][0]) if rows else None


def shown(job: Reconciliation) -> str:
    """Its id as clients know it."""
    return public_id(PREFIX, job.id)


async def tell(
    db: AsyncSession, job: Reconciliation, what: str, now: datetime, more: dict[str, object]
) -> None:
    """An event of it."""
    data = {"reconciliation_id": shown(job), "by": job.by, **more}
    await append_events(db, [(now, f"reconciliation.{what}", About(account_id=job.account_id), data)])


def scope_of(job: Reconciliation) -> Scope:
    """What was asked for."""
    return Scope.model_validate(job.scope)


def counts_of(job: Reconciliation) -> Counts:
    """How far it is."""
    return Counts.model_validate(job.counts)
