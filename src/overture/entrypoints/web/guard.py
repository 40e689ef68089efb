"""What stands around every page: the session of its cookie, the headers, and the check of every form."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Annotated, Final
from urllib.parse import parse_qsl, urlsplit

import structlog
from anyio import BrokenResourceError
from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overture.core.errors import Refused, Unauthorized
from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web.sessions import Seal, Visit

log = structlog.get_logger()

COOKIE: Final = "overture_session"
SAID: Final = "overture_said"
TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
FORM_LIMIT: Final = 256 * 1024
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "HX-Request",
}
READING: Final = ("GET", "HEAD")


@dataclass
class Desk:
    """What a request to the pages has at hand: the session, and the cookies its answer sets."""

    visit: Visit
    is_new: bool
    said: str | None
    says: str | None = None


class Guard:
    """The one middleware of the pages."""

    def __init__(self, pages: ASGIApp, app: App, seal: Seal, signed_out: set[str]) -> None:
        self._pages = pages
        self._app = app
        self._seal = seal
        self._signed_out = signed_out

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the session at the request's side, and headers and cookies on its answer."""
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        request_id = public_id("req", self._app.ids.new())
        desk = self._desk(Request(scope))
        before = desk.visit
        scope["overture.desk"], scope["overture.request_id"] = desk, request_id
        began = self._app.clock.monotonic()

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if not scope["path"].startswith("/static/"):
                    self._set_cookies(headers, desk, before, is_secure=scope["scheme"] == "https")
                millis = round((self._app.clock.monotonic() - began) * 1000)
                told = {"method": scope["method"], "path": scope["path"], "status": message["status"]}
                log.info("page.answered", **told, took_ms=millis)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            try:
                await self._pages(scope, receive, dressed)
            except* BrokenResourceError:
                # A page was left at the very moment a hint was on its way to it: nobody is there to hear it.
                log.debug("page.left", path=scope["path"])

    def _desk(self, request: Request) -> Desk:
        now = self._app.now()
        found = self._seal.read(request.cookies.get(COOKIE, ""), now)
        said = self._seal.verified("said", request.cookies.get(SAID, ""))
        if found is None or found.visit_id in self._signed_out:
            return Desk(self._seal.begin(now, is_signed_in=False), is_new=True, said=said)
        return Desk(found, is_new=False, said=said)

    def _set_cookies(self, headers: MutableHeaders, desk: Desk, before: Visit, *, is_secure: bool) -> None:
        if desk.is_new or desk.visit != before:
            headers.append("Set-Cookie", cookie(COOKIE, self._seal.write(desk.visit), is_secure=is_secure))
        if desk.says is not None:
            said = cookie(SAID, self._seal.sign("said", desk.says), is_secure=is_secure)
            headers.append("Set-Cookie", said)
        elif desk.said == "":
            headers.append("Set-Cookie", f"{cookie(SAID, '', is_secure=is_secure)}; Max-Age=0")


def cookie(name: str, value: str, *, is_secure: bool) -> str:
    """One cookie no script can read and no other site's form carries."""
    made: SimpleCookie = SimpleCookie()
    made[name] = value
    made[name]["path"], made[name]["httponly"], made[name]["samesite"] = "/", True, "Lax"
    if is_secure:
        made[name]["secure"] = True
    return made[name].OutputString()


class SignInNeeded(Exception):
    """Nobody is signed in: the pages show the sign-in page instead."""


def desk_of(request: Request) -> Desk:
    """What the middleware put at the request's side."""
    desk = request.scope["overture.desk"]
    assert isinstance(desk, Desk)
    return desk


def signed_in(request: Request) -> None:
    """Let nobody pass who has not shown the key."""
    if not desk_of(request).visit.is_signed_in:
        raise SignInNeeded


async def checked(request: Request) -> None:
    """Read a form, and refuse it unless one of our own pages sent it in this very session."""
    if request.method in READING:
        return
    form: dict[str, str] = {}
    if request.headers.get("content-type", "").startswith("multipart/"):
        given = request.query_params.get(TOKEN, "")  # the body is a file, and is read by whoever wants it
    else:
        form = dict(parse_qsl((await body_of(request)).decode("utf-8", "replace"), keep_blank_values=True))
        given = form.get(TOKEN, "")
    seal = request.app.state.seal
    assert isinstance(seal, Seal)
    if not seal.fits(desk_of(request).visit, given) or not is_own(request):
        raise Unauthorized(
            "unauthorized",
            "The form did not come from a page of this session, so nothing was done.",
            fix="Open the page anew and press the button again.",
        )
    request.state.form = form


async def body_of(request: Request) -> bytes:
    """The whole body, up to a limit."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        chunks.append(chunk)
        size += len(chunk)
        if size > FORM_LIMIT:
            raise Refused("payload_too_large", "The form is too large.", fix="Send less text.")
    return b"".join(chunks)


def is_own(request: Request) -> bool:
    """Whether the browser says that a page of ours sends this; one that says nothing is believed."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    return origin is None or hmac.compare_digest(urlsplit(origin).netloc, request.headers.get("host", ""))


def form_as_sent(request: Request) -> Mapping[str, str]:
    """The form that was sent, after it was checked, byte for byte."""
    form: Mapping[str, str] = request.state.form
    return form


def form_of(request: Request) -> Mapping[str, str]:
    """The form that was sent, after it was checked; white space around values is nobody's meaning."""
    return {name: value.strip().replace("\x00", "") for name, value in form_as_sent(request).items()}


Form = Annotated[Mapping[str, str], Depends(form_of)]
