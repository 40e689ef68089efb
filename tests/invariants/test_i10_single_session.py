"""I10: at most one live session of an account; a worker that was taken for dead does not act."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider, ScriptedSession, ScriptedWrite
from overture import runs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import (
    Accepted,
    CheckConnection,
    Intent,
    Message,
    Sender,
    Session,
    Touchpoint,
    Trace,
    Write,
)
from product import MakeApp, add_account
from waiting import eventually


async def submit(app: App, touchpoint: Touchpoint, handle: str = "ada") -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint)
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def see(app: App, run: Run) -> Run:
    async with app.sessions() as db:
        return await runs.by_id(db, run.id)


async def over(app: App, run: Run) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if found.completed_at else None

    return await eventually(look)


async def hanging(provider: ScriptedProvider) -> bool:
    return provider.hanging > 0


@contextlib.asynccontextmanager
async def several_workers(app: App, count: int) -> AsyncIterator[None]:
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(count):
            await stack.enter_async_context(background(app, worker=True))
        yield


def scripted(app: App) -> ScriptedProvider:
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    return provider


async def test_four_workers_open_one_session_of_an_account(make_app: MakeApp) -> None:
    app = await make_app(act_window=timedelta(seconds=5))
    handles = [await add_account(app, handle) for handle in ("ada", "bob", "cyd")]
    async with several_workers(app, 4):
        submitted = [
            await submit(app, touchpoint, handle)
            for number in range(8)
            for handle in handles
            for touchpoint in (
                Message(public_identifier=f"p-{number}", message="Hi"),
                CheckConnection(public_identifier=f"p-{number}"),
            )
        ]
        ended = [await over(app, run) for run in submitted]

    assert {run.status for run in ended} == {"completed"}
    assert len({call.handle for call in scripted(app).calls}) == 3
    assert scripted(app).most_open_at_once == 1


async def test_the_database_admits_no_second_live_run(app: App, account: str) -> None:
    first, second = [await submit(app, CheckConnection(public_identifier=who)) for who in ("prisca", "jonas")]
    assert (await see(app, first)).admitted_at is not None
    async with app.sessions() as db:
        with pytest.raises(Exception, match="uq_runs_live_account"):
            await db.execute(
                text("update runs set admitted_at = now(), lease_until = now() where run_id = :id"),
                {"id": second.id},
            )


class Careless(ScriptedProvider):
    """A provider that acts without its last check: what the test must catch."""

    @contextlib.asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        async with super()._open(sender, trace) as session:
            assert isinstance(session, ScriptedSession)
            yield CarelessSession(session.provider, session.sender, session.opening)


@dataclass
class CarelessSession(ScriptedSession):
    """Its session."""

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        return CarelessWrite(self.provider, self.sender, touchpoint, token)


@dataclass
class CarelessWrite(ScriptedWrite):
    """Its write."""

    async def act(self, intent: Intent) -> Accepted:
        return await super().act(Intent(intent.token, intent.act_before))


async def acts_of_one_taken_for_dead(make_app: MakeApp, provider: ScriptedProvider | None) -> int:
    """How often a worker acts that clicks slowly, shows no sign of life, and is taken for dead meanwhile."""
    app = await make_app(
        provider=provider, lease=timedelta(milliseconds=300), act_window=timedelta(seconds=8)
    )
    await add_account(app, "ada")
    world = scripted(app)
    world.script("prisca", fakes.hang("act"))
    run = await submit(app, Message(public_identifier="prisca", message="Hi"))
    slow = asyncio.create_task(runs.execute(app.kit, "slow", run.id, 1))  # nobody beats for it
    await eventually(lambda: hanging(world))

    async def reaped() -> bool:
        async with app.sessions.begin() as db:
            return await runs.reap(app.kit, db, app.now()) == 1

    await eventually(reaped)
    assert (await see(app, run)).status == "held"
    world.let_go()
    await slow
    return len(world.sent)


async def test_a_worker_taken_for_dead_during_its_click_does_not_act(make_app: MakeApp) -> None:
    assert await acts_of_one_taken_for_dead(make_app, None) == 0


async def test_a_provider_without_the_last_check_would_be_caught(make_app: MakeApp) -> None:
    assert await acts_of_one_taken_for_dead(make_app, Careless()) == 1


async def test_two_workers_and_a_lease_that_runs_out_end_in_one_act(make_app: MakeApp) -> None:
    app = await make_app(lease=timedelta(milliseconds=500), act_window=timedelta(seconds=2))
    await add_account(app, "ada")
    world = scripted(app)
    world.script("prisca", fakes.hang("act"), fakes.ok())
    run = await submit(app, Message(public_identifier="prisca", message="Hi"))
    slow = asyncio.create_task(runs.execute(app.kit, "slow", run.id, 1))
    await eventually(lambda: hanging(world))
    async with several_workers(app, 2):

        async def taken_over() -> bool:
            return (await see(app, run)).status == "held"

        await eventually(taken_over)
        world.let_go()
        await slow
        done = await over(app, run)

    assert (done.status, done.effect) == ("completed", "confirmed")
    assert [sent.token for sent in world.sent] == [run.token]
