"""Workers abreast: while the database works for one, the next goes on, in an order that is always the same.

Each goes on until it has sent something to the database; then it is the next one's turn, and so round the
row. Nobody goes on because an answer came early: the same seed gives the same interleaving on any machine, as
long as no answer takes longer than `PATIENCE_MS`. What acts have in common may not depend on the order in
which the database takes them, for that is not told; acts of different accounts do not.
"""

import asyncio
import select
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Final, TypeVar

import psycopg
from psycopg import waiting
from psycopg.abc import PQGen
from psycopg.waiting import Ready, Wait

T = TypeVar("T")
PATIENCE_MS: Final = 1000
"""How long an answer is waited for before the others go on all the same: it may wait for one of them."""

EVENTS: Final = {
    Wait.R: select.POLLIN,
    Wait.W: select.POLLOUT,
    Wait.RW: select.POLLIN | select.POLLOUT,
}


@dataclass
class Row:
    """Those who work abreast."""

    places: "list[Place]" = field(default_factory=list)

    async def over(self, works: list[Callable[[], Awaitable[None]]]) -> None:
        """Let all of them work until everybody is done; the first error is the row's."""
        loop = asyncio.get_running_loop()
        tasks = []
        for work in works:
            place = Place(self, loop.create_future())
            self.places.append(place)
            tasks.append(loop.create_task(place.at_work(work)))
        self.places[0].go.set_result(None)
        await asyncio.gather(*tasks)


@dataclass(eq=False)
class Place:
    """One of them."""

    row: Row
    go: asyncio.Future[None]

    async def at_work(self, work: Callable[[], Awaitable[None]]) -> None:
        """Work, from one's first turn on; whoever is done leaves the row."""
        PLACE.set(self)
        await self.go
        try:
            await work()
        finally:
            following = self.following()
            self.row.places.remove(self)
            if following is not self:
                following.go.set_result(None)

    def following(self) -> "Place":
        """Whose turn comes next."""
        places = self.row.places
        return places[(places.index(self) + 1) % len(places)]

    async def pass_on(self) -> None:
        """Let the others have their turns."""
        following = self.following()
        if following is self:
            return
        self.go = asyncio.get_running_loop().create_future()
        following.go.set_result(None)
        await self.go


PLACE: ContextVar[Place | None] = ContextVar("place", default=None)


class Straight(psycopg.AsyncConnection[tuple[object, ...]]):
    """A connection that is waited for standing still, but by those who work abreast."""

    _poll: "select.poll | None" = None

    async def wait(self, gen: PQGen[T], interval: float = 0.1, timeout: float | None = None) -> T:
        """Wait for the database; this spares the event loop thirty turns for each run."""
        place = PLACE.get()
        if place is None:
            return waiting.wait(gen, self.pgconn.socket, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                if wanted is Wait.R:
                    await place.pass_on()
                while not (ready := self.is_ready(wanted)):
                    await place.pass_on()
                wanted = gen.send(ready)
        except StopIteration as over:
            result: T = over.value
            return result

    def is_ready(self, wanted: Wait) -> Ready:
        """What the socket is ready for, of what is wanted; nothing if it takes its time."""
        if self._poll is None:
            self._poll = select.poll()
        self._poll.register(self.pgconn.socket, EVENTS[wanted])
        seen = self._poll.poll(PATIENCE_MS)
        if not seen:
            return Ready.NONE
        return Ready((seen[0][1] & select.POLLOUT and Ready.W) | (seen[0][1] & ~select.POLLOUT and Ready.R))


def stand_still(_dialect: object, _record: object, _args: object, given: dict[str, object]) -> None:
    """Let the engine's connections be such."""
    given["async_creator_fn"] = Straight.connect
