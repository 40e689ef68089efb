"""Reading the log: what concerns a reader, in order, once, however much lies between."""

from datetime import UTC, datetime

import pytest

from overture.db import About, Choice, News, append_events, read_events
from overture.db.events import FURTHEST
from overture.entrypoints.bootstrap import App

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
RUNS = Choice(("run.%",), but=("run.created",))


async def write(app: App, *types: str) -> None:
    async with app.sessions.begin() as db:
        await append_events(db, [(AT, kind, About(), {"number": n}) for n, kind in enumerate(types)])


async def read(app: App, most: int) -> News:
    async with app.sessions.begin() as db:
        return await read_events(db, "reader", RUNS, most)


@pytest.mark.parametrize("most", [1, 2, 3, 5])
async def test_each_event_of_the_choice_comes_once_and_in_order(app: App, most: int) -> None:
    await write(app, "run.ended", "lead.created", "run.created", "run.held", "run.ended", "lead.created")
    await write(app, "lead.created", "run.ended")

    found, news = [], await read(app, most)
    while not news.is_all:
        found += news.entered
        news = await read(app, most)
    found += news.entered

    assert [(one.type, one.data["number"]) for one in found] == [
        ("run.ended", 0),
        ("run.held", 3),
        ("run.ended", 4),
        ("run.ended", 1),
    ]
    assert (await read(app, most)) == News([], is_all=True)


async def test_a_long_import_is_passed_over_in_a_few_steps(app: App) -> None:
    await write(app, *["lead.created"] * (FURTHEST * 5), "run.ended")

    steps, news = 1, await read(app, 2)
    while not news.entered:
        assert not news.is_all
        steps, news = steps + 1, await read(app, 2)

    assert steps == 3
    assert [one.type for one in news.entered] == ["run.ended"]


async def test_what_is_read_in_a_transaction_that_fails_comes_again(app: App) -> None:
    await write(app, "run.ended")
    async with app.sessions() as db:
        assert len((await read_events(db, "reader", RUNS)).entered) == 1

    assert len((await read(app, 5)).entered) == 1
