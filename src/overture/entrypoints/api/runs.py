"""Routes of runs."""

from typing import Annotated, Final, Literal
from urllib.parse import urlencode

from fastapi import APIRouter, Header, Query, Request, Response, status
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, model_validator
from pydantic.config import JsonDict

from overture import runs
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api import acts
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.cursor import CURSOR_LENGTH, cursor_after, read_cursor
from overture.entrypoints.api.fields import (
    HANDLE_PATTERN,
    TOUCHPOINT_TYPES,
    Handle,
    RunIdPath,
    Tag,
    run_uuid,
)
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.shapes import Page, RunDetail, RunList, run_view
from overture.entrypoints.api.standing import surroundings
from overture.runs import DEFAULT_PRIORITY, STATUSES, RunFilter, RunRequest
from overture.touchpoints import AnyTouchpoint

router = APIRouter(prefix="/api/v1/runs", tags=["runs"], dependencies=[needs_key])

WRITE: Final = (400, 413, 415)
DEFAULT_LIMIT: Final = 50
MOST: Final = 200
ONE_STATUS: Final = "(" + "|".join(STATUSES) + ")"
STATUSES_PATTERN: Final = f"^{ONE_STATUS}(,{ONE_STATUS})*$"
TYPE_PATTERN: Final = f"^({'|'.join(TOUCHPOINT_TYPES)})$"
KEY_PATTERN: Final = r"^[!-~]([ -~]{0,253}[!-~])?$"

EXAMPLE: Final[JsonDict] = {
    "handle": "ada",
    "touchpoint": {
        "type": "message",
        "url": "https://www.linkedin.com/in/prisca-hollowell-sbx/",
        "message": "Hello Prisca,\n\nthank you for the talk.",
    },
    "tags": ["talks"],
}


class NewRun(BaseModel):
    """One touchpoint to perform from one account."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    handle: Handle = Field(description="The account that acts.")
    touchpoint: AnyTouchpoint = Field(description="What it does; texts are sent byte for byte.")
    dry_run: StrictBool = Field(default=False, description="Do everything up to the act, and not the act.")
    tags: tuple[Tag, ...] = Field(default=(), max_length=20, description="Your own labels, to filter by.")
    not_before: Instant | None = Field(default=None, description="Start at this time at the earliest.")
    expires_at: Instant | None = Field(default=None, description="Do not act at this time or later.")
    look_since: Instant | None = Field(
        default=None,
        description="Since when you know nothing of the thread with this person: an answer, or a word "
        "of yours by hand, newer than this stops a message or an invitation. Without it, since the run was "
        "taken.",
    )
    priority: StrictInt = Field(default=DEFAULT_PRIORITY, ge=0, le=9, description="9 goes first.")


class Resolution(BaseModel):
    """What a person found out about a held run."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: Literal["delivered", "not_delivered"]
    retry: StrictBool = Field(default=False, description="Only with `not_delivered`: let it run again.")
    note: str | None = Field(default=None, max_length=1000, description="Kept with the run.")

    @model_validator(mode="after")
    def retries_only_what_is_not_there(self) -> "Resolution":
        """Refuse to send again what has arrived."""
        if self.retry and self.outcome == "delivered":
            raise ValueError("retry goes only with not_delivered")
        return self


