"""The one place passwords are sent to, what a right one leads to, and the way out."""

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import (
    DELETE_COOKIE,
    current_session,
    give_session_cookies,
    visitor_cookie,
    world_of,
)
from overture_sandbox.linkedin.checkpoint import form_of, sent_to_checkpoint
from overture_sandbox.world import Checkpoint, WebSession

SUBMIT_PATH = "/checkpoint/lg/login-submit"


def routes() -> list[BaseRoute]:
    """Where the login form is sent, the other ways in, and logging out."""
    return [
        Route(SUBMIT_PATH, _submit, methods=["POST"]),
        Route("/checkpoint/lg/rememberme-login", _step_in_again, methods=["POST"]),
        Route("/legal/agree-to-comply", _agree, methods=["POST"]),
        Route("/m/logout/", _log_out, methods=["GET", "POST"]),
    ]


async def _submit(request: Request) -> Response:
    """A name and a password: into the feed, to a check, or back to the form with the reason in `errorKey`."""
    form = await form_of(request)
    visitor, is_new = visitor_cookie(request)
    username = form.get("session_key", "")
    if is_new or form.get("loginCsrfParam") != visitor:
        return _back_to_form(username, "csrf")
    found = world_of(request).sign_in(
        username, form.get("session_password", ""), inside(form.get("session_redirect", ""))
    )
    match found:
        case None:
            is_known = username in world_of(request).logins
            return _back_to_form(username, "password" if is_known else "username")
        case Checkpoint():
            return sent_to_checkpoint(found)
        case WebSession():
            return let_in(found, inside(form.get("session_redirect", "")))


def _back_to_form(username: str, problem: str) -> Response:
    return RedirectResponse(f"/login?{urlencode({'errorKey': problem, 'session_key': username})}", 303)


def inside(path: str) -> str:
    """The page somebody wanted before they had to log in, if it is one of ours."""
    return path if path.startswith("/") and not path.startswith("//") else "/feed/"


def let_in(session: WebSession, path: str) -> Response:
    """Hand over the cookies and lead on."""
    response = RedirectResponse(path, 303)
    give_session_cookies(response, session)
    return response


async def _step_in_again(request: Request) -> Response:
    """One press on the account this browser is known for."""
    session = world_of(request).sign_in_by_device(request.cookies.get("li_rm", ""))
    form = await form_of(request)
    if session is None:
        return _back_to_form("", "device")
    return let_in(session, inside(form.get("session_redirect", "")))


async def _agree(request: Request) -> Response:
    """The terms were agreed to, once for this session."""
    session = current_session(request)
    if session:
        session.has_agreed = True
    return RedirectResponse(inside((await form_of(request)).get("back", "")), 303)


async def _log_out(request: Request) -> Response:
    session = current_session(request)
    if session:
        session.is_alive = False
    response = RedirectResponse("/login", 303)
    response.headers.append("set-cookie", DELETE_COOKIE)
    return response
