"""The keeper of the demo's time: it lets the planner plan, waits until all work is done, and moves the clock.

Days pass only while nothing is under way, so every act takes the time it really takes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, or_, select

from overture import campaigns
from overture.entrypoints.bootstrap import App
from overture.entrypoints.demo.clients import NotOver, Sandbox
from overture.entrypoints.demo.clock import SharedClock
from overture.entrypoints.demo.mail import Mail
from overture.runs import Run

POLL: Final = timedelta(milliseconds=40)
STUCK: Final = timedelta(seconds=120)
"""Longest that one instant of the story may take before it is given up."""
TURNS: Final = "lanes"
"""What a tick counts without anything having changed: an account's turn came."""
A_MOMENT: Final = timedelta(milliseconds=5)
Watch = Callable[[], Awaitable[None]]


async def unwatched() -> None:
    """Nobody looks."""


@dataclass
class Keeper:
    """Moves the product's clock and the sandbox's together."""

    app: App
    clock: SharedClock
    sandbox: Sandbox
    mail: Mail
    watch: Watch = unwatched
    """Asked again and again while runs are under way."""

    async def begin(self) -> None:
        """Set the sandbox's clock to the product's."""
        await self.sandbox.set("POST", "/clock", advance_s=self.clock.offset.total_seconds())

    async def settle(self) -> datetime | None:
        """Let everything happen that it is time for; returns when something is due next."""
        while True:
            ticked = await campaigns.tick(self.app.planner_kit, self.clock.now())
            was_busy = await self._work_is_done()
            has_come = await self.mail.take_in(may_follow=was_busy)
            has_moved = any(count for what, count in ticked.counts.items() if what != TURNS)
            if not (has_moved or was_busy or has_come):
                return await self._next()

    async def move_to(self, at: datetime) -> None:
        """Let the time until then have passed, in the world first: nothing there is ever in the future."""
        by = at - self.clock.now() + A_MOMENT
        if by > timedelta():
            await self.sandbox.set("POST", "/clock", advance_s=by.total_seconds())
            self.clock.move(by)

    async def _work_is_done(self) -> bool:
        """Wait until no run is under way; whether there was one."""
        give_up = self.clock.monotonic() + STUCK.total_seconds()
        was_busy = False
        while await self._is_busy():
            was_busy = True
            await self.watch()
            if self.clock.monotonic() > give_up:
                raise NotOver(f"Runs were under way for more than {STUCK.total_seconds():.0f} s.")
            await self.clock.sleep(POLL)
        return was_busy

    async def _is_busy(self) -> bool:
        """Whether a run is under way, or could be."""
        at_work = or_(Run.admitted_at.is_not(None), Run.next_at <= self.clock.now())
        async with self.app.sessions() as db:
            return await db.scalar(select(Run.id).where(at_work).limit(1)) is not None

    async def _next(self) -> datetime | None:
        planned = await campaigns.next_wakeup(self.app.planner_kit)
        async with self.app.sessions() as db:
            waiting = await db.scalar(select(func.min(Run.next_at)))
        times = (planned, waiting, self.mail.next_at)
        return min((at for at in times if at is not None), default=None)
