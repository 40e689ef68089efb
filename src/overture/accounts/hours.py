"""Working hours: when an account may act, on the wall clock of its zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Final, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

WORKDAYS: Final = (0, 1, 2, 3, 4)


WALL_CLOCK: Final = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"


def wall_clock(value: object) -> object:
    """Only `HH:MM` or `HH:MM:SS`: the account has the zone (JSON Schema's `time` would demand one here)."""
    if isinstance(value, time) or (isinstance(value, str) and re.fullmatch(WALL_CLOCK, value)):
        return value
    raise ValueError("must be a wall-clock time like 09:00; the account has the zone")


WallClock = Annotated[
    time, BeforeValidator(wall_clock), WithJsonSchema({"type": "string", "pattern": WALL_CLOCK})
]


Weekday = Annotated[int, Field(strict=True, ge=0, le=6)]
"""A day of the week; strict, for `false` is not Monday."""


class WorkingHours(BaseModel):
    """Days (0 = Monday) and the span of wall-clock time in which the account acts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[Weekday, ...] = Field(
        default=WORKDAYS, description="Days of the week, 0 = Monday.", min_length=1
    )
    start: WallClock = Field(default=time(9), description="Opening, wall clock of the account's zone.")
    end: WallClock = Field(default=time(18), description="Closing; `00:00` means midnight at the day's end.")

    @model_validator(mode="after")
    def makes_a_window(self) -> Self:
        """Refuse a window that never opens."""
        if self.start.tzinfo or self.end.tzinfo:
            raise ValueError("start and end are wall-clock times without a zone; the account has one")
        if self.end != time(0) and self.end <= self.start:
            raise ValueError("end must be after start (00:00 means midnight)")
        return self

    @classmethod
    def always(cls) -> "WorkingHours":
        """Round the clock, every day."""
        return cls(days=tuple(range(7)), start=time(0), end=time(0))


def next_opening(hours: WorkingHours, zone: str, now: datetime) -> datetime:
    """`now` when the hours are open, else the earliest instant (UTC) at which they are.

    They are open when the zone's wall clock shows an allowed day and a time in the span: in both passes of an
    hour that is repeated, and from the end of a gap that swallows the start.
    """
    now, local = now.astimezone(UTC), ZoneInfo(zone)
    if is_open(hours, local, now):
        return now
    today = now.astimezone(local).date()
    for offset in range(LOOK_AHEAD_DAYS):
        found = [at for at in openings(hours, local, today + timedelta(days=offset)) if at > now]
        if found:
            return min(found)
    raise ValueError("the working hours never open")  # unreachable: at least one day a week is open


def next_closing(hours: WorkingHours, zone: str, now: datetime) -> datetime:
    """When hours that are open at `now` close: at most a day later, for those that never do."""
    local, today = ZoneInfo(zone), now.astimezone(ZoneInfo(zone)).date()
    most = now + timedelta(days=1)
    ends = (
        datetime.combine(today + timedelta(days=offset), hours.end, local).replace(fold=fold).astimezone(UTC)
        for offset in (0, 1)
        for fold in (0, 1)
    )
    found = [end for end in ends if now < end < most and not is_open(hours, local, end)]
    return min(found, default=most)


LOOK_AHEAD_DAYS: Final = 16  # a window of one short span a week can vanish in a gap: then the week after


def is_open(hours: WorkingHours, zone: ZoneInfo, at: datetime) -> bool:
    """Whether the wall clock shows a time in the window."""
    wall = at.astimezone(zone)
    before_end = hours.end == time(0) or wall.time() < hours.end
    return wall.weekday() in hours.days and hours.start <= wall.time() and before_end


def openings(hours: WorkingHours, zone: ZoneInfo, day: date) -> list[datetime]:
    """Where a day's window can begin: at its start, in either pass, or where the clock is changed into it."""
    starts = [datetime.combine(day, hours.start, zone).replace(fold=fold) for fold in (0, 1)]
    found = [start.astimezone(UTC) for start in starts] + clock_changes(zone, day)
    return [at for at in found if is_open(hours, zone, at)]


def clock_changes(zone: ZoneInfo, day: date) -> list[datetime]:
    """The instant of this day at which the zone's offset changes, if it does; to the second."""
    before = datetime.combine(day, time(0), zone).astimezone(UTC)
    after = datetime.combine(day + timedelta(days=1), time(0), zone).astimezone(UTC)
    old, new = (at.astimezone(zone).utcoffset() for at in (before, after))
    if old == new:
        return []
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == old:
            before = middle
        else:
            after = middle
    return [after]
