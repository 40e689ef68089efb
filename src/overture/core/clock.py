"""Time as a port: the system's clock in production, a hand-moved one in simulations."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time (aware, UTC) and waits for it."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a scale that never goes back; only differences mean something."""
        ...

    async def sleep(self, duration: timedelta) -> None:
        """Return when `duration` has passed on this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The present instant, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since an arbitrary point."""
        return time.monotonic()

    async def sleep(self, duration: timedelta) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(max(0.0, duration.total_seconds()))


class ManualClock:
    """A clock that moves only when told to, so that months pass in a test's millisecond."""

    def __init__(self, start: datetime) -> None:
        self._now = start
        self._elapsed = 0.0

    def now(self) -> datetime:
        """The instant it was last moved to."""
        return self._now

    def monotonic(self) -> float:
        """Seconds it was moved since it was made."""
        return self._elapsed

    def advance(self, duration: timedelta) -> None:
        """Move on by `duration`."""
        self._now += duration
        self._elapsed += duration.total_seconds()

    async def sleep(self, duration: timedelta) -> None:
        """Move on at once: whoever waits on this clock is the one who drives it."""
        self.advance(duration)
        await asyncio.sleep(0)
