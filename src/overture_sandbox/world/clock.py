"""What time it is in the world: real time moved by an offset, or a standing instant."""

from datetime import UTC, datetime, timedelta


class WorldClock:
    """The world's own time, which an operator may advance, set or freeze."""

    def __init__(self, start: datetime | None = None) -> None:
        self._offset = timedelta(0)
        self._frozen_at: datetime | None = None
        if start is not None:
            self.set(start)

    @property
    def is_frozen(self) -> bool:
        """Time stands still until somebody moves it."""
        return self._frozen_at is not None

    def now(self) -> datetime:
        """The present instant of the world, in UTC."""
        return self._frozen_at or datetime.now(UTC) + self._offset

    def advance(self, by: timedelta) -> None:
        """Jump forward (or back), whether time stands or runs."""
        if self._frozen_at is not None:
            self._frozen_at += by
        else:
            self._offset += by

    def set(self, at: datetime) -> None:
        """Jump to an instant; a running clock goes on running from there."""
        if self._frozen_at is not None:
            self._frozen_at = at.astimezone(UTC)
        else:
            self._offset = at.astimezone(UTC) - datetime.now(UTC)

    def freeze(self) -> None:
        """Stand still at the present instant."""
        self._frozen_at = self.now()

    def unfreeze(self) -> None:
        """Run again from the instant it stood at."""
        if self._frozen_at is not None:
            self._offset = self._frozen_at - datetime.now(UTC)
            self._frozen_at = None


def millis(at: datetime) -> int:
    """An instant the way the service writes it: milliseconds since 1970."""
    return round(at.timestamp() * 1000)
