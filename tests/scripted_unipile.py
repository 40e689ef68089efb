"""A tiny Unipile that says what a test tells it to, and remembers what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import Message as MimeMessage
from email.parser import BytesParser
from typing import Any
from urllib.parse import parse_qsl

import httpx2

from overture.providers.unipile.client import Call, Chance, Conduct, Limiter, UnipileClient

KEY = "key-0123456789-abcdef"
ACCOUNT = "acc_1"
ACO = "ACoAAB12345678901"

Scope = MutableMapping[str, Any]


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def asked(self) -> dict[str, str]:
        """The query by name."""
        return dict(self.query)

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    def parts(self) -> list[tuple[str, str, str | None]]:
        """A multipart body: name, text and file name of each part, in order."""
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        whole = BytesParser().parsebytes(head + self.body)
        found = []
        for part in whole.walk():
            if isinstance(part, MimeMessage) and not part.is_multipart():
                name = str(part.get_param("name", header="content-disposition"))
                raw = part.get_payload(decode=True)
                found.append((name, raw.decode() if isinstance(raw, bytes) else "", part.get_filename()))
        return found


@dataclass(frozen=True)
class Reply:
    """What the desk answers; with `never` it does not, until the one who asks gives up."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    never: bool = False

    def content(self) -> tuple[bytes, str]:
        """The body as bytes, and its type."""
        if isinstance(self.body, bytes):
            return self.body, "text/html"
        return json.dumps(self.body).encode(), "application/json"


Script = Reply | Callable[[Seen], Reply]


def problem(status: int, slug: str, detail: str = "", **more: object) -> Reply:
    """An error as Unipile writes it."""
    body = {"status": status, "type": f"errors/{slug}", "title": slug.replace("_", " "), **more}
    return Reply(status, {**body, **({"detail": detail} if detail else {})})


def listed(*items: object, cursor: object = None, **more: object) -> Reply:
    """One page of a list."""
    return Reply(200, {"object": "List", "items": list(items), "cursor": cursor, **more})


class Desk:
    """Answers what it was told to: in order, the last answer for ever."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.at_once: list[int] = []
        self._scripts: dict[tuple[str, str], list[Script]] = {}
        self._open = 0

    def on(self, method: str, path: str, *scripts: Script) -> None:
        """From now on, answer this with these."""
        self._scripts[method, f"/api/v1{path}"] = list(scripts)

    def asked(self, method: str, path: str) -> list[Seen]:
        """The requests of this kind so far."""
        return [one for one in self.seen if (one.method, one.path) == (method, f"/api/v1{path}")]

    def client(
        self, *, conduct: Conduct | None = None, limiter: Limiter | None = None, rng: Chance | None = None
    ) -> UnipileClient:
        """A client of this desk whose clock only notes how long it would have waited."""
        transport = httpx2.ASGITransport(app=self)
        chance = rng or Longest()
        return UnipileClient(
            "http://127.0.0.1:3114",
            KEY,
            conduct=conduct,
            limiter=limiter,
            clock=NotedClock(),
            rng=chance,
            transport=transport,
        )

    async def __call__(
        self,
        scope: Scope,
        receive: Callable[[], Awaitable[Scope]],
        send: Callable[[Scope], Awaitable[None]],
    ) -> None:
        """Answer one request."""
        self._open += 1
        self.at_once.append(self._open)
        try:
            reply = self._reply(await _seen(scope, receive))
            await asyncio.sleep(0)
            if reply.never:
                await asyncio.Event().wait()
        finally:
            self._open -= 1
        content, kind = reply.content()
        headers = {"content-type": kind, **reply.headers}
        start = {
            "type": "http.response.start",
            "status": reply.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
        await send(start)
        await send({"type": "http.response.body", "body": content})

    def _reply(self, seen: Seen) -> Reply:
        self.seen.append(seen)
        scripts = self._scripts.get((seen.method, seen.path))
        if not scripts:
            return Reply(404, {"message": f"Cannot {seen.method} {seen.path}"})
        script = scripts.pop(0) if len(scripts) > 1 else scripts[0]
        return script if isinstance(script, Reply) else script(seen)


async def _seen(scope: Scope, receive: Callable[[], Awaitable[Scope]]) -> Seen:
    body = b""
    while True:
        event = await receive()
        body += event.get("body", b"")
        if not event.get("more_body"):
            break
    query = parse_qsl(scope["query_string"].decode(), keep_blank_values=True)
    headers = {name.decode(): value.decode() for name, value in scope["headers"]}
    return Seen(scope["method"], scope["path"], query, headers, body)


class NotedClock:
    """Waits no time, and notes how long it should have been."""

    def __init__(self) -> None:
        self.waits: list[float] = []

    async def sleep(self, duration: timedelta) -> None:
        """Note it."""
        self.waits.append(duration.total_seconds())


class Longest:
    """Chance that always draws the highest."""

    def uniform(self, a: float, b: float) -> float:
        """The highest."""
        return max(a, b)


class Counting:
    """A limiter that lets everything through and remembers it."""

    def __init__(self) -> None:
        self.admitted: list[Call] = []

    async def admit(self, call: Call) -> None:
        """Remember it."""
        self.admitted.append(call)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def line(talk: Talk) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A real TCP server that takes in each request and then does what it likes with the connection."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            (
                int(row.split(b":")[1])
                for row in head.lower().split(b"\r\n")
                if row.startswith(b"content-length")
            ),
            0,
        )
        heard.append(head + await reader.readexactly(length))
        await talk(reader, writer)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        await server.wait_closed()
