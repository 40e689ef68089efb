"""Routes of reconciliation: what was done last and comes next, and doing it now."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Body, Path
from pydantic import BaseModel, ConfigDict, Field

from overture import db as database
from overture.core.errors import Conflict, NotFound
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.db import JobRun
from overture.entrypoints import jobs
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.fields import Handle, Whole
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.system import WRITE
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs import JOBS, Outlook, Scope

router = APIRouter(prefix="/api/v1/admin", tags=["admin"], dependencies=[needs_key])

SHOWN: Final = 20
MOST_HANDLES: Final = 1000
JOB_PATTERN: Final = "^[a-z_]{1,40}$"
Handles = Annotated[
    tuple[Handle, ...] | None,
    Field(default=None, max_length=MOST_HANDLES, description="Of these accounts; all when absent."),
]


class JobRunView(BaseModel):
    """One time a job was done."""

    job_run_id: str = Field(examples=["job_01kb3v6q2v8x0c5h2m9r4t7wze"])
    job: str = Field(examples=["messages"])
    trigger: str = Field(
        description="`nightly`, `start` of a process, `reconnect` of an account, `settled` a while after it, "
        "`silent` webhooks, `api` or `cli`."
    )
    by: str
    asked: dict[str, Any] = Field(description="About what; empty is everything.")
    status: Literal["running", "completed", "failed"]
    started_at: Instant
    finished_at: Instant | None
    result: dict[str, Any] | None = Field(
        description="What was found and done, by account.",
        examples=[{"accounts": {"ada": {"read": 12, "new": 1}}, "failed": 0}],
    )
    error: str | None = Field(description="Why it failed; `died`: its process was gone.")


class JobView(BaseModel):
    """How one job stands."""

    job: str = Field(examples=["messages"])
    says: str = Field(description="What it does.")
    next_at: Instant | None = Field(description="Its next night; null: it is not done by itself.")
    held: str | None = Field(
        description="What keeps it from its night: `off` (OVERTURE_RECONCILE_NIGHTLY) or `kill_switch`."
    )
    last: JobRunView | None


class JobList(BaseModel):
    """Every job."""

    data: list[JobView]


class JobRunList(BaseModel):
    """The last times a job was done, newest first."""

    data: list[JobRunView]


class OfAccounts(BaseModel):
    """Which accounts are meant."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, json_schema_extra={"examples": [{"handles": ["ada"]}]}
    )

    handles: Handles


class CatchUp(OfAccounts):
    """Which messages are caught up with."""

    since: Instant | None = Field(
        default=None, description="From here on; else from where everything surely was received."
    )


class Recount(OfAccounts):
    """Which days are counted anew."""

    days: Whole = Field(
        default=7, strict=True, ge=1, le=366, description="So many days of each account's zone."
    )


@router.get("/reconcile", responses=declared())
async def list_jobs(app: Product) -> JobList:
    """Every job: what came of it last, when it is done next, and what holds it."""
    return await show_jobs(app)


@router.get("/reconcile/jobs/{job}", responses=declared(404))
async def list_job_runs(
    app: Product, job: Annotated[str, Path(pattern=JOB_PATTERN, examples=["messages"])]
) -> JobRunList:
    """The last twenty times a job was done."""
    if job not in JOBS:
        entry = PROBLEMS["job_not_found"]
        raise NotFound("job_not_found", entry.meaning, fix=entry.fix, known=sorted(JOBS))
    async with app.sessions() as db:
        return JobRunList(data=[run_view(one) for one in await database.job_runs(db, job, SHOWN)])


@router.post("/catch-up/messages", responses=declared(*WRITE, 404, 409))
async def catch_up_messages(
    app: Product, by: By, wish: Annotated[CatchUp | None, Body()] = None
) -> JobRunView:
    """Read what the service has of messages and take in what nobody told us of; answers when it is done.

    An account whose provider keeps no store has its inbox read by a run, within its hours and limits.
    """
    wish = wish or CatchUp(handles=None)
    return await done_now(app, "messages", Scope(handles=wish.handles, since=wish.since), by=by)


@router.post("/backfill/conversations", responses=declared(*WRITE, 404, 409))
async def backfill_conversations(
    app: Product, by: By, wish: Annotated[OfAccounts | None, Body()] = None
) -> JobRunView:
    """Give connected leads the conversation the service has with them: one walk through each account's."""
    return await done_now(app, "conversations", Scope(handles=wish.handles if wish else None), by=by)


@router.post("/backfill/rate-usage", responses=declared(*WRITE, 404, 409))
async def backfill_rate_usage(
    app: Product, by: By, wish: Annotated[Recount | None, Body()] = None
) -> JobRunView:
    """Count anew what accounts did day by day, and put right what was written down of it."""
    wish = wish or Recount(handles=None)
    return await done_now(app, "rate_usage", Scope(handles=wish.handles, days=wish.days), by=by)


async def done_now(app: App, job: str, scope: Scope, *, by: str, trigger: str = "api") -> JobRunView:
    """Do a job, and show what came of it; refuses while the same is under way, and accounts there are not."""
    await jobs.refuse_unknown(app, scope.handles)
    done = await jobs.do(app, JOBS[job], trigger=trigger, by=by, scope=scope)
    if done is None:
        entry = PROBLEMS["job_under_way"]
        raise Conflict("job_under_way", entry.meaning, fix=entry.fix, job=job)
    async with app.sessions() as db:
        return run_view(await db.get_one(JobRun, done.id))


async def show_jobs(app: App) -> JobList:
    """How every job stands."""
    return JobList(data=[job_view(one) for one in await jobs.outlook(app)])


def job_view(one: Outlook) -> JobView:
    """A job as it is shown."""
    last = run_view(one.last) if one.last is not None else None
    return JobView(job=one.job.name, says=one.job.says, next_at=one.next_at, held=one.held, last=last)


def run_view(one: JobRun) -> JobRunView:
    """One time a job was done, as it is shown."""
    names = ("job", "trigger", "by", "asked", "status", "started_at", "finished_at", "result", "error")
    facts = {name: getattr(one, name) for name in names}
    return JobRunView.model_validate({"job_run_id": public_id("job", one.id), **facts})
