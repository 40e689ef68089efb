"""What every request passes before a route sees it: an id, the key, and a body that can be stored.

PostgreSQL stores no NUL and no half characters, and JSON has no NaN: a body with one of them is refused here,
by field, so that no route has to think of it.
"""

import hmac
import json
from collections.abc import Iterator
from typing import Final

import structlog
from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overture.core.clock import Clock
from overture.core.errors import Forbidden, Invalid, Refused, Unauthorized
from overture.core.ids import Ids, public_id
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.problems import answer, pointer_of
from overture.entrypoints.api.tokens import Mint, TokenUnusable, needed

log = structlog.get_logger()

BODY_LIMIT: Final = 256 * 1024
REQUEST_ID_LIMIT: Final = 128
GUARDED: Final = ("/api/", "/metrics", "/webhooks/status")
OPEN: Final = frozenset({"/api/v1/health"})
IS_KEPT: Final = "overture.is_kept"
"""Set by a route whose request is stored: in a burst a line of the log for each would cost more than it."""
WITH_BODY: Final = frozenset({"POST", "PATCH", "PUT"})
KEY_BY: Final = "api"
"""Under which name the log has what was done with the key itself."""
BEARER: Final = "bearer "


class Doorway:
    """The one middleware."""

    def __init__(
        self,
        app: ASGIApp,
        api_key: str,
        ids: Ids,
        clock: Clock,
        mint: Mint,
        files: frozenset[str] = frozenset(),
    ) -> None:
        self._app = app
        self._mint = mint
        self._files = files
        self._key = api_key.encode()
        self._ids = ids
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request in, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = self._request_id(Headers(scope=scope))
        scope["overture.request_id"] = request_id
        began = self._clock.monotonic()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Request-Id"] = request_id
                millis = round((self._clock.monotonic() - began) * 1000)
                path, status = scope["path"], message["status"]
                say = log.debug if scope.get(IS_KEPT) else log.info
                say("http.answered", method=scope["method"], path=path, status=status, took_ms=millis)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self._pass(scope, receive, send_with_id)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        refused = self._refusal(scope, request.headers)
        if refused is not None:
            await answer(request, refused, headers=challenge_of(refused))(scope, receive, send)
            return
        if scope["method"] not in WITH_BODY or self._takes_file(scope):
            await self._app(scope, receive, send)
            return
        body = await whole(receive, request.headers)
        status, refused = judge(body, request.headers)
        if refused is not None:
            await answer(request, refused, status)(scope, receive, send)
            return
        await self._app(scope, replayed(body or b"", receive), send)

    def _takes_file(self, scope: Scope) -> bool:
        """Whether the address takes a file, which its route reads and judges itself, piece by piece."""
        return scope["method"] == "POST" and scope["path"] in self._files

    def _refusal(self, scope: Scope, headers: Headers) -> Refused | None:
        """Why the request may not enter; None: the address is open, or the key or token fits.

        Both are compared in constant time. Who comes in is noted for the log.
        """
        scope["overture.by"] = KEY_BY
        if not scope["path"].startswith(GUARDED) or scope["path"] in OPEN:
            return None
        word = headers.get("authorization", "")
        if "x-api-key" not in headers and word[: len(BEARER)].lower() == BEARER:
            return self._refusal_of_token(scope, word[len(BEARER) :].strip())
        given = headers.get("x-api-key", "").encode("latin-1")
        return None if hmac.compare_digest(given, self._key) else unauthorized("unauthorized")

    def _refusal_of_token(self, scope: Scope, word: str) -> Refused | None:
        """Why this token does not open the address."""
        try:
            bearer = self._mint.read(word, self._clock.now())
        except TokenUnusable as error:
            return unauthorized(error.code)
        scope["overture.by"] = bearer.by
        wanted = needed(scope["method"], scope["path"])
        if wanted is not None and wanted in bearer.scopes:
            return None
        entry = PROBLEMS["insufficient_scope"]
        held = sorted(bearer.scopes)
        return Forbidden(
            "insufficient_scope", entry.meaning, fix=entry.fix, needed=wanted or "key", held=held
        )

    def _request_id(self, headers: Headers) -> str:
        """The caller's id when it is a decent one, else a new one."""
        given = headers.get("x-request-id", "")
        if 0 < len(given) <= REQUEST_ID_LIMIT and given.isascii() and given.isprintable():
            return given
        return public_id("req", self._ids.new())


def unauthorized(code: str) -> Refused:
    """The refusal of whoever is not known."""
    entry = PROBLEMS[code]
    return Unauthorized(code, entry.meaning, fix=entry.fix)


def challenge_of(refused: Refused) -> dict[str, str]:
    """What the answer says about how to get in (RFC 6750 for tokens)."""
    if isinstance(refused, Forbidden):
        return {"WWW-Authenticate": f'Bearer realm="overture", error="{refused.code}"'}
    known = ', error="invalid_token"' if refused.code == "token_expired" else ""
    return {"WWW-Authenticate": f'ApiKey realm="overture", Bearer realm="overture"{known}'}


async def whole(receive: Receive, headers: Headers) -> bytes | None:
    """The body, or None when it is larger than we take."""
    length = headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length[:12]) > BODY_LIMIT:
        return None
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if size > BODY_LIMIT:
            return None
        if not message.get("more_body", False):
            return b"".join(chunks)


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that hands the body out once more, then goes on with the connection's own messages."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def judge(body: bytes | None, headers: Headers) -> tuple[int, Refused | None]:
    """Whether a route may see the body; if not, the status and the refusal."""
    if body is None:
        return 413, of_code("payload_too_large")
    if not body:
        return 200, None
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        return 415, of_code("unsupported_media_type")
    try:
        document = json.loads(body, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        return 400, of_code("malformed_json")
    errors = [
        {"pointer": pointer_of(path), "code": "unstorable_text", "detail": "holds a NUL or half a character"}
        for path in unstorable(document)
    ]
    if not errors:
        return 200, None
    return 422, Invalid(
        "validation_error", "Text holds a NUL or half a character.", fix="Remove it.", errors=errors
    )


def of_code(code: str) -> Refused:
    """The refusal of a code, in the catalogue's words."""
    entry = PROBLEMS[code]
    return Refused(code, entry.meaning, fix=entry.fix)


def refuse_constant(name: str) -> float:
    """JSON has no NaN and no infinity."""
    raise ValueError(name)


def unstorable(document: object) -> Iterator[tuple[object, ...]]:
    """Paths to every string (key or value) that the database could not hold."""
    pending: list[tuple[tuple[object, ...], object]] = [((), document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str) and not storable(value):
            yield path
        elif isinstance(value, dict):
            if not all(storable(key) for key in value):
                yield path  # the key itself cannot stand in an answer either
            pending.extend(((*path, key), inner) for key, inner in value.items() if storable(key))
        elif isinstance(value, list):
            pending.extend(((*path, index), inner) for index, inner in enumerate(value))


def storable(text: str) -> bool:
    """Whether PostgreSQL takes the text and gives it back."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)
