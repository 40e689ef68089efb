"""Reaping: runs whose worker shows no sign of life go on by their effect, under a new epoch."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.db import append_event
from overture.runs import engine, settle, store
from overture.runs.kit import Kit
from overture.runs.record import look_again, write_attempt
from overture.runs.tables import Run
from overture.touchpoints import REGISTRY

log = structlog.get_logger()

BATCH = 200
MOST_DEATHS = 20  # workers one run may cost before it is taken for the cause


async def reap(kit: Kit, db: AsyncSession, now: datetime) -> int:
    """Take back every run whose lease has run out; returns how many."""
    await engine.keep_queued(db, now, kit.lease(now))
    found: Sequence[UUID] = await store.overdue(db, now, BATCH)
    if not found:
        return 0
    for run in await db.scalars(select(Run).where(Run.id.in_(found))):
        await take_back(kit, db, run, now)
    await db.flush()
    return len(found)


async def start_over(db: AsyncSession, run: Run, now: datetime) -> None:
    """Pending again; a dead worker is not the run's fault, unless it is always this run they die of."""
    if await store.deaths(db, run.id) + 1 >= MOST_DEATHS:
        settle.fail(run, now, "worker_lost", f"{MOST_DEATHS} workers died while they performed this run.")
        return
    run.attempts -= 1
    settle.put_back(run, now, Reason.WORKER_LOST)


def died(run: Run, worker: str, was: str, began: datetime, now: datetime) -> dict[str, object]:
    """The row of an attempt whose worker died."""
    return {
        "run_id": run.id,
        "epoch": run.epoch,
        "purpose": "read_back" if was == "held" else "perform",
        "worker": worker,
        "started_at": began,
        "ended_at": now,
        "ended_as": "died",
        "steps": [],
        "error_code": "worker_lost",
        "error": "The worker showed no sign of life within its lease.",
    }


async def take_back(kit: Kit, db: AsyncSession, run: Run, now: datetime) -> None:
    """Put one run where its effect says: nothing done, start again; intended, read back."""
    worker, was, began = run.worker, run.status, run.admitted_at or now
    intended = run.effect in ("intended", "unknown")
    if was == "running" and intended and REGISTRY[run.touchpoint_type].reversibility == "once":
        account = await accounts.by_id(db, run.account_id)
        at = max(now, (run.intended_at or now) + kit.grace(account.provider))
        run.error_code = "outcome_unknown"
        run.error = "The worker died between the intent and the proof."
        settle.hold(run, at, Reason.WAITING_RECONCILE)
    elif was == "running":
        run.effect = "none" if run.effect == "intended" else run.effect
        await start_over(db, run, now)
    elif was == "held" and worker is not None:
        look_again(kit, run, now)
        if run.read_backs >= MOST_DEATHS:
            settle.hold(run, None, Reason.OUTCOME_UNKNOWN)
    else:  # admitted but never begun: its next time still stands
        settle.release(run)
    settle.cancel_if_asked(run, now)
    if worker is not None:
        await write_attempt(db, died(run, worker, was, began, now))
    run_id = public_id("run", run.id)
    log.warning("run.reaped", run_id=run_id, handle=run.handle, worker=worker, effect=run.effect)
    data = {"worker": worker, "effect": run.effect, "status": run.status}
    await append_event(db, now, "run.reaped", account_id=run.account_id, run_id=run.id, data=data)
