"""Submitting a run: validated input in, one committed row out, whoever asks and however often."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.core.errors import Invalid
from overture.core.ids import Ids
from overture.core.reasons import Reason
from overture.db import append_event
from overture.runs import engine
from overture.runs.tables import IdempotencyKey, Run
from overture.touchpoints import Touchpoint

DEFAULT_PRIORITY = 5


@dataclass(frozen=True)
class RunRequest:
    """What a client asks for."""

    handle: str
    touchpoint: Touchpoint
    dry_run: bool = False
    tags: tuple[str, ...] = ()
    not_before: datetime | None = None
    expires_at: datetime | None = None
    look_since: datetime | None = None
    """How far back the last look goes; no later than the run's creation. No part of what is asked for: a key
    repeated with another one is the same request."""
    known_as: tuple[str, ...] = ()
    """Other keys of the target, under which this account may have written to the same person."""
    priority: int = DEFAULT_PRIORITY
    idempotency_key: str | None = None

    @cached_property
    def content_hash(self) -> str:
        """What the touchpoint's exact input is known by."""
        return self.touchpoint.content_hash()

    def fingerprint(self) -> str:
        """What a repeated key must agree with."""
        parts = [
            self.handle,
            self.content_hash,
            self.dry_run,
            sorted(self.tags),
            str(self.not_before),
            str(self.expires_at),
            self.priority,
        ]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


@dataclass(frozen=True)
class Submitted:
    """The run a request led to, and whether it had been there before."""

    run: Run
    replayed: bool


async def submit(
    db: AsyncSession, ids: Ids, request: RunRequest, now: datetime, lease: datetime
) -> Submitted:
    """Store the run and, when its account is free, hand it to the engine: all in the caller's transaction."""
    run_id = ids.new()
    if (
        request.idempotency_key is not None
    ):  # first: a repeated key gets its answer whatever has changed since
        earlier = await claim_key(db, request, run_id, now)
        if earlier is not None:
            return Submitted(earlier, replayed=True)
    account = await accounts.by_handle(db, request.handle)
    check_times(request, now)
    run = Run(**new_run(ids, run_id, account.id, request, now))
    db.add(run)
    await db.flush()
    await append_event(db, now, "run.created", account_id=account.id, run_id=run.id, data=event_data(run))
    if run.next_at is not None and run.next_at <= now:
        await engine.admit(db, now, lease, account_id=account.id)
    return Submitted(run, replayed=False)


def check_times(request: RunRequest, now: datetime) -> None:
    """Refuse a run that is over before it begins."""
    if request.expires_at is not None and request.expires_at <= max(now, request.not_before or now):
        raise Invalid(
            "validation_error",
            "expires_at is not after not_before and now.",
            fix="Give a later expires_at, or none.",
            errors=[{"pointer": "/expires_at", "code": "too_early", "detail": "must be in the future"}],
        )


async def claim_key(db: AsyncSession, request: RunRequest, run_id: UUID, now: datetime) -> Run | None:
    """Take the idempotency key for this run, or return the run that took it first.

    A concurrent twin waits here on the unique index until the first has committed.
    """
    fingerprint = request.fingerprint()
    statement = insert(IdempotencyKey).values(
        key=request.idempotency_key, fingerprint=fingerprint, run_id=run_id, created_at=now
    )
    taken = await db.execute(statement.on_conflict_do_nothing().returning(IdempotencyKey.key))
    if taken.scalar() is not None:
        return None
    earlier = await db.get_one(IdempotencyKey, request.idempotency_key)
    if earlier.fingerprint != fingerprint:
        raise Invalid(
            "idempotency_key_reused",
            "This Idempotency-Key was used for a different request.",
            fix="Use a fresh key for each distinct request.",
        )
    return await db.get_one(Run, earlier.run_id)


def new_run(
    ids: Ids, run_id: UUID, account_id: UUID, request: RunRequest, now: datetime
) -> dict[str, object]:
    """The row of a fresh run: due at once, or when the client said."""
    touchpoint = request.touchpoint
    target = touchpoint.target_key()
    delayed = request.not_before is not None and request.not_before > now
    return {
        "id": run_id,
        "account_id": account_id,
        "handle": request.handle,
        "touchpoint_type": touchpoint.kind(),
        "touchpoint_input": touchpoint.model_dump(mode="json", exclude_none=True),
        "category": touchpoint.counts_as,
        "target": target,
        "content_hash": request.content_hash,
        "token": ids.token(),
        "dry_run": request.dry_run,
        "tags": list(request.tags),
        "priority": request.priority,
        "created_at": now,
        "not_before": request.not_before,
        "expires_at": request.expires_at,
        "look_since": request.look_since,
        "known_as": sorted({*request.known_as} - {target or ""}) or None,
        "status": "pending",
        "effect": "none",
        "next_at": request.not_before if delayed else now,
        "wait_reason": Reason.DELAY if delayed else Reason.READY,
        "cancel_requested": False,
        "attempts": 0,
        "read_backs": 0,
        "epoch": 0,
        "evidence": [],
    }


def event_data(run: Run) -> dict[str, object]:
    """What an event tells of a run: enough to react, nothing of the text."""
    return {
        "handle": run.handle,
        "touchpoint_type": run.touchpoint_type,
        "target": run.target,
        "tags": run.tags,
        "dry_run": run.dry_run,
    }
