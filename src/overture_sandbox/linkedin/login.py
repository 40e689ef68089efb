"""The one place passwords are sent to, and the way out."""

from urllib.parse import parse_qs, urlencode

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

SUBMIT_PATH = "/checkpoint/lg/login-submit"


def routes() -> list[BaseRoute]:
    """Where the login form is sent, and logging out."""
    return [
        Route(SUBMIT_PATH, _submit, methods=["POST"]),
        Route("/m/logout/", _log_out, methods=["GET", "POST"]),
    ]


async def _submit(request: Request) -> Response:
    """A name and a password: into the feed, or back to the form with the reason in `errorKey`."""
    form = {key: values[-1] for key, values in parse_qs((await request.body()).decode()).items()}
    visitor, is_new = visitor_cookie(request)
    username = form.get("session_key", "")
    if is_new or form.get("loginCsrfParam") != visitor:
        return _back_to_form(username, "csrf")
    session = world_of(request).log_in(username, form.get("session_password", ""))
    if session is None:
        is_known = username in world_of(request).logins
        return _back_to_form(username, "password" if is_known else "username")
    response = RedirectResponse(_inside(form.get("session_redirect", "")), 303)
    give_session_cookies(response, session)
    return response


def _back_to_form(username: str, problem: str) -> Response:
    return RedirectResponse(f"/login?{urlencode({'errorKey': problem, 'session_key': username})}", 303)


def _inside(path: str) -> str:
    """The page somebody wanted before they had to log in, if it is one of ours."""
    return path if path.startswith("/") and not path.startswith("//") else "/feed/"


async def _log_out(request: Request) -> Response:
    session = current_session(request)
    if session:
        session.is_alive = False
    response = RedirectResponse("/login", 303)
    response.headers.append("set-cookie", DELETE_COOKIE)
    return response
