"""The bug zoo: each known bug, put back, is caught by the audit that passes without it."""

import asyncio

import pytest

from overture.runs import Run
from overture.touchpoints import CheckConnection, Connect, Message

from .audit import Verdict
from .database import username
from .deaths import Death, Provider
from .keeper import Keeper
from .stand import Setup, Stand, stand

PATIENCE = 60.0


async def over(ground: Stand) -> list[Run]:
    """The runs, once all are over."""
    async with asyncio.timeout(PATIENCE):
        await ground.database.quiet()
    return list(await ground.database.runs())


async def arrange(ground: Stand, *, connected: bool) -> tuple[str, str]:
    """An account and somebody it knows, or does not know, before the world begins to lag."""
    await ground.add_accounts()
    handle = ground.handles[0]
    [slug] = await ground.world.strangers(1)
    if connected:
        await ground.world.befriend(username(handle), slug)
    return handle, slug


async def killed_at(step: str, setup: Setup, keeper: Keeper) -> Verdict:
    """One message, its worker killed at a step, a second worker left in peace; then the audit."""
    async with stand(setup, keeper) as ground:
        first = await ground.worker(Death(step))
        handle, slug = await arrange(ground, connected=True)
        await ground.world.misbehave()
        await ground.database.submit(handle, Message(public_identifier=slug, message="Hello, only once."))
        assert await first.ends_within(PATIENCE), f"the worker never came to {step}: {ground.log.read_text()}"
        second = await ground.worker()
        await over(ground)
        verdict = await ground.verdict()
        second.stop()
        await second.ended
        return verdict


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "duplicates"), [(None, 0), ("M1", 1)])
async def test_marking_after_the_send_is_caught(keeper: Keeper, mutant: str | None, duplicates: int) -> None:
    verdict = await killed_at("write_answered", Setup(mutant=mutant), keeper)

    assert verdict.duplicates == duplicates, verdict.findings
    assert verdict.is_clean == (mutant is None)


@pytest.mark.slow
@pytest.mark.parametrize(("mutant", "duplicates"), [(None, 0), ("M22", 1)])
async def test_reconciling_before_the_effect_shows_is_caught(
    keeper: Keeper, mutant: str | None, duplicates: int
) -> None:
    verdict = await killed_at("accepted", Setup(mutant=mutant, lag=8.0), keeper)

    assert verdict.duplicates == duplicates, verdict.findings
    assert verdict.is_clean == (mutant is None)


async def reported_and_true(provider: Provider, mutant: str | None, keeper: Keeper) -> tuple[object, object]:
    """Invite; the person accepts and then renames their slug: what we report of them, and what is so."""
    async with stand(Setup(provider=provider, mutant=mutant), keeper) as ground:
        worker = await ground.worker()
        handle, slug = await arrange(ground, connected=False)
        await ground.database.submit(handle, Connect(public_identifier=slug))
        await over(ground)
        admin, account = ground.world.admin, username(handle)
        await asyncio.to_thread(admin.post, f"/people/{slug}/accept", account=account)
        renamed = f"{slug}-renamed"
        await asyncio.to_thread(admin.patch, f"/members/{slug}", slug=renamed)
        await ground.database.submit(handle, CheckConnection(public_identifier=slug))
        check = (await over(ground))[-1]
        worker.stop()
        await worker.ended
        truth = await asyncio.to_thread(admin.get, f"/members/{renamed}")
        return (check.result or {}).get("state"), truth["relationships"][account]["state"]


@pytest.mark.slow
@pytest.mark.parametrize("provider", ["direct", pytest.param("browser", marks=pytest.mark.browser)])
@pytest.mark.parametrize(("mutant", "is_told"), [(None, True), ("M16", False)])
async def test_accepting_by_public_id_alone_is_caught(
    keeper: Keeper, provider: Provider, mutant: str | None, is_told: bool
) -> None:
    reported, true = await reported_and_true(provider, mutant, keeper)

    assert true == "connected"
    assert (reported == true) is is_told