class Wanted(BaseModel):
    """Which runs a list shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: str | None = Field(default=None, pattern=HANDLE_PATTERN, description="Runs of this account.")
    status: str | None = Field(
        default=None, pattern=STATUSES_PATTERN, max_length=200, description="One or several, with commas."
    )
    type: str | None = Field(default=None, pattern=TYPE_PATTERN, description="Of this touchpoint type.")
    tag: Tag | None = Field(default=None, description="With this tag.")
    created_from: Instant | None = Field(default=None, description="Created at this time or later.")
    created_until: Instant | None = Field(default=None, description="Created before this time.")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MOST)
    cursor: str | None = Field(
        default=None,
        pattern=f"^[A-Za-z0-9_-]{{{CURSOR_LENGTH}}}$",
        description="`next_cursor` of the page before.",
    )

    def filter(self) -> RunFilter:
        """The same as the runs layer takes it."""
        return RunFilter(
            handle=self.handle,
            statuses=tuple(self.status.split(",")) if self.status else (),
            touchpoint_type=self.type,
            tag=self.tag,
            created_from=self.created_from,
            created_until=self.created_until,
        )


@router.post("", status_code=status.HTTP_201_CREATED, responses=declared(*WRITE, 404))
async def submit_run(
    app: Product,
    new: NewRun,
    response: Response,
    idempotency_key: Annotated[
        str | None,
        Header(pattern=KEY_PATTERN, max_length=255, description="Repeating it gives the first answer again."),
    ] = None,
) -> RunDetail:
    """Take a run. It starts when its account may act; nothing is ever sent twice for one run.

    With an `Idempotency-Key` the request can be repeated: the first answer comes again, with
    `Idempotent-Replayed: true`. The same key with another request is refused (`idempotency_key_reused`).
    """
    request = RunRequest(
        handle=new.handle,
        touchpoint=new.touchpoint,
        dry_run=new.dry_run,
        tags=new.tags,
        not_before=new.not_before,
        expires_at=new.expires_at,
        look_since=new.look_since,
        priority=new.priority,
        idempotency_key=idempotency_key,
    )
    run, replayed = await acts.submit_run(app, request)
    response.headers["Location"] = f"/api/v1/runs/{run.run_id}"
    if replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return run


@router.get("", responses=declared())
async def list_runs(
    app: Product, request: Request, response: Response, wanted: Annotated[Wanted, Query()]
) -> RunList:
    """Runs, newest first. Rows that exist all the while appear exactly once, whatever is added meanwhile."""
    before = read_cursor(wanted.cursor, app.api_key) if wanted.cursor else None
    async with app.sessions() as db:
        found = await runs.page(db, wanted.filter(), before, wanted.limit + 1)
        shown = found[: wanted.limit]
        around = await surroundings(db, shown)
    has_more = len(found) > len(shown)
    next_cursor = cursor_after(shown[-1].id, app.api_key) if has_more else None
    if next_cursor is not None:
        query = urlencode(
            [*((k, v) for k, v in request.query_params.items() if k != "cursor"), ("cursor", next_cursor)]
        )
        response.headers["Link"] = f'</api/v1/runs?{query}>; rel="next"'
    page = Page(next_cursor=next_cursor, has_more=has_more, limit=wanted.limit)
    return RunList(data=[run_view(run, around, app.now()) for run in shown], page=page)


@router.get("/{run_id}", responses=declared(404))
async def get_run(app: Product, run_id: RunIdPath) -> RunDetail:
    """One run: status, what it waits for, attempts, evidence, result."""
    return await acts.show_run(app, run_uuid(run_id))


@router.post("/{run_id}/cancel", responses=declared(404, 409))
async def cancel_run(app: Product, by: By, run_id: RunIdPath) -> RunDetail:
    """Cancel a run: at once when it has not begun, else before its act."""
    return await acts.cancel_run(app, run_uuid(run_id), by)


@router.post("/{run_id}/retry", responses=declared(404, 409))
async def retry_run(app: Product, by: By, run_id: RunIdPath) -> RunDetail:
    """Let a failed or cancelled run that sent nothing run again."""
    return await acts.retry_run(app, run_uuid(run_id), by)


@router.post("/{run_id}/resolve", responses=declared(*WRITE, 404, 409))
async def resolve_run(app: Product, by: By, run_id: RunIdPath, resolution: Resolution) -> RunDetail:
    """Say what became of a held run, after looking in the service yourself."""
    if resolution.outcome == "delivered":
        verdict: runs.Verdict = "delivered"
    else:
        verdict = "not_delivered_retry" if resolution.retry else "not_delivered"
    return await acts.resolve_run(app, run_uuid(run_id), verdict, resolution.note, by)


PNG: Final = {"image/png": {"schema": {"type": "string", "format": "binary"}}}


@router.get(
    "/{run_id}/screenshot",
    response_class=FileResponse,
    responses={200: {"description": "The screen when the run failed", "content": PNG}, **declared(404)},
)
async def get_screenshot(app: Product, run_id: RunIdPath) -> FileResponse:
    """What the account's screen showed when the run failed, secrets masked."""
    async with app.sessions() as db:
        run = await runs.by_id(db, run_uuid(run_id))
    path = app.kit.artifacts_dir / (run.error_screenshot or "none")
    if run.error_screenshot is None or not path.is_file():
        entry = PROBLEMS["screenshot_not_found"]
        raise NotFound(
            "screenshot_not_found", f"{public_id('run', run.id)} has no screenshot.", fix=entry.fix
        )
    return FileResponse(path, media_type="image/png")
