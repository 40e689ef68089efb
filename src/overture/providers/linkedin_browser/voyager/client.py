"""Reads of LinkedIn's JSON from inside the open page, and what each kind of answer means."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Final, Protocol

from overture.core.clock import Clock
from overture.core.errors import Failure, NotPossible, PageChanged, Restricted, Throttled, Transient

NORMALIZED: Final = "application/vnd.linkedin.normalized+json+2.1"
GRAPHQL: Final = "application/graphql"
BOT_WALL: Final = 999
REST_AFTER_429: Final = timedelta(hours=1)  # when the answer does not say how long

FETCH: Final = """async ([path, headers, limit, redirect]) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    const answer = await fetch(path, {credentials: 'include', redirect, headers, signal: stop.signal});
    const header = (name) => answer.headers.get(name) || '';
    return {
      status: answer.type === 'opaqueredirect' ? 302 : answer.status, path: new URL(answer.url).pathname,
      type: header('content-type'), date: header('date'), retry: header('retry-after'),
      text: answer.type === 'opaqueredirect' ? '' : await answer.text(),
    };
  } catch (error) {
    return {status: 0, path: '', type: '', date: '', retry: '', text: String(error)};
  } finally {
    clearTimeout(timer);
  }
}"""


RENEW: Final = """async (limit) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), limit);
  try {
    await fetch('/feed/', {credentials: 'include', redirect: 'manual', signal: stop.signal});
  } catch (error) {
    return false;
  } finally {
    clearTimeout(timer);
  }
  return true;
}"""
"""A page brings the CSRF cookie up to date; its content is not looked at."""


class Page(Protocol):
    """The open page, as far as reading needs it."""

    async def evaluate(self, script: str, argument: object) -> object:
        """Run a function in the page."""
        ...

    async def cookie(self, name: str) -> str | None:
        """A cookie of the site."""
        ...


class Guard(Protocol):
    """Knows what it means for this account when the session is over."""

    def session_expired(self) -> Failure:
        """The session is dead: the failure to raise, now that nothing was done."""
        ...

    def challenged(self, path: str) -> Failure:
        """A checkpoint stands in the way."""
        ...


@dataclass(frozen=True)
class Raw:
    """One answer as it came."""

    status: int
    path: str
    type: str
    date: str
    retry: str
    text: str

    @property
    def is_json(self) -> bool:
        """Whether it claims to be JSON; an interstitial comes as HTML with status 200."""
        return "json" in self.type or self.type.startswith(GRAPHQL)


@dataclass(frozen=True)
class Answer:
    """A good answer: its body, and how far the server's clock is ahead of ours."""

    body: Mapping[str, object]
    skew: timedelta


