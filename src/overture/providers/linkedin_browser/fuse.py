"""The write fuse: closed by default, it lets exactly one request through, the very one that was meant."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from playwright.async_api import APIResponse, BrowserContext, Error, Request, Route

from overture.core.clock import Clock
from overture.core.errors import Failure, NotPossible, PageChanged, Transient, Uncertain
from overture.providers.linkedin_browser.fuse_rules import (
    ROUTED,
    Charge,
    Mismatch,
    WriteSeen,
    is_write,
    mismatch,
    read_write,
    rewritten,
)
from overture.touchpoints import Trace, nothing_stops

NEVER_LEFT: Final = (
    "ECONNREFUSED",
    "ENOTFOUND",
    "EAI_AGAIN",
    "connect ENETUNREACH",
    "connect EHOSTUNREACH",
    "ERR_TLS",
    "CERT_",
)
"""Connection errors before the first byte of a request: certainly not sent."""


@dataclass(frozen=True)
class Answer:
    """What LinkedIn said to the released request."""

    status: int
    content_type: str
    retry_after: str
    text: str
    location: str = ""
    """Where it sends the page instead of answering."""


@dataclass
class Shot:
    """One permission to write, and what became of it."""

    charge: Charge
    answer: "asyncio.Future[Answer]" = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )
    is_claimed: bool = False
    """A request is being looked at a last time: no second one may pass meanwhile."""
    is_released: bool = False


class Fuse:
    """Stands between one account's pages and everything at LinkedIn that changes something."""

    def __init__(self, clock: Clock, limit: timedelta) -> None:
        self._clock = clock
        self._limit = limit
        self._shot: Shot | None = None
        self.trace: Trace | None = None
        self.blocked: list[WriteSeen] = []
        self.last_check: Callable[[], Awaitable[None]] = nothing_stops
        """Asked before a write is released (the intent's); its Failure keeps the write in."""

    async def guard(self, context: BrowserContext) -> None:
        """Stand in the way of every page of the context, from its first request on."""
        await context.route(ROUTED, self._on_request)

    def reset(self, trace: Trace | None) -> None:
        """Begin a new session: nothing is allowed, nothing was blocked yet."""
        self.trace = trace
        self._shot = None
        self.blocked = []
        self.last_check = nothing_stops

    async def fire(self, charge: Charge, pull: Callable[[], Awaitable[None]]) -> Answer:
        """Allow this one request while `pull` makes the page send it; its answer, or a Failure.

        Any Failure but Uncertain means that no request left.
        """
        if self._clock.now() >= charge.release_before:
            raise _late()
        shot = self._shot = Shot(charge)
        try:
            await self._pull(shot, pull)
            return await self._await(shot)
        finally:
            self._shot = None
            if shot.answer.done() and not shot.answer.cancelled():
                shot.answer.exception()

    async def _pull(self, shot: Shot, pull: Callable[[], Awaitable[None]]) -> None:
        try:
            await pull()
        except (Failure, Error, TimeoutError):
            if not shot.is_released and not shot.answer.done():
                raise

    async def _await(self, shot: Shot) -> Answer:
        try:
            async with asyncio.timeout(self._limit.total_seconds()):
                return await asyncio.shield(shot.answer)
        except TimeoutError:
            if shot.is_released:
                raise Uncertain(
                    "LinkedIn did not answer the request in time", kind=shot.charge.kind
                ) from None
        raise PageChanged("a request after the last click", code="no_write_seen", kind=shot.charge.kind)

    async def _on_request(self, route: Route) -> None:
        request = route.request
        try:
            if not is_write(request.method, request.url, request.headers):
                await route.continue_()
                return
            await self._on_write(route, request)
        except Error:
            return  # the page went away under the request; what was known is already in the shot

    async def _on_write(self, route: Route, request: Request) -> None:
        body = _body(request)
        seen = read_write(request.url, body)
        shot = self._shot
        if shot is None or shot.is_claimed or shot.answer.done():
            await self._block(route, seen, "closed")
            return
        wrong = mismatch(shot.charge, seen)
        if wrong == "kind":
            await self._block(route, seen, wrong)
            return
        if wrong is not None:
            shot.answer.set_exception(_refusal(wrong))
            await self._block(route, seen, wrong)
            return
        await self._release(route, shot, seen, body or "")

    async def _release(self, route: Route, shot: Shot, seen: WriteSeen, body: str) -> None:
        """Send it exactly once, by Playwright's own client.

        Chromium repeats a POST by itself when a kept connection breaks before the answer: two or three
        were seen for one click, also on a fresh page, and no interception sees them.
        """
        exact = rewritten(shot.charge, body)
        shot.is_claimed = True
        try:
            await self.last_check()
        except Failure as failure:
            _fail(shot, failure)
            await self._block(route, seen, failure.code)
            return
        if self._shot is not shot:
            await self._block(route, seen, "closed")
            return
        if self._clock.now() >= shot.charge.release_before:
            shot.answer.set_exception(_late())
            await self._block(route, seen, "late")
            return
        shot.is_released = True
        self._note("write_released", kind=seen.kind, path=seen.path)
        try:
            response = await route.fetch(
                post_data=exact,
                max_redirects=0,
                max_retries=0,
                timeout=self._limit.total_seconds() * 1000,
            )
            answer = await _answer(response)
        except Error as error:
            _fail(shot, _lost(error))
            await route.abort("connectionfailed")
            return
        self._note("write_answered", kind=seen.kind, status=answer.status)
        if not shot.answer.done():
            shot.answer.set_result(answer)
        await route.fulfill(response=response)

    async def _block(self, route: Route, seen: WriteSeen, why: str) -> None:
        self.blocked.append(seen)
        self._note("write_blocked", kind=seen.kind, path=seen.path, why=why)
        await route.abort("blockedbyclient")

    def _note(self, step: str, **facts: object) -> None:
        if self.trace is not None:
            self.trace.step(step, **facts)


def _body(request: Request) -> str | None:
    """The request's body; None when it is not text."""
    raw = request.post_data_buffer
    try:
        return raw.decode() if raw is not None else None
    except UnicodeDecodeError:
        return None


async def _answer(response: APIResponse) -> Answer:
    headers = response.headers
    return Answer(
        status=response.status,
        content_type=headers.get("content-type", ""),
        retry_after=headers.get("retry-after", ""),
        text=(await response.body()).decode("utf-8", "replace"),
        location=headers.get("location", ""),
    )


def _late() -> Failure:
    return Transient("the time in which the act may begin had passed", code="act_window_passed")


def _fail(shot: Shot, failure: Failure) -> None:
    if not shot.answer.done():
        shot.answer.set_exception(failure)


def _lost(error: Error) -> Failure:
    """What a broken connection means: never sent, or anybody's guess."""
    text = str(error).splitlines()[0][:200]
    if any(mark in text for mark in NEVER_LEFT):
        return Transient("LinkedIn could not be reached", code="unreachable", error=text)
    return Uncertain("the connection broke before LinkedIn answered", error=text)


def _refusal(wrong: Mismatch) -> Failure:
    if wrong == "identity":
        return NotPossible(
            "identity_mismatch", "the page was about to write to somebody else; nothing was sent"
        )
    if wrong == "reaction":
        return PageChanged("the reaction that was asked for", code="reaction_mismatch")
    return PageChanged("the text exactly as given", code="text_mismatch")
