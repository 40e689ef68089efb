"""Time and turns: a clock that is moved, an event loop whose time stands still, and workers that take turns
in an order drawn from a seed.

Between two turns nothing runs, so the same seed gives the same interleaving on any machine, however slow.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Executor
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Died(BaseException):
    """The process is gone: nothing of it runs on."""


class VirtualClock:
    """The true time, moved by hand, and the product's clock, which may be set wrong."""

    def __init__(self, start: datetime) -> None:
        self.true = start
        self.skew = timedelta()
        self._elapsed = 0.0

    def now(self) -> datetime:
        """What the product's clock shows."""
        return self.true + self.skew

    def monotonic(self) -> float:
        """Seconds that truly passed."""
        return self._elapsed

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.true += by
        self._elapsed += by.total_seconds()

    async def sleep(self, duration: timedelta) -> None:
        """Whoever waits on this clock moves it."""
        self.advance(duration)
        await asyncio.sleep(0)


class StillLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when told to: no limit of real seconds ends anything."""

    def __init__(self) -> None:
        super().__init__()
        self._stands_at = 1_000_000.0

    def time(self) -> float:
        """The loop's own time."""
        return self._stands_at

    def run_in_executor(self, _: Executor | None, func: Callable[..., T], *args: object) -> asyncio.Future[T]:
        """Do here and now what a thread would do: it would only be waited for."""

        async def done() -> T:
            return func(*args)

        return self.create_task(done())

    def skip(self, by: timedelta) -> None:
        """Let every limit of up to this long run out."""
        self._stands_at += by.total_seconds()


async def run_out(by: timedelta) -> None:
    """Hang until the limit around the caller runs out."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, StillLoop)
    loop.skip(by)
    await loop.create_future()


@dataclass
class Worker:
    """One worker's turn: it runs until it pauses, and goes on when it is its turn again."""

    name: str
    go: asyncio.Future[None] | None = None
    stopped: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    doing: object = None
    """What the world knows of its attempt."""
    is_dead: bool = False
    """Whether it never has another turn."""


CURRENT: ContextVar[Worker | None] = ContextVar("worker", default=None)


async def pause() -> None:
    """End the caller's turn; a cancellation meanwhile waits for the next one, too."""
    me = CURRENT.get()
    if me is None:
        return
    cancelled = False
    while True:
        me.go = asyncio.get_running_loop().create_future()
        me.stopped.set()
        try:
            await me.go
        except asyncio.CancelledError:
            if me.is_dead:
                raise Died from None
            cancelled = True
            continue
        break
    if cancelled:
        raise asyncio.CancelledError


class Turns:
    """Workers under way, each somewhere in an attempt."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self.under_way: list[Worker] = []

    def begin(self, name: str, work: Callable[[], Coroutine[None, None, None]]) -> Worker:
        """A worker that begins with its first turn."""
        worker = Worker(name)

        async def live() -> None:
            CURRENT.set(worker)
            await pause()
            try:
                await work()
            except Died:
                pass
            finally:
                worker.stopped.set()

        worker.task = asyncio.get_running_loop().create_task(live())
        self.under_way.append(worker)
        return worker

    async def turn(self, worker: Worker) -> None:
        """Let it go on until it pauses or is over."""
        if worker.go is None:  # not begun
            await worker.stopped.wait()
        # Cancelled, it takes a new place in the row: turns of the loop, no time.
        while worker.go is None or worker.go.done():  # noqa: ASYNC110
            await asyncio.sleep(0)
        worker.stopped.clear()
        worker.go.set_result(None)
        await worker.stopped.wait()
        assert worker.task is not None
        while worker.go.done() and not worker.task.done():  # noqa: ASYNC110
            await asyncio.sleep(0)
        if worker.task.done():
            self.under_way.remove(worker)
            worker.task.result()

    async def end(self) -> None:
        """Nobody has another turn: whoever is somewhere in an attempt dies there."""
        tasks = [one.task for one in self.under_way if one.task is not None]
        for worker, task in zip(self.under_way, tasks, strict=True):
            worker.is_dead = True
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self.under_way.clear()

    async def until_over(
        self, leave: Callable[[Worker], bool], between: Callable[[], Awaitable[None]]
    ) -> None:
        """Take turns until everybody is over but those who are left where they are."""
        while ready := [one for one in self.under_way if not leave(one)]:
            await self.turn(self._rng.choice(ready))
            await between()
