"""Routes that need no key: health, and the pages of problem codes."""

import asyncio
from importlib.metadata import version
from typing import Any, Final, Literal

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from overture.core.errors import NotFound, Unavailable
from overture.entrypoints.api.access import Product
from overture.entrypoints.api.catalogue import PROBLEMS, page
from overture.entrypoints.api.problems import declaration
from overture.entrypoints.api.shapes import Health
from overture.entrypoints.api.switching import show_switches

router = APIRouter(tags=["health"])

PATIENCE_S: Final = 3
VERSION: Final = version("overture")
ANSWERS: Final[dict[int | str, dict[str, Any]]] = {status: declaration(status) for status in (500, 503)}


@router.get("/health", responses=ANSWERS)
async def health(app: Product) -> Health:
    """Whether the server, its database and a planner keep up; 503 when the database does not answer."""
    try:
        async with asyncio.timeout(PATIENCE_S):
            switches = await show_switches(app)
            behind_since = await app.planner_lag(app.sessions, app.now()) if app.planner_lag else None
    except TimeoutError:
        entry = PROBLEMS["database_unavailable"]
        raise Unavailable("database_unavailable", entry.meaning, fix=entry.fix) from None
    worker = "embedded" if app.settings.worker_embedded else "separate"
    partly: Literal["partial", "off"] = "partial" if switches.switches else "off"
    switch = "on" if switches.everything_stopped else partly
    return Health(
        status="ok",
        database="ok",
        version=VERSION,
        worker=worker,
        kill_switch=switch,
        planner="on_time" if behind_since is None else "behind",
        planner_behind_since=behind_since,
    )


router.add_api_route("/api/v1/health", health, name="health_v1", responses=ANSWERS)


@router.get("/problems/{code}", include_in_schema=False)
async def problem_page(code: str) -> PlainTextResponse:
    """What a problem code means and what to do: where a problem's `type` points."""
    found = page(code.replace("-", "_"))
    if found is None:
        raise NotFound("not_found", PROBLEMS["not_found"].meaning, fix=PROBLEMS["not_found"].fix)
    return PlainTextResponse(found)
