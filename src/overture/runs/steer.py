"""What a client may do to a run: cancel it, try it again, or say what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.core.errors import Conflict
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.db import append_event
from overture.runs import settle
from overture.runs.tables import TERMINAL, Run

Verdict = Literal["delivered", "not_delivered", "not_delivered_retry"]


def allowed(run: Run) -> tuple[str, ...]:
    """What may be done to the run in its present state."""
    if run.status in ("pending", "running"):
        return ("cancel",)
    if run.status == "held":
        return ("resolve",) if run.admitted_at is None else ()  # it is being read back right now
    return ("retry",) if run.status in ("failed", "cancelled") and run.effect != "confirmed" else ()


def refuse(run: Run, wanted: str, fix: str) -> Conflict:
    """The refusal of something the run's state does not allow."""
    return Conflict(
        "illegal_transition",
        f"{public_id('run', run.id)} is {run.status} (effect {run.effect}); it cannot be {wanted}.",
        fix=fix,
        current_state=run.status,
        effect=run.effect,
        allowed_actions=list(allowed(run)),
    )


async def cancel(db: AsyncSession, run: Run, now: datetime, *, by: str | None = None) -> None:
    """Cancel: at once when it has not begun, else before its act; after the act it cannot be undone."""
    if run.status == "held":
        raise refuse(run, "cancelled", "Its outcome is unknown; use resolve, or wait until it is read back.")
    if run.status in TERMINAL:
        raise refuse(run, "cancelled", "It is over.")
    run.cancel_requested = True
    if run.admitted_at is None:
        settle.cancel(run, now)
        data = {"by": by} if by is not None else None
        await append_event(db, now, "run.cancelled", account_id=run.account_id, run_id=run.id, data=data)


HURRY: Final = text("""
update runs set next_at = :now, wait_reason = 'ready' where run_id in (
    select run_id from runs
    where run_id = any(:runs) and status = 'pending' and admitted_at is null and next_at > :now
    order by run_id for update skip locked)
""")


async def hurry(db: AsyncSession, run_ids: Sequence[UUID], now: datetime) -> None:
    """What these runs waited for is over: the gate is asked again at once, and may have them wait on."""
    await db.execute(HURRY, {"runs": list(run_ids), "now": now})


async def retry(db: AsyncSession, run: Run, now: datetime, *, by: str = "api") -> None:
    """Let a run that ended without effect run again, under the same token."""
    if "retry" not in allowed(run):
        raise refuse(run, "retried", "Only a failed or cancelled run that sent nothing can be retried.")
    if run.expires_at is not None and run.expires_at <= now:
        raise refuse(run, "retried", "It has expired; submit a new run.")
    if await accounts.unless_removed(db, run.account_id) is None:
        raise refuse(run, "retried", "Its account was removed; submit a new run for another.")
    settle.reopen(run, now)
    await append_event(db, now, "run.retried", account_id=run.account_id, run_id=run.id, data={"by": by})


async def resolve(
    db: AsyncSession, run: Run, verdict: Verdict, note: str | None, now: datetime, *, by: str = "api"
) -> None:
    """A person says what became of a held run; it is written down as theirs."""
    if run.status != "held" or run.admitted_at is not None:
        fix = "It is being read back right now; look again in a minute."
        raise refuse(run, "resolved", fix if run.status == "held" else "Only a held run can be resolved.")
    if verdict == "delivered":
        settle.complete(run, now, {"resolved_by_person": True, "note": note}, acted=True)
    else:
        run.effect = "absent"
        if verdict == "not_delivered_retry":
            run.cancel_requested = False
            settle.put_back(run, now, Reason.RETRY)
        else:
            settle.fail(run, now, "not_delivered", note or "A person found that it was not delivered.")
    data = {"verdict": verdict, "note": note, "by": by}
    await append_event(db, now, "run.resolved", account_id=run.account_id, run_id=run.id, data=data)
