"""Migrations: up, down and up again, and the tables in the code are those in the database."""

from collections.abc import Iterator

import psycopg
import pytest

from overture.db import migrate
from product import Server

NAME = "migrated_here"
TABLES = "select count(*) from pg_tables where schemaname = 'public' and tablename <> 'alembic_version'"
ENGINE = "select count(*) from pg_proc where proname like 'procrastinate%'"


@pytest.fixture
def empty(server: Server) -> Iterator[str]:
    server.execute(f"create database {NAME}")
    yield server.embedded.url_for(NAME)
    server.execute(f"drop database {NAME} with (force)")


def count(url: str, query: str) -> int:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return int(row[0])


def test_up_down_up(empty: str) -> None:
    assert migrate.present(empty) is None
    migrate.upgrade(empty)
    migrate.check(empty)
    tables, engine = count(empty, TABLES), count(empty, ENGINE)
    assert tables >= 11
    assert engine > 5

    migrate.downgrade(empty, "base")
    assert (count(empty, TABLES), count(empty, ENGINE)) == (0, 0)

    migrate.upgrade(empty)
    migrate.check(empty)
    assert (count(empty, TABLES), count(empty, ENGINE)) == (tables, engine)


def test_a_current_database_is_left_alone_and_an_empty_one_is_made_current(empty: str) -> None:
    migrate.ensure_current(empty)
    newest = migrate.present(empty)
    assert newest is not None

    migrate.ensure_current(empty)
    migrate.check(empty)
    assert migrate.present(empty) == newest
