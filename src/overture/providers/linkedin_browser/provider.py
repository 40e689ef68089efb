"""LinkedIn by browser: one Chromium, one isolated context per account, kept warm between runs."""

import asyncio
import json
from collections import OrderedDict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from playwright.async_api import Browser, BrowserContext, Error, Page, StorageState

from overture.core.clock import Clock
from overture.core.errors import Conflict, Failure, NotPossible, Transient
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.providers.linkedin_browser.chrome import Chrome
from overture.providers.linkedin_browser.desk import Desk, Standing
from overture.providers.linkedin_browser.fuse import Fuse
from overture.providers.linkedin_browser.imported import stored_session
from overture.providers.linkedin_browser.registry import READERS, WRITERS
from overture.providers.linkedin_browser.session import LinkedInSession
from overture.providers.linkedin_browser.tab import Tab
from overture.touchpoints import Sender, Session, Trace

READ_BACK_LAG: Final = timedelta(seconds=45)
"""Pending and sent lists were seen up to 20 s late (reference, scenario 31); twice that and a margin."""
LET_GO_S: Final = 3.0  # a page that does not close within this is left to its context's end


@dataclass
class Seat:
    """One account's context: its page, its fuse, and the session it was opened or last saved with."""

    context: BrowserContext
    browser: Browser
    tab: Tab
    fuse: Fuse
    version: int
    state: bytes | None
    is_taken: bool = True

    def fits(self, sender: Sender) -> bool:
        """Whether it still is the session the sender has on record."""
        secrets = sender.secrets
        is_same = self.version == secrets.session_version or (
            self.state is not None and self.state == secrets.session
        )
        return is_same and self.browser.is_connected()

    @property
    def has_page(self) -> bool:
        """Whether a page is open, or only the session kept."""
        return not self.tab.page.is_closed()


