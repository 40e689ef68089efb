"""The pages put together: rooms, guard, and what is shown when something is refused."""

import asyncio
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any, Final

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from overture.core.errors import Refused
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import (
    accounts,
    approvals,
    campaigns,
    enrollments,
    files,
    home,
    imports,
    inbox,
    inbox_thread,
    leads,
    live,
    runs,
    schedules,
    signing_in,
    starting,
    suppressions,
    unipile,
)
from overture.entrypoints.web.guard import READING, Guard, SignInNeeded, checked, signed_in
from overture.entrypoints.web.live import Hints
from overture.entrypoints.web.render import show, with_query
from overture.entrypoints.web.sessions import Seal, Strikes

log = structlog.get_logger()

INSIDE: Final[tuple[APIRouter, ...]] = (
    *(home.router, accounts.router, runs.router, schedules.router),
    *(starting.router, campaigns.router, enrollments.router, leads.router, imports.router, approvals.router),
    suppressions.router,
    unipile.router,
    inbox.router,
    inbox_thread.router,
    live.router,
)
"""Rooms behind the sign-in. A new one is one line here, and its first part of the address in ROOMS."""
ROOMS: Final = frozenset(
    {
        *("", "login", "logout", "static", "favicon.ico", "live", "kill-switch"),
        *("accounts", "runs", "schedules", "campaigns", "enrollments", "leads", "imports", "approvals"),
        *("suppressions", "inbox"),
    }
)
TITLES: Final = {401: "Not accepted", 404: "Not found", 405: "Not possible here", 409: "Not in this state"}


def create_pages(app: App, closing: asyncio.Event | None = None) -> FastAPI:
    """The pages of an opened product, as an application of their own."""
    pages = FastAPI(
        title="Overture pages",
        version=version("overture"),
        openapi_url=None,
        redirect_slashes=False,
    )
    seal, signed_out = Seal(app.vault.ring, app.api_key), set[str]()
    pages.state.overture, pages.state.seal = app, seal
    pages.state.signed_out, pages.state.used_links, pages.state.strikes = signed_out, set[str](), Strikes()
    pages.state.hints = Hints(app, closing or asyncio.Event())
    for router in (files.router, signing_in.router):
        pages.include_router(router, dependencies=[Depends(checked)])
    for router in INSIDE:
        guarded = [Depends(signed_in), Depends(checked), Depends(inbox.counted)]
        pages.include_router(router, dependencies=guarded)
    add_handlers(pages)
    pages.add_middleware(Guard, app=app, seal=seal, signed_out=signed_out)
    return pages


def add_handlers(pages: FastAPI) -> None:
    """Let every error be answered as a page that says what to do."""
    pages.add_exception_handler(SignInNeeded, on_stranger)
    pages.add_exception_handler(Refused, on_refused)
    pages.add_exception_handler(RequestValidationError, on_invalid)
    pages.add_exception_handler(HTTPException, on_http)
    for away in (OperationalError, PoolTimeout, ConnectionError):
        pages.add_exception_handler(away, on_outage)
    pages.add_exception_handler(DBAPIError, on_bug)
    pages.add_exception_handler(Exception, on_bug)


async def on_stranger(request: Request, _: Exception) -> Response:
    """Show the sign-in page, and come back afterwards if it was only a look."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    wanted = here if request.method in READING and request.url.path != "/live" else None
    address = with_query("/login", {"next": wanted if wanted != "/" else None})
    if "hx-request" in request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/login"})
    return RedirectResponse(address, 303)


async def on_refused(request: Request, error: Exception) -> Response:
    """A refusal of ours: what is wrong, and what to do."""
    assert isinstance(error, Refused)
    return told(request, error.status, error.message, error.fix, error.code, faults_in(error))


async def on_invalid(request: Request, _: Exception) -> Response:
    """An address with a part nobody understands."""
    return told(request, 422, "A part of the address or form is not understood.", "Go back and choose again.")


async def on_http(request: Request, error: Exception) -> Response:
    """An address that is none."""
    assert isinstance(error, HTTPException)
    return told(request, error.status_code, "There is no such page.", "Take one from the menu.")


async def on_outage(request: Request, error: Exception) -> Response:
    """The database is away."""
    log.warning("database.unavailable", error=type(error).__name__)
    fix = "It is tried again with each look; `overture doctor` says more."
    return told(request, 503, "The database does not answer.", fix)


async def on_bug(request: Request, error: Exception) -> Response:
    """Anything nobody foresaw: the log has it, the page its id."""
    log.error("page.broken", path=request.url.path, exc_info=error)
    return told(request, 500, "Something broke that should not.", "The server's log has it by the id below.")


def faults_in(error: Refused) -> list[str]:
    """The places a refusal names, each as a sentence."""
    named = error.facts.get("errors")
    if not isinstance(named, list):
        return []
    return [f"{one.get('pointer') or '/'}: {one.get('detail')}" for one in named if isinstance(one, dict)]


def told(
    request: Request,
    status: int,
    message: str,
    fix: str,
    code: str | None = None,
    faults: Sequence[str] = (),
) -> Response:
    """The page of a problem."""
    title = TITLES.get(status, "Not done" if status < 500 else "Not available")
    facts: dict[str, Any] = {"title": title, "message": message, "fix": fix, "code": code, "faults": faults}
    return show(request, "problem.html", status, **facts)
