"""Pace: when a lane acts next. It spreads what is left over the hours that are left, and never catches up.

    even pace  = the day's working time / the day's limit
    what is left = the time until the hours close / what may still be done until then
    the gap    = what is left × chance in 0.8 … 1.2, yet never under 0.8 of the even pace nor the least gap

The even pace is what keeps a late start from bursting: with one minute left and twenty to go, one is done.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Final

from overture.accounts import WorkingHours

SLACK: Final = 0.8
SWAY: Final = (0.8, 1.2)
DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class Paced:
    """What the pace of a lane depends on."""

    now: datetime
    close_at: datetime
    """When the working hours that are open now close."""
    day: timedelta
    """How long they are open on a day."""
    per_day: int | None
    """The limit of 24 hours; None is none."""
    by_close: int | None
    """What may still be done until they close."""
    least_gap: timedelta


def gap(paced: Paced, chance: Random) -> timedelta:
    """The time from the act of now to the next."""
    if paced.per_day is None or paced.per_day <= 0:
        return paced.least_gap * chance.uniform(1.0, SWAY[1])
    even = paced.day / paced.per_day
    left = paced.by_close if paced.by_close is not None else paced.per_day
    spread = (paced.close_at - paced.now) / max(1, left) * chance.uniform(*SWAY)
    return max(paced.least_gap, even * SLACK, min(spread, paced.day))


def even_pace(paced: Paced) -> timedelta:
    """The gap when a day's limit is spread over the day."""
    return paced.day / paced.per_day if paced.per_day else paced.least_gap


def day_length(hours: WorkingHours) -> timedelta:
    """How long working hours are open on a day, by the wall clock."""
    start, end = span(hours.start), span(hours.end)
    return (end if end else DAY) - start


def span(clock: time) -> timedelta:
    """The time since midnight."""
    return timedelta(hours=clock.hour, minutes=clock.minute, seconds=clock.second)
