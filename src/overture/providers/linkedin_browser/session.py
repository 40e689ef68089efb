"""One account's open door at LinkedIn: reads, writes, a picture, and the session to remember."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from playwright.async_api import BrowserContext, Error

from overture.core.errors import NotPossible, Transient
from overture.providers.linkedin_browser import check_connection, connect, enrich, message, visit
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.login import enter
from overture.providers.linkedin_browser.registry import READERS, WRITERS
from overture.touchpoints import Outcome, Snapshot, Touchpoint, Write

HANDLERS = (check_connection, connect, enrich, message, visit)
"""Importing a handler's file registers it."""


def same_cookies(cookies: Sequence[Mapping[str, object]], state: bytes) -> bool:
    """Whether a remembered session has the same cookies; when they expire does not count."""
    known = json.loads(state).get("cookies", [])
    return _essence(cookies) == _essence(known)


def _essence(cookies: Sequence[Mapping[str, object]]) -> set[tuple[object, ...]]:
    return {tuple(cookie.get(key) for key in ("name", "value", "domain", "path")) for cookie in cookies}


class LinkedInSession:
    """A logged-in browser session of one account."""

    def __init__(self, desk: Desk, context: BrowserContext, known_state: bytes | None) -> None:
        self.desk = desk
        self._context = context
        self.known_state = known_state

    async def enter(self) -> None:
        """Log in if need be; a kept page is worth less than certainty about its state."""
        try:
            await enter(self.desk)
        except Transient:
            self.desk.standing.is_dead = True
            raise

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """Carry out a touchpoint that may be repeated."""
        reader = READERS.get(touchpoint.kind())
        if reader is None:
            raise NotPossible("unsupported", f"LinkedIn's browser has no read called {touchpoint.kind()}")
        return await reader(self.desk, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """Begin a touchpoint of the effect protocol."""
        writer = WRITERS.get(touchpoint.kind())
        if writer is None:
            raise NotPossible("unsupported", f"LinkedIn's browser has no write called {touchpoint.kind()}")
        return writer(self.desk, touchpoint, token)

    async def snapshot(self) -> Snapshot:
        """The visible part of the page with password fields masked, and what kind of page it is."""
        page = self.desk.tab.page
        facts: dict[str, object] = {"url": page.url.split("?", 1)[0].split("#", 1)[0]}
        try:
            sight = await self.desk.tab.look()
            facts |= {
                "page_class": str(sight.page_class),
                "variant": sight.variant,
                "locale": sight.lang,
                "title": sight.title,
            }
            async with self.desk.tab.bounded("taking a picture"):
                picture = await page.screenshot(mask=[page.locator('input[type="password"]')], type="png")
        except (Transient, Error) as error:
            return Snapshot(None, {**facts, "error": str(error)[:200]})
        return Snapshot(picture, facts)

    async def state(self) -> bytes | None:
        """Cookies and storage as JSON, when the cookies are not the ones known already.

        Only they carry the session; reading the storage as well opens a page, so it waits until they do.
        """
        async with self.desk.tab.bounded("reading the session"):
            cookies = await self._context.cookies()
            if self.known_state is not None and same_cookies(cookies, self.known_state):
                return None
            found = json.dumps(await self._context.storage_state(), sort_keys=True).encode()
        if found == self.known_state:
            return None
        self.known_state = found
        return found
