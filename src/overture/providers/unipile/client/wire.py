"""The way to Unipile and back: key, limits, an account's turns, tries of a read, never two of a write."""

import asyncio
import random
import weakref
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar
from urllib.parse import urljoin

import httpx2

from overture.providers.unipile.client.answers import Answer, body_of, bytes_of
from overture.providers.unipile.client.calls import (
    Call,
    Chance,
    Clock,
    Limiter,
    Part,
    Timeouts,
    Unlimited,
)
from overture.providers.unipile.client.classify import in_the_middle, may_repeat_once_only
from overture.providers.unipile.client.dsn import Dsn
from overture.providers.unipile.client.encoding import query_text
from overture.providers.unipile.client.errors import (
    ConfigError,
    ContentInvalid,
    Refusal,
    UnipileError,
    Unreached,
)
from overture.providers.unipile.client.redaction import HIDDEN, redact, scrub

T = TypeVar("T")

RETRY_CAPS: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8))
MOST_REDIRECTS: Final = 3
BEFORE_SENDING: Final = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
)
"""Failures after which the request is certain not to have left this machine."""


class SystemClock:
    """The event loop's own time."""

    async def sleep(self, duration: timedelta) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(duration.total_seconds())


@dataclass(frozen=True)
class Conduct:
    """How the client behaves: patience, tries, and whether it acts at all."""

    timeouts: Timeouts = field(default_factory=Timeouts)
    retry_caps: Sequence[timedelta] = RETRY_CAPS
    dry_run: bool = False


@dataclass(frozen=True)
class Ports:
    """What the client takes from outside, each with a default."""

    limiter: Limiter = field(default_factory=Unlimited)
    clock: Clock = field(default_factory=SystemClock)
    rng: Chance = field(default_factory=random.SystemRandom)
    transport: httpx2.AsyncBaseTransport | None = None
    on_answer: Callable[[Mapping[str, str]], None] | None = None  # told the headers of every answer


@dataclass(frozen=True)
class Intended:
    """A write a dry run left out."""

    action: str
    method: str
    path: str
    account_id: str | None
    body: object  # without secrets


