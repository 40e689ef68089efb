"""The shared fixtures themselves: a run goes through the scripted provider on a fresh database."""

import pytest

from databases import Databases
from fakes import ScriptedProvider, noop, uncertain_committed
from overture import runs
from overture.db import migrate
from overture.entrypoints.bootstrap import App
from overture.touchpoints import Message
from waiting import eventually


async def submit(app: App, handle: str, slug: str) -> runs.Run:
    request = runs.RunRequest(handle, Message(public_identifier=slug, message="hello"))
    async with app.sessions.begin() as db:
        now = app.now()
        return (await runs.submit(db, app.ids, request, now, app.kit.lease(now))).run


async def ended(app: App, run: runs.Run) -> runs.Run:
    async def over() -> runs.Run | None:
        async with app.sessions() as db:
            found = await runs.by_id(db, run.id)
        return found if found.status in runs.TERMINAL else None

    return await eventually(over)


async def test_a_scripted_message_is_sent_once_and_proved(
    app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    run = await ended(app, await submit(app, account, "grace-hopper"))

    assert (run.status, run.effect) == ("completed", "confirmed")
    assert [sent.target for sent in provider.sent] == ["grace-hopper"]


async def test_a_lost_answer_is_read_back_and_not_repeated(
    app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("grace-hopper", uncertain_committed())

    run = await ended(app, await submit(app, account, "grace-hopper"))

    assert (run.status, run.effect, len(provider.sent)) == ("completed", "confirmed", 1)


async def test_what_was_so_already_sends_nothing(
    app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script(None, noop())

    run = await ended(app, await submit(app, account, "grace-hopper"))

    assert (run.status, provider.sent) == ("completed", [])


def test_the_template_is_what_the_code_says(database_url: str) -> None:
    migrate.check(database_url)


async def test_a_database_is_given_again_without_a_trace(databases: Databases) -> None:
    first = databases.take()
    with databases.server.connect(first.name) as writing:
        writing.execute("insert into events (at, type, data) values (now(), 'lead.created', '{}')")
    databases.give_back(first)
    second = databases.take()
    with databases.server.connect(second.name) as reading:
        left = reading.execute("select count(*) from events").fetchone()
        reading.execute("insert into events (at, type, data) values (now(), 'lead.created', '{}')")
        numbered = reading.execute("select id from events").fetchone()
    databases.give_back(second)

    assert second is first
    assert (left, numbered) == ((0,), (1,))


@pytest.mark.parametrize(
    "statement",
    [
        "alter table events add column more int",
        "alter table procrastinate_jobs disable trigger user",
        "drop index ix_enrollments_due",
        "create table mine (id int)",
        "update alembic_version set version_num = '0001'",
    ],
)
async def test_a_database_made_otherwise_is_not_given_again(databases: Databases, statement: str) -> None:
    changed = databases.take()
    with databases.server.connect(changed.name) as changing:
        changing.execute(statement)
    databases.give_back(changed)
    other = databases.take()
    databases.give_back(other)

    assert other.name != changed.name
