"""I16: an outcome that is not known is read back, never sent again blindly; a mutant that does is caught."""

import asyncio
from random import Random

import pytest

import fakes
from chaos.database import username
from chaos.keeper import Keeper
from chaos.stand import Setup, stand
from fakes import ScriptedProvider
from overture import accounts, runs
from overture.core.errors import Restricted, Transient
from overture.core.reasons import Reason
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import Message
from product import MakeApp, add_account
from waiting import eventually

PATIENCE = 60.0
SEEDS = 16


def behaviours(rng: Random) -> list[fakes.Behaviour]:
    """What the attempts of one run meet: lost answers of every sort, then a world that is well again."""
    troubles = [
        fakes.uncertain_committed(),
        fakes.uncertain_not_committed(),
        fakes.confirm_none(),
        fakes.raise_bug("act"),
        fakes.raise_bug("act", committed=True),
        fakes.raise_bug("confirm"),
        fakes.fail(Transient("away"), "confirm"),
        fakes.fail(Transient("away"), "act"),
        fakes.fail(Restricted("restricted"), "confirm"),
    ]
    return [*rng.sample(troubles, rng.randint(1, 2)), fakes.ok()]


async def submit(app: App, target: str, handle: str) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest(handle, Message(public_identifier=target, message="Hi"))
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


def acts_without_looking(phases: list[str]) -> int:
    """How often an act came after an earlier one with no reading back between them."""
    has_acted, found = False, 0
    for phase in phases:
        if phase == "act":
            found += has_acted
            has_acted = True
        elif phase == "read_back":
            has_acted = False
    return found


async def test_between_two_acts_there_is_always_a_reading_back(make_app: MakeApp) -> None:
    app = await make_app(breaker_failures=1000)
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    targets = [f"person-{seed}" for seed in range(SEEDS)]
    submitted = []
    for seed, target in enumerate(targets):
        provider.script(target, *behaviours(Random(seed)))
        submitted.append(await submit(app, target, await add_account(app, f"acc-{seed}")))
    async with background(app, worker=True):

        async def settled() -> bool:
            async with app.sessions() as db:
                found = [await runs.by_id(db, run.id) for run in submitted]
            # One whose account was restricted waits for a person, as it must.
            return all([run.completed_at is not None or await stopped(app, run) for run in found])

        await eventually(settled, PATIENCE)

    assert {target: acts_without_looking(provider.phases(target)) for target in targets} == dict.fromkeys(
        targets, 0
    )
    sent = [one.target for one in provider.sent]
    assert len(sent) == len(set(sent))
    assert any("read_back" in provider.phases(target) for target in targets)


async def stopped(app: App, run: Run) -> bool:
    async with app.sessions() as db:
        return (await accounts.by_id(db, run.account_id)).state != "active"


async def test_what_the_channel_cannot_tell_waits_for_a_person_and_is_not_sent(make_app: MakeApp) -> None:
    app = await make_app()
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    provider.script("prisca", fakes.cannot_tell())
    run = await submit(app, "prisca", await add_account(app, "ada"))
    async with background(app, worker=True):

        async def asks() -> bool:
            async with app.sessions() as db:
                found = await runs.by_id(db, run.id)
            return (found.wait_reason, found.next_at) == (Reason.OUTCOME_UNKNOWN, None)

        await eventually(asks, PATIENCE)

    assert provider.phases("prisca").count("act") == 1


def test_the_check_sees_a_blind_resend() -> None:
    assert acts_without_looking(["prepare", "act", "prepare", "act"]) == 1
    assert acts_without_looking(["act", "read_back", "prepare", "act"]) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "duplicates"), [(None, 0), ("I16", 1)])
async def test_sending_again_what_may_have_arrived_is_caught(
    keeper: Keeper, mutant: str | None, duplicates: int
) -> None:
    """The site takes one message in and the connection breaks before it says so."""
    async with stand(Setup(mutant=mutant), keeper) as ground:
        worker = await ground.worker()
        await ground.add_accounts()
        [handle] = ground.handles
        [slug] = await ground.world.strangers(1)
        await ground.world.befriend(username(handle), slug)
        fault = {"times": 1}
        await asyncio.to_thread(ground.world.admin.fault, "drop_after_commit", "send_message", **fault)
        await ground.database.submit(handle, Message(public_identifier=slug, message="Hello, only once."))
        async with asyncio.timeout(60):
            await ground.database.quiet()
        verdict = await ground.verdict()
        worker.stop()
        await worker.ended

    assert verdict.duplicates == duplicates, verdict.findings
    assert verdict.is_clean == (mutant is None)
