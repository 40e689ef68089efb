"""Who is asking: cookies, the CSRF check, logging in, and what a dead session is told."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from overture_sandbox.linkedin.shapes import rest_error
from overture_sandbox.linkedin.trouble import NOTICES, api_in_trouble, page_in_trouble
from overture_sandbox.world import Login, Member, WebSession, World

DELETE_COOKIE = "li_at=delete me; Version=1; Path=/; Max-Age=0"
LOGIN_PATH = "/uas/login"
LoggedInEndpoint = Callable[[Request, Login], Awaitable[Response]]


@dataclass(frozen=True)
class Caller:
    """A logged-in account asking for something, and the person behind it."""

    world: World
    login: Login
    member: Member


def world_of(request: Request) -> World:
    """The world this application shows."""
    world: World = request.app.state.world
    return world


def current_session(request: Request) -> WebSession | None:
    """The living web session of the browser that asks."""
    return world_of(request).session(request.cookies.get("li_at"))


def current_login(request: Request) -> Login | None:
    """The account that is logged in in the browser that asks."""
    session = current_session(request)
    return world_of(request).logins.get(session.username) if session else None


def require_login(endpoint: LoggedInEndpoint) -> Callable[[Request], Awaitable[Response]]:
    """Make a page only for those logged in: `async def feed(request, login)`; others are sent to log in."""

    async def page(request: Request) -> Response:
        login = current_login(request)
        if login is None:
            return sent_to_login(request)
        instead = page_in_trouble(request, world_of(request), login) or _gate_of(request)
        response = instead or await endpoint(request, login)
        _keep_csrf_cookie(request, response)
        return response

    return page


def sent_to_login(request: Request) -> Response:
    """What a page answers without a living session: off to the login form, and the cookie is taken away.

    With some dead cookies the site never gets that far: it leads to itself, again and again.
    """
    if _is_caught_in_loop(request):
        return RedirectResponse(str(request.url), 302)
    back = quote(str(request.url.path), safe="")
    response = RedirectResponse(f"{LOGIN_PATH}?session_redirect={back}", 302)
    if "li_at" in request.cookies:
        response.headers.append("set-cookie", DELETE_COOKIE)
    return response


def api_caller(request: Request) -> Caller | Response:
    """Who calls the JSON interface, or the refusal: 403 for a wrong CSRF token, 401 for a dead session."""
    cookie = request.cookies.get("JSESSIONID", "").strip('"')
    if not cookie or request.headers.get("csrf-token", "").strip('"') != cookie:
        return csrf_failed()
    session = current_session(request)
    login = current_login(request)
    if session is None or login is None:
        is_loop = _is_caught_in_loop(request)
        return RedirectResponse(str(request.url), 302) if is_loop else rest_error(request, 401)
    world = world_of(request)
    trouble = api_in_trouble(request, world, login)
    if trouble is not None:
        return trouble
    if session.csrf_token != cookie:
        return csrf_failed()
    return Caller(world, login, world.owner(login))


def csrf_failed() -> Response:
    """The plain refusal of a request whose token does not match its cookie."""
    return PlainTextResponse("CSRF check failed.", 403)


def session_died(request: Request) -> Response:
    """What any request gets in the moment its session ends."""
    response = RedirectResponse(f"{LOGIN_PATH}?session_redirect={quote(request.url.path, safe='')}", 302)
    response.headers.append("set-cookie", DELETE_COOKIE)
    return response


def give_session_cookies(response: Response, session: WebSession) -> None:
    """Hand a browser the cookies of a web session; the CSRF one has its quotes, and scripts may read it."""
    response.headers.append("set-cookie", f"li_at={session.li_at}; Path=/; HttpOnly; SameSite=Lax")
    response.headers.append("set-cookie", f'JSESSIONID="{session.csrf_token}"; Path=/; SameSite=Lax')
    response.headers.append(
        "set-cookie", f"li_rm={session.device}; Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000"
    )
    for plain in ("liap=true", "lang=v=2&lang=en-us", "timezone=UTC", "li_theme=light"):
        response.headers.append("set-cookie", f"{plain}; Path=/; SameSite=Lax")


def visitor_cookie(request: Request) -> tuple[str, bool]:
    """The visitor id in `bcookie` and whether it is new and still has to be set."""
    found = re.search(r"v=2&([0-9a-f-]{36})", request.cookies.get("bcookie", ""))
    if found:
        return found[1], False
    return str(world_of(request).mint.uuid()), True


def give_visitor_cookie(response: Response, visitor: str) -> None:
    """Hand a browser its visitor id, which the login form has to repeat as `loginCsrfParam`."""
    response.headers.append("set-cookie", f'bcookie="v=2&{visitor}"; Path=/; SameSite=Lax; Max-Age=31536000')


def known_browser(request: Request) -> Login | None:
    """The account this browser logged in with before, whatever became of that session."""
    return world_of(request).known_device(request.cookies.get("li_rm"))


def _is_caught_in_loop(request: Request) -> bool:
    world = world_of(request)
    dead = world.sessions.get(request.cookies.get("li_at", ""))
    login = world.logins.get(dead.username) if dead else None
    return login is not None and login.dead_session == "loop"


def _gate_of(request: Request) -> Response | None:
    """The page that has to be agreed to first, for a session that has not."""
    session = current_session(request)
    if session is None or session.has_agreed:
        return None
    page = NOTICES.get_template("agree.html").render(back=request.url.path)
    return HTMLResponse(page, headers={"cache-control": "no-store"})


def _keep_csrf_cookie(request: Request, response: Response) -> None:
    """A page visit brings a browser's CSRF cookie up to date."""
    session = current_session(request)
    if session and request.cookies.get("JSESSIONID", "").strip('"') != session.csrf_token:
        response.headers.append("set-cookie", f'JSESSIONID="{session.csrf_token}"; Path=/; SameSite=Lax')
