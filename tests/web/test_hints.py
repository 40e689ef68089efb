"""Hints of what changed: whoever listens hears everything from then on."""

import asyncio

from overture.entrypoints.api import acts
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web.live import Hints
from product import add_account
from waiting import eventually

HEARD_WITHIN_S = 10


async def test_what_changes_once_somebody_listens_is_heard(app: App) -> None:
    await add_account(app, "ada")
    hints = Hints(app, asyncio.Event())

    async with hints.heard() as queue:
        assert await hints.begun()
        await acts.pause_account(app, "ada", "on leave", "test")
        async with asyncio.timeout(HEARD_WITHIN_S):
            assert "accounts" in (await hints.next_of(queue) or ())


async def test_one_who_comes_while_the_last_one_goes_hears_too(app: App) -> None:
    """A page that is left for the next: the two meet at the door."""
    await add_account(app, "ada")
    hints = Hints(app, asyncio.Event())
    async with hints.heard():
        pass

    async with hints.heard() as queue:
        assert await hints.begun()
        await acts.pause_account(app, "ada", "on leave", "test")
        async with asyncio.timeout(HEARD_WITHIN_S):
            assert "accounts" in (await hints.next_of(queue) or ())


async def test_nobody_looks_when_nobody_listens(app: App) -> None:
    hints = Hints(app, asyncio.Event())
    async with hints.heard():
        assert await hints.begun()
        looking = hints.looking

    async def ended() -> bool:
        return looking is not None and looking.done()

    await eventually(ended)


async def test_a_stopping_server_keeps_nobody_waiting(app: App) -> None:
    closing = asyncio.Event()
    hints = Hints(app, closing)
    async with hints.heard() as queue:
        assert await hints.begun()
        closing.set()

        assert await hints.next_of(queue) is None
