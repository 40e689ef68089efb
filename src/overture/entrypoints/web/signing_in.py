"""Signing in with the API key or a one-time link, and signing out."""

import hmac
from typing import Annotated, Final
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter, Query, Request, Response

from overture.entrypoints.web.guard import Form, desk_of
from overture.entrypoints.web.render import app_of, go, show
from overture.entrypoints.web.sessions import read_link

log = structlog.get_logger()

router = APIRouter()

LOCAL: Final = frozenset({"127.0.0.1", "::1"})


@router.get("/login")
async def login_page(request: Request, onward: Annotated[str, Query(alias="next")] = "/") -> Response:
    """Ask for the key; whoever is in already goes on."""
    if desk_of(request).visit.is_signed_in:
        return go(request, own(onward))
    return show(request, "login.html", onward=own(onward), problem=None)


@router.post("/login")
async def sign_in(request: Request, form: Form) -> Response:
    """Compare the key, and begin a session with a new id."""
    app, strikes = app_of(request), request.app.state.strikes
    onward, address = own(form.get("next", "/")), request.client.host if request.client else ""
    if strikes.are_too_many(address, app.now()):
        problem = "Too many wrong keys came from here. Wait five minutes."
        return show(request, "login.html", 429, onward=onward, problem=problem)
    if not hmac.compare_digest(form.get("api_key", "").encode(), app.api_key.encode()):
        strikes.add(address, app.now())
        log.warning("page.wrong_key")
        problem = "That is not this installation's API key."
        return show(request, "login.html", 401, onward=onward, problem=problem)
    return let_in(request, onward)


@router.get("/login/once")
async def sign_in_once(request: Request, link: str) -> Response:
    """Take a one-time link, from this machine only."""
    app, used = app_of(request), request.app.state.used_links
    once = read_link(link, app.api_key, app.now())
    if once is None or once in used or request.client is None or request.client.host not in LOCAL:
        problem = "The sign-in link was used already, is too old, or comes from another machine."
        return show(request, "login.html", 401, onward="/", problem=problem)
    used.add(once)
    return let_in(request, "/")


def let_in(request: Request, onward: str) -> Response:
    """Begin a signed-in session; the stranger's id is no more."""
    seal, desk = request.app.state.seal, desk_of(request)
    desk.visit = seal.begin(app_of(request).now(), is_signed_in=True)
    log.info("page.signed_in")
    return go(request, onward)


@router.post("/logout")
async def sign_out(request: Request) -> Response:
    """End the session, also for whoever copied its cookie."""
    desk = desk_of(request)
    request.app.state.signed_out.add(desk.visit.visit_id)
    desk.visit = request.app.state.seal.begin(app_of(request).now(), is_signed_in=False)
    return go(request, "/login")


def own(address: str) -> str:
    """The address if it is one of this site, else the home page."""
    parts = urlsplit(address)
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and not parts.netloc
    return address if is_ours and address.isprintable() else "/"
