"""What changed, told to open pages in small hints; each page fetches for itself what it shows."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Annotated, Final
from uuid import UUID

import structlog
from fastapi import APIRouter, Header, Request
from fastapi.sse import EventSourceResponse, ServerSentEvent
from sqlalchemy.exc import SQLAlchemyError

from overture.core.ids import public_id
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import queries

log = structlog.get_logger()

router = APIRouter()

LOOK_EVERY_S: Final = 1.0
TOPICS: Final = ("runs", "accounts", "schedules", "campaigns", "leads", "approvals")
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
}
"""What of the pages an event may have changed, by the first word of its type."""


@dataclass
class Hints:
    """Looks at the event log while somebody listens, once for all of them."""

    app: App
    closing: asyncio.Event
    listeners: set[asyncio.Queue[frozenset[str]]] = field(default_factory=set)
    looking: asyncio.Task[None] | None = None

    @contextlib.asynccontextmanager
    async def heard(self) -> AsyncIterator[asyncio.Queue[frozenset[str]]]:
        """A queue of hints for one listener; the last to go ends the looking."""
        queue: asyncio.Queue[frozenset[str]] = asyncio.Queue()
        self.listeners.add(queue)
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look())
        try:
            yield queue
        finally:
            self.listeners.discard(queue)
            if not self.listeners and self.looking is not None:
                self.looking.cancel()

    async def _look(self) -> None:
        place = await self._place()
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

    async def next_of(self, queue: asyncio.Queue[frozenset[str]]) -> frozenset[str] | None:
        """The next hint, or None when the server stops."""
        hint = asyncio.ensure_future(queue.get())
        end = asyncio.ensure_future(self.closing.wait())
        try:
            await asyncio.wait({hint, end}, return_when=asyncio.FIRST_COMPLETED)
            return hint.result() if hint.done() else None
        finally:
            hint.cancel()
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
    request: Request, last_event_id: Annotated[str | None, Header()] = None
) -> AsyncIterator[ServerSentEvent]:
    """Hints as server-sent events; whoever comes back is told that anything may have changed."""
    hints: Hints = request.app.state.hints
    async with hints.heard() as queue:
        number = 1
        yield ServerSentEvent(event="listening", raw_data="", id="1")
        for topic in TOPICS if last_event_id is not None else ():
            yield ServerSentEvent(event=f"changed-{topic}", raw_data=topic, id="1")
        while (found := await hints.next_of(queue)) is not None:
            for topic in sorted(found):
                number += 1
                yield ServerSentEvent(event=f"changed-{topic}", raw_data=topic, id=str(number))
