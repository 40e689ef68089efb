"""The shared fixtures themselves: a run goes through the scripted provider on a fresh database."""

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
