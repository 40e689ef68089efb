"""When a cron expression fires in a zone: pure, as instants in UTC.

Where clocks change, Debian cron's rules hold. A time of day (`30 2 * * *`) fires once a day: in the gap of
spring at the first minute after it, in the overlap of autumn at the first of the two. A wildcard in the
minute or hour (`*/15 * * * *`) follows real time: nothing in the gap, both passes of the overlap.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import heappop, heappush
from itertools import islice, takewhile
from typing import Final
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from overture.core.errors import Invalid

FIELDS: Final = 5
WIDEST_CHANGE: Final = timedelta(hours=25)  # a zone that changes sides of the date line
LOOK_BACK: Final = tuple(timedelta(hours=hours) for hours in (1, 24, 7 * 24, 32 * 24, 366 * 24, 5 * 366 * 24))
"""How far back the last fire is looked for, the nearest first: most expressions fire often."""
FIX: Final = "Give five fields: minute hour day-of-month month day-of-week, like `0 9 * * MON-FRI`."


@dataclass(frozen=True)
class Cron:
    """A cron expression that fires at least once, and the IANA zone its wall clock is in."""

    expression: str
    zone: str

    @property
    def is_wild(self) -> bool:
        """Whether it follows real time: a wildcard in the minute or hour."""
        minute, hour, *_ = self.expression.split()
        return minute.startswith("*") or hour.startswith("*")

    def after(self, instant: datetime) -> Iterator[datetime]:
        """The fires after an instant, in UTC, each later than the one before."""
        last, zone = instant.astimezone(UTC), ZoneInfo(self.zone)
        # Where clocks are put back about now, from that much earlier: they show these times once more.
        put_back = offset(last - WIDEST_CHANGE, zone) - offset(last + WIDEST_CHANGE, zone)
        wall_clock = last.astimezone(zone).replace(tzinfo=None) - max(put_back, timedelta())
        coming: list[datetime] = []
        for wall in CronSim(self.expression, wall_clock):
            earliest = wall.replace(tzinfo=zone).astimezone(UTC)
            for fire in self._instants(wall, zone):
                heappush(coming, fire)
            while coming and coming[0] <= earliest:  # no later wall time comes before this one
                fire = heappop(coming)
                if fire > last:
                    last = fire
                    yield fire

    def _instants(self, wall: datetime, zone: ZoneInfo) -> list[datetime]:
        """When the zone's clocks show this: usually once; in a change not at all, or twice."""
        first = wall.replace(tzinfo=zone)
        if is_in_gap(first):
            return [] if self.is_wild else [end_of_gap(wall, zone)]
        passes = (first, first.replace(fold=1)) if self.is_wild else (first,)
        return sorted({one.astimezone(UTC) for one in passes})

    def first_after(self, instant: datetime) -> datetime:
        """The next fire."""
        return next(self.after(instant))

    def last_until(self, instant: datetime, not_before: datetime) -> datetime | None:
        """The newest fire up to an instant, if it is not older than `not_before`."""
        for back in LOOK_BACK:
            start = max(instant - back, not_before - timedelta(microseconds=1))
            found = list(takewhile(lambda fire: fire <= instant, self.after(start)))
            if found:
                return found[-1]
            if start < not_before:
                return None
        return None


def offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    """How far the zone is ahead of UTC at an instant."""
    return instant.astimezone(zone).utcoffset() or timedelta()


def is_in_gap(local: datetime) -> bool:
    """Whether the zone's clocks never show this time."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) != local.replace(tzinfo=None)


def end_of_gap(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first minute the clocks show after a time they jump over."""
    while is_in_gap(wall.replace(tzinfo=zone)):
        wall += timedelta(minutes=1)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def next_fires(cron: Cron, after: datetime, count: int = 5) -> list[datetime]:
    """The next few fires."""
    return list(islice(cron.after(after), count))


def read_cron(expression: str, zone: str, now: datetime) -> Cron:
    """The expression, if it is one and ever fires; else a refusal that names what is wrong with it."""
    cron = Cron(" ".join(expression.split()), zone)
    if len(cron.expression.split()) != FIELDS:
        raise wrong(f"{expression!r} has not five fields.")
    try:
        cron.first_after(now)
    except (CronSimError, StopIteration) as error:
        raise wrong(f"{expression!r}: {error or 'it never fires'}.") from error
    return cron


def wrong(detail: str) -> Invalid:
    """The refusal of an expression."""
    errors = [{"pointer": "/cron", "code": "bad_cron", "detail": detail}]
    return Invalid("validation_error", f"The cron expression is wrong. {detail}", fix=FIX, errors=errors)
