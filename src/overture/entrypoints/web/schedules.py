"""The pages of schedules: in words, with their next times, and what became of the last ones."""

from typing import Annotated, Final

from cronsim import CronSimError
from cronsim.explain import explain
from fastapi import APIRouter, Query, Request, Response

from overture.entrypoints.api import scheduling
from overture.entrypoints.api.cursor import cursor_after, read_cursor
from overture.entrypoints.api.schedules import schedule_uuid
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show, with_query

router = APIRouter(prefix="/schedules")

PAGE: Final = 50


@router.get("")
async def list_schedules(
    request: Request, handle: Annotated[str, Query()] = "", cursor: Annotated[str, Query()] = ""
) -> Response:
    """Every schedule with when it fires next."""
    app = app_of(request)
    before = read_cursor(cursor, app.api_key) if cursor else None
    found = await scheduling.list_schedules(app, handle or None, before, PAGE + 1)
    rows = [scheduling.view(app, one) for one in found[:PAGE]]
    older = cursor_after(found[PAGE - 1].id, app.api_key) if len(found) > PAGE else None
    return show(
        request,
        "schedules.html",
        fragment="schedules_live.html",
        rows=rows,
        handle=handle,
        in_words=in_words,
        older=with_query("/schedules", {"handle": handle, "cursor": older}) if older else None,
    )


@router.get("/{schedule_id}")
async def show_schedule(request: Request, schedule_id: str) -> Response:
    """One schedule with the newest of its times that came."""
    seen = await scheduling.show_schedule(app_of(request), schedule_uuid(schedule_id))
    return show(request, "schedule.html", fragment="schedule_live.html", schedule=seen, in_words=in_words)


@router.post("/{schedule_id}/pause")
async def pause_schedule(request: Request, schedule_id: str) -> Response:
    """Let it submit nothing more for now."""
    await scheduling.pause_schedule(app_of(request), schedule_uuid(schedule_id), BY)
    return go(request, f"/schedules/{schedule_id}", "The schedule is paused.")


@router.post("/{schedule_id}/resume")
async def resume_schedule(request: Request, schedule_id: str) -> Response:
    """Let it submit runs again."""
    await scheduling.resume_schedule(app_of(request), schedule_uuid(schedule_id), BY)
    return go(request, f"/schedules/{schedule_id}", "The schedule goes on.")


def in_words(cron: str) -> str:
    """A cron expression as a sentence; the expression itself where there is none."""
    try:
        return explain(cron)
    except (CronSimError, ValueError, LookupError):
        return cron
