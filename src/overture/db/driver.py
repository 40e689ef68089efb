"""Straight to the driver: statements that run with every act, in the session's transaction.

What lies between a session and the driver costs several times what the driver itself does. Errors and
listeners are those of SQLAlchemy all the same; what was changed in the session is not written first.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final, NoReturn
from uuid import UUID
from weakref import WeakKeyDictionary

import psycopg
from psycopg.rows import AsyncRowFactory, tuple_row
from psycopg.types.json import Jsonb
from sqlalchemy import TextClause
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.orm import SessionTransaction

Given = Mapping[str, object]
LINE: Final = "driver"


@dataclass(frozen=True)
class Line:
    """The driver's connection of a session's transaction."""

    transaction: SessionTransaction | None
    """The one it is good for; None: for as long as the session is open."""
    connection: AsyncConnection
    driver: psycopg.AsyncConnection[Any]


@dataclass(frozen=True)
class Plain:
    """A statement as the driver takes it: read and numbered once, and not again each time it is sent."""

    words: str
    sent: bytes
    names: tuple[str, ...]
    """Its parameters, in the order of their numbers."""
    json: frozenset[str]
    """Those of them that are JSON."""

    def values(self, given: Given) -> list[object]:
        """What is given, in that order."""
        found: list[object] = []
        for name in self.names:
            value = given[name]
            if name in self.json and value is not None:
                value = Jsonb(value)
            elif type(value) is list:
                value = literal(value)
            found.append(value)
        return found


def literal(values: list[object]) -> object:
    """A list as PostgreSQL writes an array, where that is plain; the driver takes many times as long.

    The statement says of what type it is; a list of anything else goes to the driver as it is.
    """
    written = []
    for value in values:
        write = WRITTEN.get(type(value))
        if write is None:
            return values
        written.append(write(value))
    return f"{{{','.join(written)}}}"


def quoted(value: str) -> str:
    """A text as an element of an array."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


WRITTEN: Final[dict[type, Callable[[Any], str]]] = {
    str: quoted,
    UUID: lambda value: f"{value.int:032x}",  # as PostgreSQL reads it too, in a quarter of the time
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: lambda value: f'"{value.isoformat()}"',
    type(None): lambda _: "NULL",
}


NAMES: Final[WeakKeyDictionary[TextClause, tuple[str, ...]]] = WeakKeyDictionary()


async def fetch(db: AsyncSession, statement: TextClause, given: Given) -> list[tuple[Any, ...]]:
    """The rows a statement brings."""
    cursor = await executed(db, statement, given, tuple_row)
    return await cursor.fetchall()


async def fetch_one(db: AsyncSession, statement: TextClause, given: Given) -> dict[str, Any]:
    """The one row a statement brings, by the names of its columns, which are read once."""
    cursor = await executed(db, statement, given, tuple_row)
    (found,) = await cursor.fetchall()
    names = NAMES.get(statement)
    if names is None:
        names = NAMES[statement] = tuple(column.name for column in cursor.description or ())
    return dict(zip(names, found, strict=True))


async def carry_out(db: AsyncSession, statement: TextClause, given: Given) -> None:
    """Carry a statement out of whose rows nothing is wanted."""
    await executed(db, statement, given, tuple_row)


async def executed(
    db: AsyncSession, statement: TextClause, given: Given, rows: AsyncRowFactory[Any]
) -> psycopg.AsyncCursor[Any]:
    """The cursor behind a statement that was carried out."""
    line, said = await line_of(db), plain(statement)
    cursor = psycopg.AsyncRawCursor(line.driver, row_factory=rows)
    for listener in line.connection.sync_engine.dispatch.before_cursor_execute:
        listener(line.connection.sync_connection, cursor, said.words, given, None, False)
    try:
        await cursor.execute(said.sent, said.values(given))
    except psycopg.Error as error:
        await refuse(line, said.words, error)
    except asyncio.CancelledError as stopped:  # how far it came is not known: nothing follows on it
        await line.connection.invalidate(stopped)
        raise
    return cursor


async def line_of(db: AsyncSession) -> Line:
    """The driver's connection of this very transaction."""
    known = db.info.get(LINE)
    if isinstance(known, Line) and known.transaction in (None, db.sync_session.get_transaction()):
        return known
    connection = await db.connection()
    line = Line(db.sync_session.get_transaction(), connection, driver_of(connection))
    db.info[LINE] = line
    return line


def driver_of(connection: AsyncConnection) -> psycopg.AsyncConnection[Any]:
    """The driver's connection behind one of SQLAlchemy's."""
    assert connection.sync_connection is not None
    driver = connection.sync_connection.connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    return driver


async def refuse(line: Line, words: str, error: psycopg.Error) -> NoReturn:
    """Raise what SQLAlchemy would; a connection that is lost is not used again."""
    is_lost = line.driver.closed or line.driver.broken
    if is_lost:
        await line.connection.invalidate(error)
    raise DBAPIError.instance(
        words,
        None,
        error,
        psycopg.Error,
        hide_parameters=True,
        connection_invalidated=is_lost,
        dialect=line.connection.dialect,
    ) from error


@cache
def plain(statement: TextClause) -> Plain:
    """What a statement is for the driver; made once for each."""
    numbered = PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]
    compiled = statement.compile(dialect=numbered)
    words, names = str(compiled), tuple(compiled.positiontup or ())
    json = frozenset(name for name, bind in compiled.binds.items() if isinstance(bind.type, JSONB))
    return Plain(words, words.encode(), names, json)
