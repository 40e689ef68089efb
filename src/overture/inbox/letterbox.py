"""The letterbox: deliveries that come in while others are being stored are stored together, next.

A commit waits for the disk. One for each delivery makes a burst wait in a row; here everything that has come
meanwhile shares the next commit, and each sender still hears of it only after its own is committed.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from overture.inbox.deliveries import Arrival, receive
from overture.inbox.spoiling import is_passing

MOST: Final = 100
"""Deliveries of one statement."""

Stored = Mapping[UUID, bool | DBAPIError]
"""Of each delivery whether it was new, or why it alone cannot be stored."""


@dataclass
class Post:
    """Deliveries that are stored together."""

    arrivals: list[Arrival] = field(default_factory=list)
    storing: "asyncio.Task[Stored] | None" = None


class Letterbox:
    """Where receivers put deliveries."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._next = Post()
        self._last: asyncio.Task[Stored] | None = None

    async def put(self, arrival: Arrival) -> bool:
        """Store a delivery; False: it was there already. It is committed when this returns."""
        if len(self._next.arrivals) >= MOST:
            self._next = Post()
        post = self._next
        post.arrivals.append(arrival)
        if post.storing is None:
            post.storing = self._last = asyncio.create_task(self._store(post, self._last))
        # Whoever hangs up takes nobody else's delivery along.
        found = (await asyncio.shield(post.storing))[arrival.id]
        if isinstance(found, DBAPIError):
            raise found
        return found

    async def _store(self, post: Post, before: "asyncio.Task[Stored] | None") -> Stored:
        """Store them once those before are; from then on others gather for the next time."""
        if before is not None:
            await asyncio.wait([before])
        if self._next is post:
            self._next = Post()
        async with self._engine.connect() as connection:
            at_once = await connection.execution_options(isolation_level="AUTOCOMMIT")
            try:
                new = await receive(at_once, post.arrivals)
            except DBAPIError as error:
                if is_passing(error) or len(post.arrivals) == 1:
                    raise
            else:
                return {one.id: one.id in new for one in post.arrivals}
            return {one.id: await alone(at_once, one) for one in post.arrivals}


async def alone(connection: AsyncConnection, arrival: Arrival) -> bool | DBAPIError:
    """Store one whose company cannot be stored."""
    try:
        return bool(await receive(connection, [arrival]))
    except DBAPIError as error:
        if is_passing(error):
            raise
        return error
