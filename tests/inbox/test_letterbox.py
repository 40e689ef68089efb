"""The letterbox: what comes at once shares a commit, and nobody's delivery hangs on another's."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from inbox_desk import Desk, a_desk
from overture import inbox
from overture.db import connect
from overture.entrypoints.api.webhooks import arrival_of
from overture.entrypoints.bootstrap import App
from overture.inbox import Arrival


@pytest.fixture
async def desk(app: App, account: str) -> Desk:
    return await a_desk(app, account)


@pytest.fixture
def inserts(app: App) -> Iterator[list[str]]:
    """Every statement by which deliveries are stored."""
    seen: list[str] = []

    def note(_: object, __: object, statement: str, *rest: object) -> None:
        if "insert into webhook_deliveries" in statement:
            seen.append(statement)

    event.listen(app.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(app.engine.sync_engine, "before_cursor_execute", note)


def arrivals(desk: Desk, *words: str) -> list[Arrival]:
    """Deliveries of messages with these words."""
    app = desk.app
    return [
        arrival_of(app.ids.new(), "messaging", repr(word).encode(), None, app.now())
        for word in (desk.message(1, one) for one in words)
    ]


async def bodies(app: App) -> list[bytes]:
    async with app.sessions() as db:
        return list((await db.scalars(text("select body from webhook_deliveries order by body"))).all())


async def test_what_comes_at_once_shares_a_commit(app: App, desk: Desk, inserts: list[str]) -> None:
    came = arrivals(desk, *(f"word {n:03}" for n in range(60)))

    news = await asyncio.gather(*(app.letterbox.put(one) for one in came))

    assert news == [True] * 60
    assert await bodies(app) == sorted(one.body for one in came)
    assert len(inserts) <= 2


async def test_each_is_committed_when_its_sender_hears_of_it(app: App, desk: Desk) -> None:
    async def put(one: Arrival) -> bool:
        is_new = await app.letterbox.put(one)
        return is_new and one.body in await bodies(app)

    assert all(await asyncio.gather(*map(put, arrivals(desk, *"abcdefgh"))))


async def test_of_doubles_among_them_one_is_new(app: App, desk: Desk) -> None:
    (first,) = arrivals(desk, "Hello")
    doubles = [replace(first, id=app.ids.new()) for _ in range(5)]

    news = await asyncio.gather(*(app.letterbox.put(one) for one in doubles))

    assert sorted(news) == [False] * 4 + [True]
    assert await app.letterbox.put(replace(first, id=app.ids.new())) is False
    assert len(await bodies(app)) == 1


async def test_more_than_one_statement_takes_are_stored_all(app: App, desk: Desk, inserts: list[str]) -> None:
    came = arrivals(desk, *(f"word {n:03}" for n in range(250)))

    assert all(await asyncio.gather(*(app.letterbox.put(one) for one in came)))

    assert len(await bodies(app)) == 250
    assert len(inserts) <= 4


async def test_one_that_cannot_be_stored_takes_nobody_along(app: App, desk: Desk) -> None:
    came = arrivals(desk, "a", "b", "c")
    came[1] = replace(came[1], event="\x00")

    found = await asyncio.gather(*(app.letterbox.put(one) for one in came), return_exceptions=True)

    assert (found[0], found[2]) == (True, True)
    assert isinstance(found[1], DBAPIError)
    assert len(await bodies(app)) == 2


async def test_a_sender_that_hangs_up_takes_nobody_along(app: App, desk: Desk) -> None:
    tasks = [asyncio.create_task(app.letterbox.put(one)) for one in arrivals(desk, "a", "b", "c")]
    await asyncio.sleep(0)
    tasks[0].cancel()

    found = await asyncio.gather(*tasks, return_exceptions=True)

    assert isinstance(found[0], asyncio.CancelledError)
    assert found[1:] == [True, True]


async def test_without_a_database_everybody_is_refused_until_it_is_back(desk: Desk) -> None:
    engine, _ = connect("postgresql+psycopg://nobody@127.0.0.1:1/nothing")
    letterbox = inbox.Letterbox(engine)

    for _ in range(2):
        came = arrivals(desk, "a", "b")
        found = await asyncio.gather(*(letterbox.put(one) for one in came), return_exceptions=True)
        assert [type(one) for one in found] == [OperationalError] * 2
    await engine.dispose()
