"""I12: what hangs for one account delays no other, and is itself ended and explained within a bound. M18."""

import asyncio
from datetime import timedelta

import pytest

import fakes
from chaos.database import username
from chaos.keeper import Keeper
from chaos.stand import Setup, Stand, stand
from fakes import ScriptedProvider
from overture import runs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import CheckConnection, Message, Touchpoint
from product import MakeApp, add_account
from waiting import eventually

PHASES: tuple[fakes.Phase, ...] = ("open", "prepare", "look", "act", "confirm")
NEVER = 600.0
PATIENCE = 60.0
NOT_IN = 12.0  # seconds in which a run would long be over if it were not held up


async def submit(app: App, touchpoint: Touchpoint, handle: str) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, touchpoint)
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def see(app: App, run: Run) -> Run:
    async with app.sessions() as db:
        return await runs.by_id(db, run.id)


async def completed(app: App, run: Run) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if found.status == "completed" else None

    return await eventually(look)


@pytest.mark.parametrize("phase", PHASES)
async def test_a_call_that_hangs_delays_nobody_else_in_whatever_phase(
    make_app: MakeApp, phase: fakes.Phase
) -> None:
    app = await make_app(attempt_timeout=timedelta(seconds=60), act_window=timedelta(seconds=5))
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    for handle in ("ada", "bob", "cyd"):
        await add_account(app, handle)
    provider.script("ada" if phase == "open" else "hung", fakes.hang(phase))
    async with background(app, worker=True):
        hung = await submit(app, Message(public_identifier="hung", message="Hi"), "ada")

        async def hangs() -> bool:
            return provider.hanging > 0

        await eventually(hangs)
        others = [
            await submit(app, Message(public_identifier=f"p-{number}", message="Hi"), handle)
            for number in range(5)
            for handle in ("bob", "cyd")
        ]
        for run in others:
            await completed(app, run)
        assert (await see(app, hung)).status == "running"
        provider.let_go()
        await completed(app, hung)


@pytest.mark.parametrize("phase", PHASES)
async def test_what_hangs_is_ended_within_the_bound_and_explained(
    make_app: MakeApp, phase: fakes.Phase
) -> None:
    bound = timedelta(seconds=1)
    app = await make_app(attempt_timeout=bound)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada")
    provider.script("ada" if phase == "open" else "hung", fakes.hang(phase), fakes.ok())
    async with background(app, worker=True):
        run = await submit(app, Message(public_identifier="hung", message="Hi"), "ada")
        await completed(app, run)

    async with app.sessions() as db:
        first, *later = await runs.attempts_of(db, run.id)
    assert later
    assert first.error_code == ("outcome_unknown" if phase in ("act", "confirm") else "attempt_timeout")
    assert first.ended_at is not None
    assert first.ended_at - first.started_at < bound + timedelta(seconds=5)
    assert len(provider.sent) == 1


async def goes_on_beside_a_hung_call(mutant: str | None, keeper: Keeper) -> bool:
    """Whether one account's run is completed while the site answers another account never."""
    setup = Setup(accounts=2, mutant=mutant, browser_timeout=NEVER, attempt_timeout=NEVER)
    async with stand(setup, keeper) as ground:
        worker = await ground.worker()
        await ground.add_accounts()
        [slug] = await ground.world.strangers(1)
        hung, other = ground.handles
        fault = {"seconds": NEVER, "account": username(hung)}
        await asyncio.to_thread(ground.world.admin.fault, "latency", "profile", **fault)
        await ground.database.submit(hung, CheckConnection(public_identifier=slug))
        await eventually(lambda: any_is(ground, "running"), PATIENCE)
        await ground.database.submit(other, CheckConnection(public_identifier=slug))
        try:
            await eventually(lambda: any_is(ground, "completed"), PATIENCE if mutant is None else NOT_IN)
        except AssertionError:
            return False
        finally:
            worker.kill()
            await worker.ended
        return True


async def any_is(ground: Stand, status: str) -> bool:
    return any(run.status == status for run in await ground.database.runs())


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "goes_on"), [(None, True), ("M18", False)])
async def test_one_browser_for_all_accounts_is_caught(
    keeper: Keeper, mutant: str | None, goes_on: bool
) -> None:
    assert await goes_on_beside_a_hung_call(mutant, keeper) is goes_on
