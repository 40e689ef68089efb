"""I17: once a kill switch is on, no act begins more than two seconds later; it survives a restart, and what
cannot be read counts as on."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider
from overture import accounts, runs
from overture.core.reasons import Reason
from overture.entrypoints.api.switching import SwitchRequest, show_switches, turn_switch
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import CheckConnection, Message, Touchpoint
from product import MakeApp, add_account
from waiting import eventually

EPSILON = timedelta(seconds=2)
WORKERS = 3
HANDLES = ("ada", "bob", "cyd", "dee")


class Busy(ScriptedProvider):
    """A world in which everything takes a moment, so that a switch falls into every phase of some run."""

    def __init__(self) -> None:
        super().__init__()
        self.rng = Random(17)

    async def meet(self, behaviour: fakes.Behaviour, phase: fakes.Phase) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.02))
        await super().meet(behaviour, phase)


@contextlib.asynccontextmanager
async def several_workers(app: App) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(WORKERS):
            await stack.enter_async_context(background(app, worker=True))
        yield


async def busy_app(make_app: MakeApp, **settings: Any) -> tuple[App, Busy]:
    provider = Busy()
    app = await make_app(provider=provider, **settings)
    for handle in HANDLES:
        await add_account(app, handle)
    return app, provider


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada", **more: object) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint, **more)  # type: ignore[arg-type]
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def queue(app: App, prefix: str, count: int) -> list[Run]:
    """A message of each account to each of `count` people."""
    return [
        await submit(app, Message(public_identifier=f"{prefix}-{n}", message="Hi"), handle)
        for n in range(count)
        for handle in HANDLES
    ]


async def turn(app: App, *, on: bool, scope: str = "global", **subject: str) -> datetime:
    """Turn a switch; the instant by which that was committed."""
    request = SwitchRequest.model_validate({"scope": scope, "on": on, "reason": "a drill", **subject})
    await turn_switch(app, request, by="test")
    return app.now()


async def waits(app: App, run: Run) -> bool:
    async with app.sessions() as db:
        found = await runs.by_id(db, run.id)
    return (found.status, found.wait_reason) == ("pending", Reason.KILL_SWITCH)


async def ended(app: App, run: Run) -> bool:
    async with app.sessions() as db:
        return (await runs.by_id(db, run.id)).status == "completed"


async def quiet(app: App) -> bool:
    """Whether nothing is under way any more."""
    async with app.sessions() as db:
        live = "select count(*) from runs where admitted_at is not null and worker is not null"
        return not await db.scalar(text(live))


def acted_between(provider: ScriptedProvider, start: datetime, end: datetime) -> list[datetime]:
    return [sent.at for sent in provider.sent if start < sent.at < end]


async def test_no_act_begins_later_than_two_seconds_after_any_switch(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app, act_window=timedelta(seconds=5))
    rng = Random(170)
    spans: list[tuple[datetime, datetime]] = []
    async with several_workers(app):
        for number in range(4):
            await queue(app, f"round-{number}", 2)
            await asyncio.sleep(rng.uniform(0, 0.15))  # a random instant: this is what is tested
            on = await turn(app, on=True)
            await eventually(lambda: quiet(app))
            acts = len(provider.sent)
            queued = await queue(app, f"during-{number}", 1)
            for run in queued:
                await eventually(lambda run=run: waits(app, run))  # type: ignore[misc]
            assert len(provider.sent) == acts
            spans.append((on, app.now()))
            await turn(app, on=False)
        for run in queued:
            await eventually(lambda run=run: ended(app, run), 60)  # type: ignore[misc]

    assert provider.sent
    late = [sent - on for on, off in spans for sent in acted_between(provider, on, off)]
    assert max(late, default=timedelta()) < EPSILON
    assert len(provider.sent) == len({sent.token for sent in provider.sent})


async def hanging(provider: ScriptedProvider) -> bool:
    return provider.hanging > 0


async def test_a_run_that_has_intended_is_stopped_before_its_act(make_app: MakeApp) -> None:
    """The switch falls between the committed intent and a slow click; nothing is sent, nothing is unknown."""
    app, provider = await busy_app(make_app, act_window=timedelta(seconds=10))
    provider.script("prisca", fakes.hang("act"), fakes.ok())
    async with several_workers(app):
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: hanging(provider))
        await turn(app, on=True)
        provider.let_go()
        await eventually(lambda: waits(app, run))
        async with app.sessions() as db:
            found = await runs.by_id(db, run.id)
        assert (provider.sent, found.effect, found.attempts) == ([], "absent", 0)
        assert found.error_code == "kill_switch_on"

        await turn(app, on=False)
        await eventually(lambda: ended(app, run))
    assert [sent.token for sent in provider.sent] == [run.token]


async def test_pausing_the_account_also_stops_an_act_that_was_intended(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app, act_window=timedelta(seconds=10))
    provider.script("prisca", fakes.hang("act"), fakes.ok())
    async with several_workers(app):
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: hanging(provider))
        async with app.sessions.begin() as db:
            account = await accounts.by_handle(db, "ada")
            await accounts.set_state(db, account, "paused", app.now())
        provider.let_go()

        async def back() -> bool:
            async with app.sessions() as db:
                return (await runs.by_id(db, run.id)).status == "pending"

        await eventually(back)
    assert provider.sent == []


async def test_reads_and_readings_back_stop_too(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app)
    provider.script("prisca", fakes.uncertain_committed(), fakes.ok())
    async with several_workers(app):
        held = await submit(app, Message(public_identifier="prisca", message="Hi"))

        async def is_held() -> bool:
            async with app.sessions() as db:
                return (await runs.by_id(db, held.id)).status == "held"

        await eventually(is_held)
        await turn(app, on=True)
        await eventually(lambda: quiet(app))
        calls = len(provider.calls)
        read = await submit(app, CheckConnection(public_identifier="jonas"), "bob")
        await eventually(lambda: waits(app, read))
        assert len(provider.calls) == calls

        await turn(app, on=False)
        await eventually(lambda: ended(app, read))
        await eventually(lambda: ended(app, held))
    assert len(provider.sent) == 1


@pytest.mark.parametrize(
    ("scope", "subject", "goes_on"),
    [
        ("account", {"handle": "ada"}, ["bob"]),
        ("channel", {"channel": "linkedin"}, []),
        ("global", {}, []),
    ],
)
async def test_each_scope_stops_as_much_as_it_says(
    make_app: MakeApp, scope: str, subject: dict[str, str], goes_on: list[str]
) -> None:
    app, _ = await busy_app(make_app)
    await turn(app, on=True, scope=scope, **subject)
    async with several_workers(app):
        of = {
            handle: await submit(app, CheckConnection(public_identifier="jonas"), handle)
            for handle in HANDLES[:2]
        }
        for handle, run in of.items():
            await eventually(lambda run=run, handle=handle: (ended if handle in goes_on else waits)(app, run))  # type: ignore[misc]
        await turn(app, on=False, scope=scope, **subject)
        for run in of.values():
            await eventually(lambda run=run: ended(app, run))  # type: ignore[misc]


async def test_it_survives_a_restart(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app)
    async with several_workers(app):
        await turn(app, on=True)
    again = await make_app(provider=provider)
    async with several_workers(again):
        run = await submit(again, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: waits(again, run))

    assert provider.sent == []
    assert [one.reason for one in (await show_switches(again)).switches] == ["a drill"]


async def test_the_file_stops_everyone_and_its_going_lets_them_go_on(make_app: MakeApp) -> None:
    app, _ = await busy_app(make_app)
    stop = app.settings.stop_file
    async with several_workers(app):
        stop.touch()
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: waits(app, run))

        async def is_told() -> bool:
            return [one.scope for one in (await show_switches(app)).switches] == ["file"]

        await eventually(is_told)  # so that workers on other machines stop as well
        stop.unlink()
        await eventually(lambda: ended(app, run))
    async with app.sessions() as db:
        rows = await db.execute(text("select data from events where type = 'system.kill_switch' order by id"))
        told = [row.data for row in rows]
    assert [(one["scope"], one["on"]) for one in told] == [("file", True), ("file", False)]


async def test_the_file_stops_an_act_that_was_intended(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app, act_window=timedelta(seconds=10))
    provider.script("prisca", fakes.hang("act"), fakes.ok())
    async with several_workers(app):
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: hanging(provider))
        app.settings.stop_file.touch()
        provider.let_go()
        await eventually(lambda: waits(app, run))
    assert provider.sent == []


def missing_folder(folder: Path) -> Path:
    """A folder that is not there: perhaps a disk that is not mounted."""
    return folder / "not-mounted" / "STOP"


def below_a_file(folder: Path) -> Path:
    """A folder that is none."""
    (folder / "a-file").touch()
    return folder / "a-file" / "STOP"


def loop_of_links(folder: Path) -> Path:
    """A folder that leads back to itself."""
    (folder / "loop").symlink_to(folder / "loop")
    return folder / "loop" / "STOP"


@pytest.mark.parametrize("place", [missing_folder, below_a_file, loop_of_links])
async def test_a_file_that_cannot_be_looked_for_stops_everyone(
    make_app: MakeApp, tmp_path: Path, place: Callable[[Path], Path]
) -> None:
    app, provider = await busy_app(make_app, kill_switch_file=place(tmp_path))
    async with several_workers(app):
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: waits(app, run))

    assert provider.sent == []
    shown = await show_switches(app)
    assert shown.everything_stopped
    assert "cannot be looked at" in (shown.stop_file_says or "")


async def lose_the_table(app: App) -> None:
    async with app.sessions.begin() as db:
        await db.execute(text("alter table kill_switches rename to kill_switches_lost"))


async def find_the_table(app: App) -> None:
    async with app.sessions.begin() as db:
        await db.execute(text("alter table kill_switches_lost rename to kill_switches"))


async def test_a_switch_that_cannot_be_read_is_on(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app)
    run = await submit(app, Message(public_identifier="prisca", message="Hi"))
    await lose_the_table(app)
    async with several_workers(app):
        await eventually(lambda: waits(app, run))
        assert provider.sent == []
        await find_the_table(app)
        await eventually(lambda: ended(app, run))


async def test_a_switch_that_cannot_be_read_at_the_last_moment_is_on(make_app: MakeApp) -> None:
    app, provider = await busy_app(make_app, act_window=timedelta(seconds=10))
    provider.script("prisca", fakes.hang("act"), fakes.ok())
    async with several_workers(app):
        run = await submit(app, Message(public_identifier="prisca", message="Hi"))
        await eventually(lambda: hanging(provider))
        await lose_the_table(app)
        provider.let_go()
        await eventually(lambda: waits(app, run))
    assert provider.sent == []


async def test_turning_everything_off_forgets_the_file_of_a_machine_that_is_gone(app: App) -> None:
    order = accounts.SwitchOrder("file", "gone:/data/STOP", is_on=True, reason="the file", by="file")
    async with app.sessions.begin() as db:
        await accounts.turn(db, order, app.now())
    assert (await show_switches(app)).everything_stopped
    await turn(app, on=False)

    assert not (await show_switches(app)).everything_stopped


async def test_every_turn_is_an_event_with_its_reason_and_a_repeated_one_is_none(app: App) -> None:
    for on in (True, True, False, False):
        await turn(app, on=on)
    async with app.sessions() as db:
        rows = await db.execute(text("select data from events where type = 'system.kill_switch' order by id"))
        told = [(row.data["on"], row.data["reason"], row.data["by"]) for row in rows]

    assert told == [(True, "a drill", "test"), (False, "a drill", "test")]
