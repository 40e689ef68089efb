"""One account's open door at LinkedIn: reads, writes, a picture, and the session to remember."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from playwright.async_api import BrowserContext

from overture.core.errors import NotPossible, Transient
from overture.providers.linkedin_browser import (
    check_connection,
    comment,
    connect,
    enrich,
    follow,
    inmail,
    log_in,
    message,
    react,
    search,
    sync_inbox,
    sync_relations,
    visit,
    withdraw,
)
from overture.providers.linkedin_browser.desk import Desk, Waiting
from overture.providers.linkedin_browser.fuse import Fuse
from overture.providers.linkedin_browser.login import enter
from overture.providers.linkedin_browser.registry import reader_of, writer_of
from overture.providers.linkedin_browser.snapshot import take_snapshot
from overture.touchpoints import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    MayAnswer,
    Outcome,
    ReadBack,
    Rehearsed,
    Rehearses,
    Snapshot,
    Touchpoint,
    Write,
)

HANDLERS = (
    *(check_connection, connect, enrich, inmail, log_in, message, search, sync_inbox, sync_relations, visit),
    *(withdraw,),
    *(comment, follow, react),
)
"""Importing a handler's file registers it."""


def same_cookies(cookies: Sequence[Mapping[str, object]], state: bytes) -> bool:
    """Whether a remembered session has the same cookies; when they expire does not count."""
    known = json.loads(state).get("cookies", [])
    return _essence(cookies) == _essence(known)


def waiting_in(state: bytes | None) -> Waiting | None:
    """The check that was asked for when the session was remembered; only of the site's own pages."""
    try:
        waiting = json.loads(state or b"{}")["waiting"]
        kind, address = str(waiting["kind"]), str(waiting["address"])
    except (ValueError, KeyError, TypeError):
        return None
    return Waiting(kind, address) if address.startswith("/") and not address.startswith("//") else None


def notes_refused_in(state: bytes | None) -> list[str]:
    """The runs whose note was refused, as remembered with the session."""
    try:
        tokens = json.loads(state or b"{}")["without_note"]
    except (ValueError, KeyError, TypeError):
        return []
    return [str(token) for token in tokens] if isinstance(tokens, list) else []


def _essence(cookies: Sequence[Mapping[str, object]]) -> set[tuple[object, ...]]:
    return {tuple(cookie.get(key) for key in ("name", "value", "domain", "path")) for cookie in cookies}


@dataclass
class GuardedWrite:
    """A handler's write, and what holds for every one of them.

    The intent's last check is asked by the fuse. What cannot be looked at any more tells nothing.
    """

    write: Write
    fuse: Fuse

    @property
    def is_answer(self) -> bool:
        """As the handler says, if it may be one."""
        return isinstance(self.write, MayAnswer) and self.write.is_answer

    async def prepare(self) -> Outcome | None:
        """As the handler does."""
        return await self.write.prepare()

    async def rehearse(self) -> Rehearsed:
        """As the handler does; the page of a post is nobody's to be told of, so it is opened as ever."""
        if isinstance(self.write, Rehearses):
            return await self.write.rehearse()
        return Rehearsed(await self.write.prepare())

    async def last_look(self, look: LastLook) -> None:
        """As the handler does."""
        await self.write.last_look(look)

    async def act(self, intent: Intent) -> Accepted:
        """As the handler does, with the fuse asking before it lets the request out."""
        self.fuse.last_check = intent.last_check
        return await self.write.act(intent)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """As the handler does."""
        return await self.write.confirm(accepted)

    async def abandon(self) -> None:
        """As the handler does."""
        await self.write.abandon()

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """As the handler does, where there is still something to look at."""
        try:
            return await self.write.read_back(token, intended_at)
        except NotPossible:
            return ReadBack("cannot_tell")


class LinkedInSession:
    """A logged-in browser session of one account."""

    def __init__(self, desk: Desk, context: BrowserContext, known_state: bytes | None) -> None:
        self.desk = desk
        self._context = context
        self.known_state = known_state
        desk.standing.waiting = waiting_in(known_state)
        desk.standing.without_note = notes_refused_in(known_state)
        desk.tab.watch.begin_anew()

    async def enter(self) -> None:
        """Log in if need be; a kept page is worth less than certainty about its state."""
        try:
            await enter(self.desk)
        except Transient:
            self.desk.standing.is_dead = True
            raise

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """Carry out a touchpoint that may be repeated."""
        return await reader_of(touchpoint)(self.desk, touchpoint)

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """Begin a touchpoint of the effect protocol."""
        return GuardedWrite(writer_of(touchpoint)(self.desk, touchpoint, token), self.desk.fuse)

    async def snapshot(self) -> Snapshot:
        """What the page shows and did last, without anything secret."""
        return await take_snapshot(self.desk)

    async def state(self) -> bytes | None:
        """Cookies, storage and what is remembered with them, as JSON, when it is not what is known already.

        Only cookies carry the session; reading the storage as well opens a page, so it waits until they do.
        """
        async with self.desk.tab.bounded("reading the session"):
            cookies = await self._context.cookies()
            if self.known_state is not None and self._is_known(cookies, self.known_state):
                return None
            stored: dict[str, object] = {**await self._context.storage_state()}
            standing = self.desk.standing
            if standing.waiting is not None:
                stored["waiting"] = asdict(standing.waiting)
            if standing.without_note:
                stored["without_note"] = standing.without_note
            found = json.dumps(stored, sort_keys=True).encode()
        if found == self.known_state:
            return None
        self.known_state = found
        return found

    def _is_known(self, cookies: Sequence[Mapping[str, object]], state: bytes) -> bool:
        standing = self.desk.standing
        remembered = (waiting_in(state), notes_refused_in(state))
        return remembered == (standing.waiting, standing.without_note) and same_cookies(cookies, state)
