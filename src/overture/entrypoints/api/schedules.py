"""Routes of schedules."""

from typing import Annotated, Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response, status
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt
from pydantic.config import JsonDict

from overture.core.errors import NotFound
from overture.core.zones import known_zone
from overture.entrypoints.api import scheduling
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.cursor import CURSOR_LENGTH, cursor_after, read_cursor
from overture.entrypoints.api.fields import HANDLE_PATTERN, Handle, Tag
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.scheduling import ScheduleDetail, ScheduleList, view
from overture.entrypoints.api.shapes import Page
from overture.runs import DEFAULT_PRIORITY
from overture.runs.schedules import Missed, NewSchedule, Overlap
from overture.touchpoints import AnyTouchpoint

router = APIRouter(prefix="/api/v1/schedules", tags=["schedules"], dependencies=[needs_key])

WRITE: Final = (400, 413, 415)
ID_PATTERN: Final = r"^sch_[0-7][0-9a-hjkmnp-tv-z]{25}$"
EXAMPLE: Final[JsonDict] = {
    "handle": "ada",
    "touchpoint": {"type": "sync_relations"},
    "cron": "0 9 * * MON-FRI",
    "zone": "Europe/Berlin",
    "missed": "latest",
}

ScheduleIdPath = Annotated[
    str,
    Path(pattern=ID_PATTERN, description="The schedule's id.", examples=["sch_01kb3v6q2v8x0c5h2m9r4t7wze"]),
]


class NewScheduleBody(BaseModel):
    """A touchpoint to perform again and again."""

    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_extra={"examples": [EXAMPLE]})

    handle: Handle = Field(description="The account that acts.")
    touchpoint: AnyTouchpoint = Field(description="What it does, each time.")
    cron: str = Field(
        max_length=200,
        description="Five fields: minute hour day-of-month month day-of-week. A time of day fires once a "
        "day, also where clocks change: after the gap of spring, in the first pass of autumn. Wildcards in "
        "minute or hour follow real time.",
        examples=["0 9 * * MON-FRI"],
    )
    zone: Annotated[str, AfterValidator(known_zone)] | None = Field(
        default=None,
        max_length=64,
        description="IANA zone of the expression's wall clock; the account's own when absent.",
        examples=["Europe/Berlin"],
    )
    missed: Missed = Field(
        default="skip",
        description="What follows when its times passed while nothing ran: none, the latest, or all of them.",
    )
    overlap: Overlap = Field(
        default="skip", description="While the run before is not over: pass this time over, or queue it too."
    )
    tags: tuple[Tag, ...] = Field(default=(), max_length=20, description="Put on each of its runs.")
    priority: StrictInt = Field(default=DEFAULT_PRIORITY, ge=0, le=9, description="9 goes first.")

    def wanted(self) -> NewSchedule:
        """The same as the runs layer takes it."""
        return NewSchedule(**{name: getattr(self, name) for name in type(self).model_fields})


class WantedSchedules(BaseModel):
    """Which schedules a list shows."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    handle: str | None = Field(default=None, pattern=HANDLE_PATTERN, description="Of this account.")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(
        default=None,
        pattern=f"^[A-Za-z0-9_-]{{{CURSOR_LENGTH}}}$",
        description="`next_cursor` of the page before.",
    )


def schedule_uuid(schedule_id: str) -> UUID:
    """The id inside `sch_…`, or the refusal every unknown schedule gets."""
    found = scheduling.schedule_uuid(schedule_id)
    if found is None:
        fix = PROBLEMS["schedule_not_found"].fix
        raise NotFound("schedule_not_found", f"There is no schedule {schedule_id[:40]!r}.", fix=fix)
    return found


REHEARSED: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": ScheduleDetail, "description": "What a `dry_run` would have made; nothing was."}
}


@router.post("", status_code=status.HTTP_201_CREATED, responses={**declared(*WRITE, 404), **REHEARSED})
async def create_schedule(
    app: Product,
    by: By,
    new: NewScheduleBody,
    response: Response,
    dry_run: Annotated[bool, Query(description="Only check it and tell when it would fire.")] = False,
) -> ScheduleDetail:
    """Perform a touchpoint again and again; each of its times leads to one run at most."""
    made = await scheduling.create_schedule(app, new.wanted(), dry_run=dry_run, by=by)
    if dry_run:
        response.status_code = status.HTTP_200_OK
    else:
        response.headers["Location"] = f"/api/v1/schedules/{made.schedule_id}"
    return made


@router.get("", responses=declared())
async def list_schedules(
    app: Product, request: Request, response: Response, wanted: Annotated[WantedSchedules, Query()]
) -> ScheduleList:
    """Schedules, newest first."""
    before = read_cursor(wanted.cursor, app.api_key) if wanted.cursor else None
    found = await scheduling.list_schedules(app, wanted.handle, before, wanted.limit + 1)
    shown = found[: wanted.limit]
    has_more = len(found) > len(shown)
    next_cursor = cursor_after(shown[-1].id, app.api_key) if has_more else None
    if next_cursor is not None:
        query = urlencode(
            [*((k, v) for k, v in request.query_params.items() if k != "cursor"), ("cursor", next_cursor)]
        )
        response.headers["Link"] = f'</api/v1/schedules?{query}>; rel="next"'
    page = Page(next_cursor=next_cursor, has_more=has_more, limit=wanted.limit)
    return ScheduleList(data=[view(app, schedule) for schedule in shown], page=page)


@router.get("/{schedule_id}", responses=declared(404))
async def get_schedule(app: Product, schedule_id: ScheduleIdPath) -> ScheduleDetail:
    """One schedule, its next five times, and what became of the last ones."""
    return await scheduling.show_schedule(app, schedule_uuid(schedule_id))


@router.post("/{schedule_id}/pause", responses=declared(404))
async def pause_schedule(app: Product, by: By, schedule_id: ScheduleIdPath) -> ScheduleDetail:
    """Let it submit nothing until it is resumed; times that pass are not made up for."""
    return await scheduling.pause_schedule(app, schedule_uuid(schedule_id), by)


@router.post("/{schedule_id}/resume", responses=declared(404))
async def resume_schedule(app: Product, by: By, schedule_id: ScheduleIdPath) -> ScheduleDetail:
    """Let it go on, from its next time."""
    return await scheduling.resume_schedule(app, schedule_uuid(schedule_id), by)


@router.delete("/{schedule_id}", status_code=status.HTTP_204_NO_CONTENT, responses=declared(404))
async def remove_schedule(app: Product, by: By, schedule_id: ScheduleIdPath) -> None:
    """Remove it. Runs it has submitted go on."""
    await scheduling.remove_schedule(app, schedule_uuid(schedule_id), by)
