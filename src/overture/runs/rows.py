"""What an attempt leaves in words: its row, how it ended, and the event of the state its run is in."""

from collections.abc import Mapping
from datetime import datetime

from overture.runs.begin import Work
from overture.runs.ends import Bug, End, Failed, Left, Unknown
from overture.runs.tables import Run
from overture.runs.trace import plain


def attempt_of(work: Work, end: End, left: Left, now: datetime) -> dict[str, object]:
    """The row of an attempt."""
    code, message = error_of(end)
    return {
        "run_id": work.run.id,
        "epoch": work.run.epoch,
        "purpose": work.purpose,
        "worker": work.worker,
        "started_at": work.begun_at,
        "ended_at": now,
        "ended_as": ended_as(end),
        "steps": left.steps,
        "traceback": left.traceback,
        "error_code": code,
        "error": message,
    }


def ended_as(end: End) -> str:
    """The word for it."""
    return type(end).__name__.lower()


def error_of(end: End) -> tuple[str | None, str | None]:
    """Code and sentence of an end that is an error."""
    match end:
        case Failed(failure):
            return failure.code, failure.message
        case Unknown(code, message):
            return code, message
        case Bug(message, _):
            return "internal_error", message
        case _:
            return None, None


def event_of(run: Run, now: datetime) -> dict[str, object]:
    """The event of the state the run is in now."""
    kind, data = told(run)
    return {"at": now, "type": kind, "account_id": run.account_id, "run_id": run.id, "data": data}


def told(run: Run) -> tuple[str, dict[str, object]]:
    """Type and data of that event."""
    kind = f"run.{'waiting' if run.status == 'pending' else run.status}"
    return kind, {
        "status": run.status,
        "effect": run.effect,
        "code": run.error_code,
        "reason": run.wait_reason,
        "touchpoint_type": run.touchpoint_type,
        "handle": run.handle,
        "target": run.target,
        "tags": run.tags,
    }


def as_stored(source: str, facts: Mapping[str, object]) -> dict[str, object]:
    """A piece of evidence as it is stored."""
    return {"source": source, "facts": {key: plain(value) for key, value in facts.items()}}
