"""The states a run can be put into: each function is one legal transition, and nothing else writes them."""

from datetime import datetime

from overture.core.reasons import Reason
from overture.runs.tables import Run


def release(run: Run) -> None:
    """Give the account free: the run is no longer live."""
    run.admitted_at = None
    run.lease_until = None
    run.worker = None


def put_back(run: Run, at: datetime, reason: Reason) -> None:
    """Pending again, due at `at`; or when it expires, to be told so, if that comes first."""
    release(run)
    run.status, run.read_backs = "pending", 0
    run.next_at = at if run.expires_at is None else min(at, run.expires_at)
    run.wait_reason = reason


def hold(run: Run, at: datetime | None, reason: Reason) -> None:
    """Held: read back at `at`, or, without a time, by a person."""
    release(run)
    run.status = "held"
    run.effect = "unknown"
    run.next_at = at
    run.wait_reason = reason


def complete(run: Run, now: datetime, result: dict[str, object], *, acted: bool) -> None:
    """Completed, with what it brought."""
    finish(run, "completed", now)
    if acted:
        run.effect = "confirmed"
    elif run.effect == "intended":  # what might have been noticed did not come to it
        run.effect = "none"
    run.result = result
    run.error = run.error_code = None


def fail(run: Run, now: datetime, code: str, message: str) -> None:
    """Failed for good."""
    finish(run, "failed", now)
    run.error_code = code
    run.error = message


def cancel(run: Run, now: datetime) -> None:
    """Cancelled before anything was sent."""
    finish(run, "cancelled", now)
    run.error_code = None
    run.error = None


def cancel_if_asked(run: Run, now: datetime) -> None:
    """Cancelled, if the client asked for it while the run was live and nothing came of it."""
    if run.cancel_requested and run.status == "pending":
        cancel(run, now)


def finish(run: Run, status: str, now: datetime) -> None:
    """Terminal: quiet, with its end and how long it was under way."""
    release(run)
    run.status = status
    run.next_at = None
    run.wait_reason = None
    run.completed_at = now
    if run.started_at is not None:
        run.duration_ms = round((now - run.started_at).total_seconds() * 1000)


def reopen(run: Run, now: datetime) -> None:
    """Pending again after it had ended, as a person asked."""
    run.completed_at = None
    run.duration_ms = None
    run.result = None
    run.attempts = 0
    run.cancel_requested = False
    put_back(run, now, Reason.READY)
