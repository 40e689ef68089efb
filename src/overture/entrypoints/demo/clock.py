"""The demo's clock: the machine's own, moved by an offset in a file, so that all processes share it."""

import mmap
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from overture.core.clock import SystemClock

OFFSET: Final = struct.Struct("<d")


class SharedClock(SystemClock):
    """Runs like the machine's and can be moved on; how long something takes is never made up."""

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            self._offset = mmap.mmap(opened.fileno(), OFFSET.size)

    @classmethod
    def begin(cls, file: Path, start: datetime) -> "SharedClock":
        """A clock that shows `start` now."""
        file.write_bytes(OFFSET.pack((start - SystemClock().now()).total_seconds()))
        return cls(file)

    @property
    def offset(self) -> timedelta:
        """How far it is from the machine's clock."""
        return timedelta(seconds=OFFSET.unpack_from(self._offset)[0])

    def now(self) -> datetime:
        """The present instant of the story, aware and in UTC."""
        return super().now() + self.offset

    def move(self, by: timedelta) -> None:
        """Let this much time have passed."""
        OFFSET.pack_into(self._offset, 0, (self.offset + by).total_seconds())