class LinkedInBrowser:
    """The provider `linkedin_browser`."""

    name = "linkedin_browser"
    channel = "linkedin"
    credential_fields: tuple[str, ...] = ("username", "password")

    def __init__(
        self, settings: Settings, clock: Clock, rng: Rng, *, read_back_lag: timedelta | None = None
    ) -> None:
        # A released request may be under way for one browser timeout before its effect begins to show.
        self.read_back_lag = read_back_lag or READ_BACK_LAG + settings.browser_timeout
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._chrome = Chrome(settings)
        self._seats: OrderedDict[UUID, Seat] = OrderedDict()

    @property
    def lacks(self) -> str | None:
        """The address of LinkedIn, as long as nobody has given it."""
        return "OVERTURE_LINKEDIN_URL" if self._settings.linkedin_url is None else None

    def session_from(self, cookies: Sequence[Mapping[str, object]], now: datetime) -> bytes:
        """The session of a person's own browser, by its cookies."""
        if self._settings.linkedin_url is None:
            raise Conflict(
                "linkedin_url_unset",
                "OVERTURE_LINKEDIN_URL is not set, so nobody can say whose cookies these would be.",
                fix="Set it; docs/how-to/real-accounts.md says what that means.",
            )
        stored = stored_session(cookies, str(self._settings.linkedin_url), now)
        return json.dumps(stored, sort_keys=True).encode()

    def supports(self, kind: str) -> bool:
        """Whether there is a handler for this touchpoint type."""
        return kind in READERS or kind in WRITERS

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session for the account, to be entered."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Close every account's context and the browser, each within a bound."""
        seats = list(self._seats.values())
        self._seats.clear()
        await asyncio.gather(*(_let_go(seat) for seat in seats))
        await self._chrome.close()

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        seat = await self._take(sender)
        seat.fuse.reset(trace)
        seat.tab.trace, seat.tab.loads = trace, 0
        desk = self._desk(sender, seat, trace)
        session = LinkedInSession(desk, seat.context, seat.state)
        is_certain = False  # a kept page is worth less than certainty about its state
        try:
            yield session
            is_certain = True
        except Failure as failure:
            is_certain = not isinstance(failure, Transient)
            raise
        finally:
            desk.standing.is_dead |= not is_certain
            trace.step("session_end", page_loads=seat.tab.loads)
            seat.state = session.known_state
            await self._put_back(sender, seat, desk)

    def _desk(self, sender: Sender, seat: Seat, trace: Trace) -> Desk:
        values = sender.secrets.values
        standing = Standing(has_credentials=bool(values.get("username") and values.get("password")))
        return Desk(sender, self._settings, self._clock, seat.tab, seat.fuse, trace, standing)

    async def _take(self, sender: Sender) -> Seat:
        kept = self._seats.pop(sender.account_id, None)
        if kept is not None and not kept.is_taken and kept.fits(sender) and await self._is_awake(kept):
            kept.is_taken = True
            kept.version = sender.secrets.session_version
            self._seats[sender.account_id] = kept
            return kept
        if kept is not None:
            await _let_go(kept)
        await self._make_room()
        seat = await self._new_seat(sender)
        self._seats[sender.account_id] = seat
        return seat

    async def _put_back(self, sender: Sender, seat: Seat, desk: Desk) -> None:
        seat.is_taken = False
        seat.fuse.reset(None)
        seat.tab.trace = None
        if not (desk.standing.is_dead or seat.tab.is_hung):
            await self._cool_down()
            return
        if self._seats.get(sender.account_id) is seat:
            del self._seats[sender.account_id]
        await _let_go(seat)

    async def _is_awake(self, seat: Seat) -> bool:
        """Whether the kept session can be used: its page answers, or a new one opens in its context."""
        if seat.has_page:
            return await _answers(seat)
        try:
            async with asyncio.timeout(self._settings.browser_timeout.total_seconds()):
                seat.tab = self._tab(await seat.context.new_page())
        except (Error, TimeoutError):
            return False
        return True

    async def _cool_down(self) -> None:
        """Close the pages that were idle longest: an idle page is a process of its own, a session is not."""
        idle = [seat for seat in self._seats.values() if not seat.is_taken and seat.has_page]
        for seat in idle[: max(0, len(idle) - self._settings.browser_warm_pages)]:
            with suppress(Error, TimeoutError):
                async with asyncio.timeout(LET_GO_S):
                    await seat.tab.page.close()

    def _tab(self, page: Page) -> Tab:
        return Tab(page, str(self._settings.linkedin_url), self._settings.browser_timeout)

    async def _make_room(self) -> None:
        """Let go of the accounts that were idle longest, never of one at work."""
        idle = [account for account, seat in self._seats.items() if not seat.is_taken]
        surplus = len(self._seats) + 1 - self._settings.browser_contexts
        for account in idle[: max(0, surplus)]:
            await _let_go(self._seats.pop(account))

    async def _new_seat(self, sender: Sender) -> Seat:
        if self._settings.linkedin_url is None:
            raise NotPossible(
                "linkedin_url_unset", "OVERTURE_LINKEDIN_URL is not set: no LinkedIn account can act"
            )
        browser = await self._chrome.browser()
        fuse = Fuse(self._clock, self._settings.browser_timeout)
        try:
            async with asyncio.timeout(self._settings.browser_timeout.total_seconds()):
                context = await browser.new_context(
                    storage_state=_stored(sender.secrets.session), service_workers="block"
                )
                await fuse.guard(context)
                page: Page = await context.new_page()
        except (Error, TimeoutError) as error:
            raise Transient(
                "the browser gave no page", code="browser_error", error=str(error)[:200]
            ) from error
        tab = self._tab(page)
        secrets = sender.secrets
        return Seat(context, browser, tab, fuse, secrets.session_version, secrets.session)


def _stored(session: bytes | None) -> StorageState | None:
    """The remembered session; one that cannot be read is no session, so the account logs in."""
    try:
        found = json.loads(session) if session else None
    except ValueError:
        return None
    return (
        StorageState(cookies=found["cookies"], origins=found["origins"]) if isinstance(found, dict) else None
    )


async def _answers(seat: Seat) -> bool:
    """Whether the kept page still runs: browsers crash and pages hang between two runs."""
    try:
        async with asyncio.timeout(LET_GO_S):
            return await seat.tab.page.evaluate("true") is True
    except (Error, TimeoutError):
        return False


async def _let_go(seat: Seat) -> None:
    """Close a context; a hung one is abandoned after a moment and holds nobody up."""
    try:
        async with asyncio.timeout(LET_GO_S):
            await seat.context.close()
    except (Error, TimeoutError):
        return