class VoyagerClient:
    """Asks LinkedIn for JSON the way its own page does: same cookies, same headers, same connection."""

    def __init__(self, page: Page, guard: Guard, clock: Clock, limit: timedelta) -> None:
        self._page = page
        self._guard = guard
        self._clock = clock
        self._limit = limit

    async def get(self, path: str, accept: str = NORMALIZED) -> Answer:
        """The answer to one read, or the failure it stands for."""
        raw = await self._fetch(path, accept)
        if raw.status == 403 and "CSRF" in raw.text:
            await self._page.evaluate(RENEW, self._limit.total_seconds() * 1000)
            raw = await self._fetch(path, accept)  # the cookie is read anew each time
        if raw.status in (401, 403):
            raise await self._unauthorized(path, raw)
        if raw.status == 302:
            raise await self._redirected(path, accept)
        return self._good(path, raw)

    async def is_logged_in(self) -> bool:
        """Whether `/me` answers with somebody: the one proof of a living session."""
        raw = await self._fetch("/me", NORMALIZED)
        if raw.status in {0, 429} or raw.status >= 500:
            raise self._refused("/me", raw)
        return raw.status == 200 and raw.is_json

    async def is_walled(self) -> bool:
        """Whether `/me` is answered with a page or a wall where only JSON is to be expected."""
        raw = await self._fetch("/me", NORMALIZED)
        return raw.status == BOT_WALL or (raw.status == HTTPStatus.OK and not raw.is_json)

    async def _fetch(self, path: str, accept: str, redirect: str = "manual") -> Raw:
        token = (await self._page.cookie("JSESSIONID") or "").strip('"')
        headers = {"accept": accept, "csrf-token": token, "x-restli-protocol-version": "2.0.0"}
        limit = self._limit.total_seconds() * 1000
        found = await self._page.evaluate(FETCH, [f"/voyager/api{path}", headers, limit, redirect])
        if not isinstance(found, dict):
            raise Transient("the page was not there to read from", code="page_gone")
        return Raw(
            int(found["status"]),
            str(found["path"]),
            str(found["type"]),
            str(found["date"]),
            str(found["retry"]),
            str(found["text"]),
        )

    async def _unauthorized(self, path: str, raw: Raw) -> Failure:
        """401 and 403 are about the session or about this one thing: `/me` tells which."""
        if "CSRF" in raw.text:  # the next page load brings a new token
            return Transient("LinkedIn wants a new CSRF token", code="csrf_invalid")
        if path == "/me" or not await self.is_logged_in():
            return self._guard.session_expired()
        if raw.status == 403:
            return NotPossible(
                "profile_inaccessible", "LinkedIn does not show this to the account", status=403
            )
        return Transient("LinkedIn refused a read it should allow", code="read_refused", status=raw.status)

    async def _redirected(self, path: str, accept: str) -> Failure:
        raw = await self._fetch(path, accept, redirect="follow")
        if raw.path.startswith("/checkpoint"):
            return self._guard.challenged(raw.path)
        return self._guard.session_expired()

    def _good(self, path: str, raw: Raw) -> Answer:
        if raw.status != 200:
            raise self._refused(path, raw)
        if not raw.is_json:
            raise self._guard.session_expired()
        try:
            body = json.loads(raw.text)
        except ValueError:
            raise PageChanged("JSON in the answer", code="api_changed", path=_bare(path)) from None
        if not isinstance(body, dict):
            raise PageChanged("an object in the answer", code="api_changed", path=_bare(path))
        _refuse_errors(body, path)
        return Answer(body, self._skew(raw.date))

    def _refused(self, path: str, raw: Raw) -> Failure:
        facts: dict[str, Any] = {"status": raw.status, "path": _bare(path)}
        if raw.status == 429:
            return throttled(raw.text, raw.retry, self._clock.now(), scope="account")
        if raw.status == 404 and "queryId=" not in path:
            return NotPossible("not_found", "LinkedIn knows nothing under this name", **facts)
        if raw.status in (400, 404) and "queryId=" in path:
            return PageChanged("the stored query", code="query_id_rotated", **facts)
        if raw.status == 999:
            return bot_wall(**facts)
        if raw.status == 0 or raw.status >= 500 or raw.status == 451:
            return Transient("LinkedIn did not answer properly", code="read_failed", **facts)
        return PageChanged("a known answer", code="api_changed", **facts)

    def _skew(self, date: str) -> timedelta:
        """The server's clock against ours, to the half second its `Date` header allows."""
        try:
            server = parsedate_to_datetime(date)
        except (TypeError, ValueError):
            return timedelta(0)
        aware = server if server.tzinfo else server.replace(tzinfo=UTC)
        return aware + timedelta(seconds=0.5) - self._clock.now()


def throttled(text: str, retry_after: str, now: datetime, *, scope: str = "lane") -> Throttled:
    """A 429: as long as it says, else an hour. On a read it concerns all the account does (`scope`)."""
    pause = timedelta(seconds=int(retry_after)) if retry_after.isdigit() else REST_AFTER_429
    until = now + pause
    return Throttled("rate_limited", "LinkedIn asks to slow down", until=until, said=text[:120], scope=scope)


def bot_wall(**facts: object) -> Restricted:
    """The site takes this browser for a robot: nothing goes through, and going on would make it worse."""
    return Restricted("LinkedIn answers this browser with its bot wall", code="bot_wall", **facts)


def _refuse_errors(body: Mapping[str, object], path: str) -> None:
    """Status 200 with errors inside is a refusal."""
    data = body.get("data")
    errors = body.get("errors") or (data.get("errors") if isinstance(data, dict) else None)
    if errors:
        raise NotPossible(
            "rejected", "LinkedIn answered with errors", path=_bare(path), said=str(errors)[:200]
        )


def _bare(path: str) -> str:
    """The path without its query, which may name people."""
    return path.split("?", 1)[0]
