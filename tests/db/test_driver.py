"""Statements that go straight to the driver: in the session's transaction, with SQLAlchemy's errors."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import TextClause, bindparam, event, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from overture import accounts
from overture.db import append_event, carry_out, fetch, fetch_one
from overture.entrypoints.bootstrap import App
from overture.runs import store
from product import add_account

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
ECHO = text("select cast(:id as uuid) as id, cast(:at as timestamptz) as at, :said as said").bindparams(
    bindparam("said", type_=JSONB)
)
COUNT = text("select count(*) from events where type = :type")
KEY = text("insert into idempotency_keys (key, fingerprint, run_id, created_at) values (:key, '', :run, :at)")
SLEEP = text("select pg_sleep(:seconds)")
END = text("select pg_terminate_backend(pg_backend_pid())")


async def test_values_come_back_as_they_were_given(app: App) -> None:
    values = {"id": UUID(int=7), "at": AT, "said": {"to": ["ada", None], "100%": True}}
    async with app.sessions.begin() as db:
        assert await fetch_one(db, ECHO, values) == values
        assert await fetch(db, ECHO, values | {"said": None}) == [(values["id"], AT, None)]


LISTS = text("""
select cast(:texts as text[]), cast(:ids as uuid[]), cast(:numbers as bigint[]), cast(:flags as boolean[]),
    cast(:times as timestamptz[])
""")
A_TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
TIMES = st.datetimes(timezones=st.just(UTC))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.none() | A_TEXT | st.sampled_from(["NULL", '"', "\\", "{}", "a,b", " "]), max_size=5),
    ids=st.lists(st.uuids() | st.none(), max_size=3),
    numbers=st.lists(st.integers(-(2**63), 2**63 - 1) | st.none(), max_size=3),
    flags=st.lists(st.booleans() | st.none(), max_size=3),
    times=st.lists(TIMES | st.none(), max_size=3),
)
async def test_lists_come_back_as_they_were_given(app: App, **given: list[object]) -> None:
    async with app.sessions.begin() as db:
        ((*found,),) = await fetch(db, LISTS, given)
    assert found == list(given.values())


async def test_json_is_read_however_deep_and_large_it_is(app: App) -> None:
    deep: list[object] = []
    for _ in range(400):
        deep = [deep]
    for said in ({"deep": deep}, {"large": 10**40, "small": 0.1, "text": "Zoë 👩‍🚀"}):
        async with app.sessions.begin() as db:
            (row,) = await fetch(db, ECHO, {"id": None, "at": None, "said": said})
        assert row[2] == said


async def test_it_is_the_session_s_transaction(app: App) -> None:
    async with app.sessions() as db:
        await append_event(db, AT, "driver.tried")
        assert await db.scalar(COUNT, {"type": "driver.tried"}) == 1
        await db.rollback()
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(0,)]
        await append_event(db, AT, "driver.tried")
        await db.commit()
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(1,)]
        await db.rollback()


async def test_errors_are_those_of_sqlalchemy_and_show_no_parameters(app: App) -> None:
    run = {"key": "once", "run": UUID(int=1), "at": AT}
    with pytest.raises(IntegrityError) as twice:
        await committed(app, KEY, run, run)
    assert not twice.value.connection_invalidated
    with pytest.raises(ProgrammingError) as missing:
        await committed(app, text("select :said from nowhere"), {"said": "a secret"})
    assert "nowhere" in str(missing.value)
    assert "a secret" not in str(missing.value)


async def committed(app: App, statement: TextClause, *given: dict[str, object]) -> None:
    async with app.sessions.begin() as db:
        for one in given:
            await carry_out(db, statement, one)


async def test_a_lost_connection_is_said_to_be_and_not_used_again(app: App) -> None:
    with pytest.raises(DBAPIError) as lost:
        async with app.sessions.begin() as db:
            await fetch(db, END, {})
    assert lost.value.connection_invalidated
    async with app.sessions.begin() as db:
        assert await fetch(db, COUNT, {"type": "none"}) == [(0,)]


async def test_who_is_cancelled_leaves_no_connection_in_the_middle_of_something(app: App) -> None:
    async def long() -> None:
        async with app.sessions.begin() as db:
            await fetch(db, SLEEP, {"seconds": 60.0})

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(long(), 0.3)
    async with app.sessions.begin() as db:
        assert await fetch(db, COUNT, {"type": "none"}) == [(0,)]


async def test_listeners_are_told(app: App) -> None:
    heard: list[str] = []
    event.listen(app.engine.sync_engine, "before_cursor_execute", lambda *given: heard.append(given[2]))
    async with app.sessions.begin() as db:
        await fetch(db, COUNT, {"type": "none"})
    assert heard == ["\nselect count(*) from events where type = $1".strip()]


async def test_what_went_straight_is_kept_beside_an_entity_that_did_not_change(app: App) -> None:
    await add_account(app, "ada")
    async with app.sessions.begin() as db:
        account = (await accounts.find_all(db, ["ada"]))[0]
        await append_event(db, AT, "driver.tried")
        store.belonging(db, account)
    async with app.sessions.looking() as db:
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(1,)]


async def test_what_went_straight_is_undone_by_an_error_and_by_a_rollback(app: App) -> None:
    async def broken() -> None:
        async with app.sessions.begin() as db:
            await append_event(db, AT, "driver.tried")
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    async with app.sessions.begin() as db:
        await append_event(db, AT, "driver.tried")
        await db.rollback()
    async with app.sessions.looking() as db:
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(0,)]


async def test_an_entity_and_what_went_straight_are_one_transaction(app: App) -> None:
    await add_account(app, "ada")

    async def broken() -> None:
        async with app.sessions.begin() as db:
            account = await accounts.by_handle(db, "ada")
            await append_event(db, AT, "driver.tried")
            account.zone = "Asia/Kolkata"
            await db.flush()
            raise LookupError

    with pytest.raises(LookupError):
        await broken()
    async with app.sessions.begin() as db:
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(0,)]
        account = await accounts.by_handle(db, "ada")
        assert account.zone != "Asia/Kolkata"
        await append_event(db, AT, "driver.tried")
        account.zone = "Asia/Kolkata"
    async with app.sessions.looking() as db:
        assert await fetch(db, COUNT, {"type": "driver.tried"}) == [(1,)]
        assert (await accounts.by_handle(db, "ada")).zone == "Asia/Kolkata"
