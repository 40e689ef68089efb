"""When: delays, working days, holidays, and the next instant that suits account and lead alike.

Delays of minutes, hours and days are spans of time (a day is 24 h, whatever the clocks do). Working days are
counted on the wall clock of a zone. Windows are the working hours of an account and, optionally, of the lead.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Final, Literal, get_args
from zoneinfo import ZoneInfo

import holidays
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    field_validator,
)

from overture.accounts import WorkingHours, next_opening

Unit = Literal["min", "h", "days", "working_days"]
UNITS: Final[dict[str, Unit]] = {
    **dict.fromkeys(("m", "min", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("wd", "working_day", "working_days", "working day", "working days"), "working_days"),
}
SPANS: Final[dict[Unit, timedelta]] = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "days": timedelta(days=1),
}
WRITTEN: Final = r"^\s*(\d{1,6})\s*(m|min|minutes?|h|hours?|d|days?|wd|working[_ ]days?)\s*$"
LONGEST: Final = timedelta(days=366)
WEEKEND: Final = (5, 6)
LOOK_AHEAD: Final = timedelta(days=70)  # windows that do not meet within ten weeks are taken never to


class Delay(BaseModel):
    """How long to wait: an amount of minutes, hours, days or working days."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    amount: int = Field(ge=0, le=525_600)
    unit: Unit

    @property
    def is_none(self) -> bool:
        """Whether it is no delay at all."""
        return self.amount == 0

    @property
    def is_too_long(self) -> bool:
        """Whether it is more than a year."""
        return self.amount * SPANS.get(self.unit, timedelta(days=1)) > LONGEST

    def after(self, at: datetime, zone: str, rest_days: Collection[date] = frozenset()) -> datetime:
        """When the delay that began at `at` is over."""
        if self.unit == "working_days":
            return after_working_days(at, self.amount, zone, rest_days)
        return at + self.amount * SPANS[self.unit]

    def __str__(self) -> str:
        """As it is written in a sequence."""
        return f"{self.amount} {self.unit}"


def written_delay(value: object) -> object:
    """A delay as sequences have it (`2h`, `3 days`, `2 working_days`) as amount and unit."""
    if not isinstance(value, str):
        return value
    found = re.fullmatch(WRITTEN, value)
    if found is None:
        raise ValueError("a delay is written like 30min, 2h, 3 days or 2 working_days")
    return {"amount": int(found[1]), "unit": UNITS[found[2]]}


WrittenDelay = Annotated[
    Delay,
    BeforeValidator(written_delay),
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": WRITTEN,
                    "examples": ["30min", "2h", "3 days", "2 working_days"],
                },
                {
                    "type": "object",
                    "properties": {
                        "amount": {"type": "integer", "minimum": 0, "maximum": 525_600},
                        "unit": {"enum": list(get_args(Unit))},
                    },
                    "required": ["amount", "unit"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
NO_DELAY: Final = Delay(amount=0, unit="min")


def after_working_days(
    at: datetime, count: int, zone: str, rest_days: Collection[date] = frozenset()
) -> datetime:
    """The same wall-clock time `count` working days later; from a day of rest, counted from its end.

    Friday 14:00 and one working day is Monday 14:00; Saturday 18:13 and one working day is Tuesday 00:00, for
    Monday has to pass first. Never earlier than the wall clock says, in either pass of a repeated hour.
    """
    if count == 0:
        return at
    wall = at.astimezone(ZoneInfo(zone))
    day, clock = wall.date(), wall.time()
    if not works(day, rest_days):
        day, clock = next_work_day(day, rest_days), time(0)
    for _ in range(count):
        day = next_work_day(day, rest_days)
    return max(at, instant(day, clock.replace(fold=0), zone, fold=wall.fold))


def works(day: date, rest_days: Collection[date]) -> bool:
    """Whether a day is neither of the weekend nor a day of rest."""
    return day.weekday() not in WEEKEND and day not in rest_days


def next_work_day(day: date, rest_days: Collection[date]) -> date:
    """The first working day after this one."""
    day += timedelta(days=1)
    while not works(day, rest_days):
        day += timedelta(days=1)
    return day


def instant(day: date, clock: time, zone: str, *, fold: int = 0) -> datetime:
    """The instant (UTC) at which a zone's wall clock shows this; after the gap, when it never does."""
    return datetime.combine(day, clock, ZoneInfo(zone)).replace(fold=fold).astimezone(UTC)


@dataclass(frozen=True)
class OpenHours:
    """Working hours on the wall clock of a zone, without the days of rest."""

    hours: WorkingHours
    zone: str
    rest_days: frozenset[date] = frozenset()

    def next(self, at: datetime) -> datetime:
        """`at` when they are open, else the earliest instant at which they are, or LOOK_AHEAD has passed."""
        latest = at + LOOK_AHEAD
        opening = next_opening(self.hours, self.zone, at)
        while opening < latest and (day := self._day(opening)) in self.rest_days:
            opening = next_opening(
                self.hours, self.zone, instant(day + timedelta(days=1), time(0), self.zone)
            )
        return opening

    def rests_at(self, at: datetime) -> bool:
        """Whether the day of this instant is a day of rest."""
        return self._day(at) in self.rest_days

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.zone)).date()


