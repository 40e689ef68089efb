"""Doing a job: begun once, watched, written down and told of in the log, whatever becomes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from uuid import UUID

import psycopg
import structlog
from pydantic import BaseModel, ConfigDict

from overture import db as database
from overture.core.errors import OvertureError
from overture.db import JobOutcome, Wish, append_event, beat, begin_job, finish_job
from overture.entrypoints.bootstrap import App
from overture.inbox import SPOILING, StoreAway
from overture.providers.unipile.client import UnipileError

log = structlog.get_logger()

FAILING: Final = (*SPOILING, RuntimeError, OSError, psycopg.Error, StoreAway, UnipileError)
"""What a job may die of without taking the process along."""


class Scope(BaseModel):
    """About what a job is done; what is left out is no condition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handles: tuple[str, ...] | None = None
    since: datetime | None = None
    days: int | None = None


class JobFailed(Exception):
    """The job could not be done; `result` says how far it came."""

    def __init__(self, code: str, result: dict[str, object]) -> None:
        super().__init__(code)
        self.code = code
        self.result = result


@dataclass(frozen=True)
class Doing:
    """One time a job is done."""

    app: App
    id: UUID
    trigger: str
    by: str
    scope: Scope = field(default_factory=Scope)

    async def goes_on(self) -> None:
        """Show that it does: else another copy of the process takes it up after a while."""
        async with self.app.sessions.begin() as db:
            await beat(db, self.id, self.app.now())


Perform = Callable[[Doing], Awaitable[dict[str, object]]]
Held = Callable[[App], Awaitable[str | None]]


async def never(_: App) -> str | None:
    """Nothing holds it."""
    return None


@dataclass(frozen=True)
class Job:
    """One kind of reconciliation: what it does, and what may keep it from its night."""

    name: str
    says: str
    perform: Perform
    held: Held = never


@dataclass(frozen=True)
class Done:
    """What came of a job."""

    id: UUID
    outcome: JobOutcome


async def do(
    app: App, job: Job, *, trigger: str, by: str, scope: Scope | None = None, night: date | None = None
) -> Done | None:
    """Do a job now; None: it is under way already, or that night's was begun by another copy."""
    scope, run_id = scope or Scope(), app.ids.new()
    asked = scope.model_dump(mode="json", exclude_none=True)
    async with app.sessions.begin() as db:
        if not await begin_job(db, run_id, Wish(job.name, trigger, by, asked, night), app.now()):
            return None
    doing = Doing(app, run_id, trigger, by, scope)
    try:
        outcome = await outcome_of(job, doing)
    except asyncio.CancelledError:  # the process ends: its night is free for the next
        await asyncio.shield(write_down(job, doing, JobOutcome("failed", error=database.STOPPED)))
        raise
    await write_down(job, doing, outcome)
    return Done(run_id, outcome)


async def outcome_of(job: Job, doing: Doing) -> JobOutcome:
    """Do it; what goes wrong is said, and the process goes on."""
    try:
        return JobOutcome("completed", await job.perform(doing))
    except JobFailed as failed:
        log.warning("job.failed", job=job.name, error=failed.code)
        return JobOutcome("failed", failed.result, failed.code)
    except FAILING as error:
        log.exception("job.failed", job=job.name)
        return JobOutcome("failed", error=why(error))


def why(error: Exception) -> str:
    """What is kept of an error: its code or class, no text of a person."""
    if isinstance(error, OvertureError | StoreAway):
        return error.code
    return f"error:{type(error).__name__}"


async def write_down(job: Job, doing: Doing, outcome: JobOutcome) -> None:
    """Keep what came of it, and tell of it in the log."""
    app = doing.app
    async with app.sessions.begin() as db:
        now = app.now()
        if not await finish_job(db, doing.id, outcome, now):
            return  # it had been given up for dead, and that was told
        data = {
            "job": job.name,
            "trigger": doing.trigger,
            "by": doing.by,
            "asked": doing.scope.model_dump(mode="json", exclude_none=True),
            "result": outcome.result,
            "error": outcome.error,
        }
        kind = "job.finished" if outcome.status == "completed" else "job.failed"
        await append_event(db, now, kind, data=data)