class Wire:
    """Carries calls to one workspace."""

    def __init__(self, dsn: Dsn, api_key: str, conduct: Conduct, ports: Ports) -> None:
        if not api_key or not api_key.isascii() or not api_key.isprintable() or api_key != api_key.strip():
            raise ValueError("the API key of the workspace is required, as one line of ASCII")
        self._dsn = dsn
        self._api_key = api_key
        self._conduct = conduct
        self._ports = ports
        self._turns: weakref.WeakValueDictionary[str, asyncio.Lock] = weakref.WeakValueDictionary()
        patience = conduct.timeouts.connect.total_seconds()
        self._http = httpx2.AsyncClient(
            transport=ports.transport,
            follow_redirects=False,  # httpx2 would take the key along to another host
            trust_env=not dsn.is_loopback,
            timeout=httpx2.Timeout(None, connect=patience, pool=patience),
        )
        self.intended: list[Intended] = []

    def __repr__(self) -> str:
        return f"Wire({self._dsn.origin})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown."""
        return (self._api_key,)

    async def aclose(self) -> None:
        """Let the connections go."""
        await self._http.aclose()

    async def send(self, call: Call) -> dict[str, object]:
        """The body of the answer, or the error it stands for."""
        if self._conduct.dry_run and call.kind.is_write:
            pretended = self._pretend(call)
            return await self.send(call.instead) if call.instead else pretended
        return await self._patiently(call, lambda answer: body_of(call, answer, self.secrets))

    async def download(self, call: Call) -> bytes:
        """The file that is the answer."""
        return await self._patiently(call, lambda answer: bytes_of(call, answer, self.secrets))

    def _pretend(self, call: Call) -> dict[str, object]:
        """Note down a write instead of sending it; what it returns names itself a pretence."""
        shown = redact(call.body if call.body is not None else _shown_parts(call.parts), *self.secrets)
        self.intended.append(Intended(call.action, call.method, call.path, call.account_id, shown))
        return {"object": call.answers, "dry_run": True}

    async def _patiently(self, call: Call, read: Callable[[Answer], T]) -> T:
        """One attempt for a write; several for a read, further and further apart."""
        waits: list[timedelta] = [] if call.kind.is_write else list(self._conduct.retry_caps)
        tried = 0
        async with self._turn(call):
            while True:
                try:
                    return await self._once(call, read)
                except UnipileError as error:
                    if not waits or not error.retryable or (tried and may_repeat_once_only(error)):
                        raise
                tried += 1
                jitter = self._ports.rng.uniform(0, waits.pop(0).total_seconds())  # full jitter
                await self._ports.clock.sleep(timedelta(seconds=jitter))

    @asynccontextmanager
    async def _turn(self, call: Call) -> AsyncIterator[None]:
        """One live call of an account at a time: LinkedIn sees one member, not several at once."""
        if call.account_id is None or not call.kind.is_live:
            yield
            return
        turn = self._turns.setdefault(call.account_id, asyncio.Lock())
        async with turn:
            yield

    async def _once(self, call: Call, read: Callable[[Answer], T]) -> T:
        if call.kind.is_live and call.account_id is not None:
            await self._ports.limiter.admit(call)
        return read(await self._exchange(call))

    async def _exchange(self, call: Call) -> Answer:
        """Send the call; a GET is followed where it moved to on the same host, a write never is."""
        request = self._request(call)
        for _ in range(MOST_REDIRECTS):
            response = await self._transmit(call, request)
            if self._ports.on_answer is not None:
                self._ports.on_answer(response.headers)
            if call.method != "GET" or not response.is_redirect:
                return Answer(response.status_code, response.headers, response.content)
            target = urljoin(str(request.url), response.headers["location"])
            if httpx2.URL(target).origin != request.url.origin:
                raise ConfigError(self._trouble(call, "the DSN's host sends us to another one"))
            request = self._http.build_request("GET", target, headers=self._headers())
        raise ConfigError(self._trouble(call, "the path leads in circles"))

    def _request(self, call: Call) -> httpx2.Request:
        files = [
            (
                part.name,
                (part.file_name, part.content, part.mimetype) if part.mimetype else (None, part.content),
            )
            for part in call.parts
        ]
        query = query_text(call.query)
        try:
            return self._http.build_request(
                call.method,
                f"{self._dsn.api}{call.path}",
                params=query or None,
                json=None if call.body is None else dict(call.body),
                files=files or None,
                headers=self._headers(),
            )
        except UnicodeEncodeError:
            raise ContentInvalid(self._trouble(call, "the text cannot be written as UTF-8")) from None

    def _headers(self) -> dict[str, str]:
        return {"X-API-KEY": self._api_key, "accept": "application/json"}

    async def _transmit(self, call: Call, request: httpx2.Request) -> httpx2.Response:
        """One request; what goes wrong on the way is told apart by whether it can have arrived."""
        limit = self._conduct.timeouts.of(call.kind)
        failure: UnipileError
        try:
            async with asyncio.timeout(limit.total_seconds()):
                return await self._http.send(request)
        except BEFORE_SENDING as error:
            failure = Unreached(self._trouble(call, f"no connection: {type(error).__name__}"))
        except httpx2.RequestError as error:
            failure = in_the_middle(call, self._trouble(call, f"broken off: {type(error).__name__}"))
        except TimeoutError:
            failure = in_the_middle(
                call, self._trouble(call, f"no answer within {limit.total_seconds():g} s")
            )
        raise failure  # outside the handlers, so that no request with its key hangs on to it

    def _trouble(self, call: Call, detail: str) -> Refusal:
        path = scrub(call.path, *self.secrets)
        return Refusal(method=call.method, path=path, account_id=call.account_id, detail=detail)


def _shown_parts(parts: Sequence[Part]) -> list[dict[str, str]]:
    """Multipart parts as a journal shows them: texts, and the names of files."""
    return [
        {
            "name": part.name,
            "content": part.content if isinstance(part.content, str) else part.file_name or HIDDEN,
        }
        for part in parts
    ]
