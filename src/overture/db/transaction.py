"""Transactions at the price of the driver: a session that costs something only once it is used as one.

Most transactions of an act are a few statements straight to the driver (`driver.py`). Then the connection is
taken from the pool and given back, and nothing of SQLAlchemy's session begins or ends. Whoever uses the
session for more gets all of it, on the same connection and in the same transaction.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
from psycopg.pq import TransactionStatus
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from overture.db.driver import LINE, Line, driver_of, refuse


class Transaction(AsyncSession):
    """A session on one connection, for one transaction."""

    line: Line

    async def commit(self) -> None:
        """Commit, first as a session if anything was done as one: it may have been without a statement."""
        if self.in_transaction():
            await super().commit()
        if not self.line.connection.invalidated:
            await self._end("commit")

    async def rollback(self) -> None:
        """Undo everything."""
        if self.in_transaction():
            await super().rollback()
        if not self.line.connection.invalidated:
            await self._end("rollback")

    async def _end(self, word: str) -> None:
        """End what the driver began, if it did."""
        driver = self.line.driver
        if driver.info.transaction_status == TransactionStatus.IDLE:
            return
        try:
            await (driver.commit() if word == "commit" else driver.rollback())
        except psycopg.Error as error:
            await refuse(self.line, word, error)
        except asyncio.CancelledError as stopped:  # whether it came to its end is not known
            await self.line.connection.invalidate(stopped)
            raise


class Sessions:
    """Makes transactions: `async with sessions.begin() as db:` commits when the block ends well.

    What only reads, and often, is begun like that as well, or looks (`sessions.looking()`): the driver
    forgets all it has prepared when a transaction is rolled back, as one is that is merely left
    (`sessions()`).
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._plain = async_sessionmaker(engine, expire_on_commit=False)

    def __call__(self) -> AsyncSession:
        """A session that whoever opens it commits, or not."""
        return self._plain()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncSession]:
        """A transaction of its own."""
        async with self._connected() as db:
            is_done = False
            try:
                yield db
                await db.commit()
                is_done = True
            finally:
                if not is_done:
                    await db.rollback()

    @asynccontextmanager
    async def looking(self) -> AsyncIterator[AsyncSession]:
        """For what only reads: each statement stands for itself, so that nothing has to begin or end."""
        async with self._connected() as db:
            driver = db.line.driver
            try:
                await driver.set_autocommit(True)
            except psycopg.Error as error:  # the connection was lost while it lay idle
                await refuse(db.line, "set autocommit", error)
            try:
                yield db
            finally:
                await db.rollback()
                if not driver.closed:
                    await driver.set_autocommit(False)

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Transaction]:
        """A session on a connection from the pool."""
        connection = await self._engine.connect().start()
        try:
            db = Transaction(connection, expire_on_commit=False)
            db.line = db.info[LINE] = Line(None, connection, driver_of(connection))
            try:
                yield db
            finally:
                if db.sync_session.identity_map:
                    db.expunge_all()
        finally:
            await connection.close()
