"""The ramp: how much less a young account may do, in stages of days since it began."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from overture.accounts.limits import Window
from overture.core.instants import Day
from overture.touchpoints import Category

Ramp = Literal["on", "off"] | Day
"""`on`: from the day the account is added; `off`: it is old already; a date: the day it began."""


@dataclass(frozen=True)
class Stage:
    """From its first day on (counted from 1) at most this much, until the next stage begins."""

    name: str
    first_day: int
    windows: Mapping[Category, Window]

    def window(self, category: Category) -> Window:
        """What the stage allows of a category; what it does not name it leaves alone."""
        return self.windows.get(category, Window())


def stage(name: str, first_day: int, invites: tuple[int, int], **per_day: int) -> Stage:
    """A stage from its numbers of 24 hours; invitations have a week, too."""
    windows: dict[str, Window] = {"invite": Window(per_day=invites[0], per_week=invites[1])}
    windows |= {category: Window(per_day=most) for category, most in per_day.items()}
    return Stage(name, first_day, windows)  # type: ignore[arg-type]  # keywords are categories


STAGES: Final = (
    stage("ramp_1", 1, (5, 20), message=10, inmail=3, visit=15, reaction=10, comment=2, follow=5),
    stage("ramp_2", 8, (8, 40), message=15, inmail=5, visit=25, reaction=15, comment=3, follow=8),
    stage("ramp_3", 15, (12, 60), message=20, inmail=8, visit=40, reaction=20, comment=5, follow=12),
    Stage("full", 29, {}),
)
OFF: Final = Stage("off", 1, {})


@dataclass(frozen=True)
class OnRamp:
    """Where an account stands: its stage, since when, and the instant the next one begins."""

    stage: Stage
    since: date | None = None
    next: date | None = None
    next_at: datetime | None = None


def on_ramp(since: date | None, zone: str, now: datetime) -> OnRamp:
    """The stage at `now`, by the calendar of the account's zone; without a start the ramp is off."""
    if since is None:
        return OnRamp(OFF)
    local = ZoneInfo(zone)
    day = (now.astimezone(local).date() - since).days + 1
    current = max((s for s in STAGES if s.first_day <= day), key=lambda s: s.first_day, default=STAGES[0])
    begun = since + timedelta(days=current.first_day - 1)
    later = next((s for s in STAGES if s.first_day > current.first_day), None)
    if later is None:
        return OnRamp(current, begun)
    following = since + timedelta(days=later.first_day - 1)
    return OnRamp(current, begun, following, midnight(following, local))


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """The instant (UTC) a day begins in a zone."""
    return datetime.combine(day, time(0), zone).astimezone(UTC)


def month_of(zone: str, now: datetime) -> tuple[datetime, datetime]:
    """The instants the calendar month of the zone began, and the next one begins."""
    local = ZoneInfo(zone)
    first = now.astimezone(local).date().replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return midnight(first, local), midnight(following, local)


def start_of(ramp: Ramp, zone: str, now: datetime) -> date | None:
    """The day a ramp begins, as stored."""
    if ramp == "off":
        return None
    return now.astimezone(ZoneInfo(zone)).date() if ramp == "on" else ramp