def next_allowed(at: datetime, *windows: OpenHours) -> datetime | None:
    """The earliest instant, `at` or later, at which all windows are open; None when they never meet.

    It is a fixed point: the next allowed instant of an allowed instant is itself.
    """
    found, latest = at.astimezone(UTC), at + LOOK_AHEAD
    while found <= latest:
        later = max((window.next(found) for window in windows), default=found)
        if later == found:
            return found
        found = later
    return None


@dataclass(frozen=True)
class Closed:
    """Why nothing is allowed at an instant: `working_hours` or `rest_day`, and until when."""

    reason: Literal["working_hours", "rest_day"]
    until: datetime


def why_closed(at: datetime, *windows: OpenHours) -> Closed | None:
    """What keeps the windows from being open together at `at`; None when they are, or never will be."""
    until = next_allowed(at, *windows)
    if until is None or until <= at:
        return None
    rests = any(window.rests_at(at) for window in windows)
    return Closed("rest_day" if rests else "working_hours", until)


def rest_days_of(countries: Iterable[str], around: date, *, more: Iterable[date] = ()) -> frozenset[date]:
    """Public holidays of countries (`DE`, `DE-BY`) in the years about a day, and the dates given."""
    years = tuple(range(around.year - 1, around.year + 3))
    found = frozenset[date]().union(*(public_holidays(code, years) for code in countries))
    return found | frozenset(more)


@lru_cache(maxsize=256)
def public_holidays(code: str, years: tuple[int, ...]) -> frozenset[date]:
    """The public holidays of a country or one of its regions."""
    country, _, region = code.partition("-")
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=years))


def knows_country(code: str) -> bool:
    """Whether the holidays of this country, or region of it, are known."""
    country, _, region = code.partition("-")
    known = holidays.list_supported_countries(include_aliases=False)
    return country in known and (not region or region in known[country])


class RestDays(BaseModel):
    """Days on which a campaign rests: public holidays by country, and dates of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    countries: tuple[str, ...] = Field(
        default=(), description="`DE`, or with a region `DE-BY`.", examples=[["DE-BY", "DK"]]
    )
    dates: tuple[date, ...] = ()

    @field_validator("countries")
    @classmethod
    def are_known(cls, codes: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse a country whose holidays nobody knows."""
        for code in codes:
            if not knows_country(code):
                raise ValueError(f"the holidays of {code!r} are not known; write DE, or DE-BY")
        return codes

    def around(self, day: date) -> frozenset[date]:
        """All of them, in the years about a day."""
        return rest_days_of(self.countries, day, more=self.dates)
