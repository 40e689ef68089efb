"""Working hours: when an account may act, on the wall clock of its zone."""

import re
from datetime import UTC, datetime, time, timedelta
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


class WorkingHours(BaseModel):
    """Days (0 = Monday) and the span of wall-clock time in which the account acts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    days: tuple[int, ...] = Field(default=WORKDAYS, description="Days of the week, 0 = Monday.", min_length=1)
    start: WallClock = Field(default=time(9), description="Opening, wall clock of the account's zone.")
    end: WallClock = Field(default=time(18), description="Closing; `00:00` means midnight at the day's end.")

    @model_validator(mode="after")
    def makes_a_window(self) -> Self:
        """Refuse days that do not exist and a window that never opens."""
        if any(day not in range(7) for day in self.days):
            raise ValueError("days are 0 (Monday) to 6 (Sunday)")
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
    """`now` when inside the window, else the next instant (UTC) at which it opens.

    Days and times are the zone's wall clock; a start inside a DST gap opens when the gap ends.
    """
    local_zone = ZoneInfo(zone)
    today = now.astimezone(local_zone).date()
    for offset in range(9):
        day = today + timedelta(days=offset)
        if day.weekday() not in hours.days:
            continue
        opening = datetime.combine(day, hours.start, local_zone).astimezone(UTC)
        closing_day = day + timedelta(days=1) if hours.end == time(0) else day
        closing = datetime.combine(closing_day, hours.end, local_zone).astimezone(UTC)
        if now < closing and opening < closing:
            return max(now.astimezone(UTC), opening)
    raise ValueError("the working hours never open")  # unreachable: at least one day a week is open
