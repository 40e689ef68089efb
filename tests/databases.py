"""Databases for tests: each test has one that is migrated and empty, and most get one that a test had before.

Making a database costs ten times what emptying one does. After a test its rows are deleted and its sequences
begin anew. One whose tables, functions or triggers are no longer the template's, or which has had many rows,
is dropped instead.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import psycopg
from psycopg import sql

from product import Server

TEMPLATE = "template_migrated"
WORN = 3000
"""Rows after which a database is not used again: what is deleted stays in its files."""

MAKE = """
select (select array[count(*), max(xmin::text::bigint)] from pg_class),
       (select array[count(*), max(xmin::text::bigint)] from pg_attribute where attrelid > 16000),
       (select array[count(*), max(xmin::text::bigint)] from pg_proc where oid > 16000),
       (select array[count(*), max(xmin::text::bigint)] from pg_trigger),
       (select array[count(*), max(xmin::text::bigint)] from pg_constraint),
       (select array_agg(version_num::text) from alembic_version)
"""
LEAVE = """
select count(pg_terminate_backend(pid, 10000)) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
RESTART = "select count(setval(seqrelid::regclass, seqstart, false)) from pg_sequence"
TABLES = "select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"


@dataclass
class Database:
    """One database, and the connection that empties it."""

    name: str
    cleaner: psycopg.Connection[Any]
    make: tuple[Any, ...]
    emptying: sql.Composed
    rows: int = 0

    def empties(self) -> bool:
        """Delete what a test left; false if this is no longer the database it was, or is gone."""
        try:
            return self._empties()
        except psycopg.OperationalError:
            return False

    def _empties(self) -> bool:
        self.cleaner.execute(LEAVE)
        if self.cleaner.execute(MAKE).fetchone() != self.make:
            return False
        row = self.cleaner.execute(self.emptying, prepare=True).fetchone()
        assert row is not None
        self.rows += row[0]
        self.cleaner.execute(RESTART)
        return self.rows < WORN


@dataclass
class Databases:
    """The databases of a run on one server, whose template is migrated."""

    server: Server
    _free: list[Database] = field(default_factory=list)
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    def take(self) -> Database:
        """A migrated database without a row."""
        return self._free.pop() if self._free else self._make()

    def give_back(self, database: Database) -> None:
        """Keep it for another test, or drop it."""
        if database.empties():
            self._free.append(database)
        else:
            self._drop(database)

    def close(self) -> None:
        """Drop what is kept."""
        while self._free:
            self._drop(self._free.pop())

    def _make(self) -> Database:
        name = f"test_{next(self._numbers)}"
        self.server.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        cleaner = self.server.connect(name)
        cleaner.execute("set session_replication_role = replica")  # no trigger and no key minds a deletion
        tables = [row[0] for row in cleaner.execute(TABLES)]
        make = cleaner.execute(MAKE).fetchone()
        assert make is not None
        return Database(name, cleaner, make, emptying(tables))

    def _drop(self, database: Database) -> None:
        database.cleaner.close()
        self.server.execute(f"drop database {database.name} with (force)")


def emptying(tables: list[str]) -> sql.Composed:
    """One statement that deletes every row and says how many there were."""
    deleting = [
        sql.SQL("d{} as (delete from {} returning 1)").format(sql.SQL(str(number)), sql.Identifier(table))
        for number, table in enumerate(tables)
    ]
    counted = [sql.SQL("(select count(*) from d{})").format(sql.SQL(str(n))) for n in range(len(tables))]
    return sql.SQL("with {} select {}").format(sql.SQL(", ").join(deleting), sql.SQL(" + ").join(counted))
