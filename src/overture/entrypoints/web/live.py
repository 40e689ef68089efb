"""What changed, told to open pages in small hints; each page fetches for itself what it shows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, TypeVar
from uuid import UUID

import structlog
from fastapi import APIRouter, Query, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import queries

log = structlog.get_logger()
T = TypeVar("T")

router = APIRouter()

LOOK_EVERY_S: Final = 1.0
MARGIN: Final = timedelta(seconds=2)  # a change may be committed a moment after the time it bears
TOPICS: Final = ("runs", "accounts", "schedules", "campaigns", "leads", "approvals", "inbox")
OF_EVENT: Final = {
    "run": "runs",
    "account": "accounts",
    "system": "accounts",
    "schedule": "schedules",
    "campaign": "campaigns",
    "enrollment": "campaigns",
    "touch": "campaigns",
    "approval": "approvals",
    "lead": "leads",
    "suppression": "leads",
    "import": "leads",
    "inbox": "inbox",
}
"""What of the pages an event may have changed, by the first word of its type."""


@dataclass
class Hints:
    """Looks at the event log while somebody listens, once for all of them."""

    app: App
    closing: asyncio.Event
    listeners: set[asyncio.Queue[frozenset[str]]] = field(default_factory=set)
    looking: asyncio.Task[None] | None = None
    placed: asyncio.Event = field(default_factory=asyncio.Event)
    """The place to look from is known: whatever is written from now on will be told."""

    @contextlib.asynccontextmanager
    async def heard(self) -> AsyncIterator[asyncio.Queue[frozenset[str]]]:
        """A queue of hints for one listener; the last to go ends the looking."""
        queue: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self.listeners.add(queue)
        if self.looking is None or self.looking.done():
            self.placed = asyncio.Event()
            self.looking = asyncio.create_task(self._look(self.placed))
        try:
            yield queue
        finally:
            self.listeners.discard(queue)
            if not self.listeners and self.looking is not None:
                self.looking.cancel()
                self.looking = None  # it takes a moment to end, and tells whoever comes meanwhile nothing

    async def _look(self, placed: asyncio.Event) -> None:
        place = await self._place()
        placed.set()
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                place, changed = await queries.changed_since(self.app.sessions, place)
            except (SQLAlchemyError, OSError):  # an outage: what changed meanwhile is seen afterwards
                continue
            found = topics(changed)
            for queue in self.listeners if found else ():
                queue.put_nowait(found)

    async def _place(self) -> queries.Place:
        while True:
            with contextlib.suppress(SQLAlchemyError, OSError):
                return await queries.newest(self.app.sessions)
            await asyncio.sleep(LOOK_EVERY_S)

    async def begun(self) -> bool:
        """Wait until nothing that is written can be missed; False when the server stops."""
        return bool(await self._unless_closing(self.placed.wait()))

    async def next_of(self, queue: asyncio.Queue[frozenset[str]]) -> frozenset[str] | None:
        """The next hint, or None when the server stops."""
        return await self._unless_closing(queue.get())

    async def _unless_closing(self, wanted: Awaitable[T]) -> T | None:
        waiting, end = asyncio.ensure_future(wanted), asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({waiting, end}, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else None
        finally:
            waiting.cancel()
            end.cancel()


def topics(changed: Iterable[tuple[str, UUID | None]]) -> frozenset[str]:
    """The topics of some events: lists by their name, a single run by its id."""
    found: set[str] = set()
    for kind, run_id in changed:
        topic = OF_EVENT.get(kind.partition(".")[0])
        found |= {topic} if topic else set()
        if run_id is not None:
            found |= {public_id("run", run_id), "runs"}
    return frozenset(found)


@router.get("/live", response_class=EventSourceResponse)
async def listen(
    request: Request, since: Annotated[int, Query(ge=0, le=10**14)]
) -> AsyncIterator[ServerSentEvent]:
    """Hints as server-sent events, beginning with what changed since the page was made.

    The first of them says that the page is told of everything from now on; the page believes nothing less.
    """
    hints: Hints = request.app.state.hints
    async with hints.heard() as queue:
        if not await hints.begun():
            return
        yield ServerSentEvent(event="listening", raw_data="")
        made_at = datetime.fromtimestamp(since / 1000, UTC) - MARGIN
        changed = await queries.changed_lately(hints.app.sessions, made_at)
        found: frozenset[str] | None = frozenset(TOPICS) if changed is None else topics(changed)
        while found is not None:
            for topic in sorted(found):
                yield ServerSentEvent(event=f"changed-{topic}", raw_data=topic)
            found = await hints.next_of(queue)
