"""When schedules fire where clocks change: every zone's every change, against an oracle of its own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import takewhile
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.core.errors import Invalid
from overture.runs.schedules import next_fires, read_cron
from overture.runs.schedules.cron import Cron

YEARS = range(2024, 2028)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
FIXED = {"30 2 * * *": [(2, 30)], "0 0 * * *": [(0, 0)], "15 1,2,3 * * *": [(1, 15), (2, 15), (3, 15)]}
WILD = {
    "*/15 * * * *": (None, range(0, 60, 15)),
    "5 * * * *": (None, [5]),
    "*/20 2 * * *": ([2], [0, 20, 40]),
}


@dataclass(frozen=True)
class Change:
    """A change of a zone's clocks: the last instant before it is a minute earlier."""

    zone: str
    at: datetime

    @property
    def window(self) -> tuple[datetime, datetime]:
        return self.at - 1.5 * DAY, self.at + 1.5 * DAY


@cache
def changes() -> tuple[Change, ...]:
    """One zone for each distinct change: the same offsets at the same wall clock are the same case."""
    found: dict[object, Change] = {}
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        for at in changes_of(zone):
            before, after = (instant.astimezone(zone) for instant in (at - MINUTE, at))
            case = (before.utcoffset(), after.utcoffset(), after.time())
            found.setdefault(case, Change(name, at))
    return tuple(found.values())


def changes_of(zone: ZoneInfo) -> Iterator[datetime]:
    day = datetime(YEARS.start, 1, 1, tzinfo=UTC)
    while day.year in YEARS:
        if day.astimezone(zone).utcoffset() != (day + DAY).astimezone(zone).utcoffset():
            yield bisected(zone, day, day + DAY)
        day += DAY


def bisected(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    offset = low.astimezone(zone).utcoffset()
    while high - low > MINUTE:
        middle = low + (high - low) // 2 // MINUTE * MINUTE
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == offset else (low, middle)
    return high


def on_each_day(change: Change, times: list[tuple[int, int]]) -> list[datetime]:
    """Each time of day once: as the clock first shows it, or when a gap that swallows it is over."""
    zone = ZoneInfo(change.zone)
    start, end = change.window
    fires = set()
    for days in range(-3, 4):
        date = change.at.astimezone(zone).date() + days * DAY
        for hour, minute in times:
            wall = datetime(date.year, date.month, date.day, hour, minute, tzinfo=zone)
            is_real = wall.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None)
            fires.add(wall.astimezone(UTC) if is_real else change.at)
    return sorted(fire for fire in fires if start < fire <= end)


def in_real_time(change: Change, hours: list[int] | None, minutes: list[int]) -> list[datetime]:
    """Every minute whose wall clock matches, as often as it comes."""
    start, end = change.window
    zone, minute = ZoneInfo(change.zone), start.replace(second=0)
    found = []
    while minute <= end:
        wall = minute.astimezone(zone)
        if minute > start and wall.minute in minutes and (hours is None or wall.hour in hours):
            found.append(minute)
        minute += MINUTE
    return found


def fires(expression: str, change: Change, after: datetime) -> list[datetime]:
    return list(takewhile(lambda fire: fire <= change.window[1], Cron(expression, change.zone).after(after)))


def test_the_world_changes_its_clocks() -> None:
    assert len(changes()) > 20
    assert any(ZoneInfo(one.zone).utcoffset(one.at) != timedelta(hours=1) for one in changes())


@pytest.mark.parametrize("expression", FIXED)
def test_a_time_of_day_fires_once_a_day_whatever_the_clocks_do(expression: str) -> None:
    for change in changes():
        expected = on_each_day(change, FIXED[expression])
        assert fires(expression, change, change.window[0]) == expected, change


@pytest.mark.parametrize("expression", WILD)
def test_a_wildcard_follows_real_time(expression: str) -> None:
    hours, minutes = WILD[expression]
    for change in changes():
        expected = in_real_time(change, hours, list(minutes))
        assert fires(expression, change, change.window[0]) == expected, change


@settings(deadline=None)
@given(st.data())
def test_it_goes_on_from_any_instant_without_a_repeat(data: st.DataObject) -> None:
    change = data.draw(st.sampled_from(changes()))
    expression = data.draw(st.sampled_from([*FIXED, *WILD]))
    after = change.window[0] + data.draw(st.integers(0, 3 * 24 * 3600)) * timedelta(seconds=1)

    whole = fires(expression, change, change.window[0])

    assert fires(expression, change, after) == [fire for fire in whole if fire > after]


@settings(deadline=None)
@given(st.data())
def test_the_latest_fire_is_the_last_of_all_up_to_now(data: st.DataObject) -> None:
    change = data.draw(st.sampled_from(changes()))
    cron = Cron(data.draw(st.sampled_from([*FIXED, *WILD, "0 9 1 * *"])), change.zone)
    not_before = change.at - data.draw(st.integers(0, 20)) * DAY
    now = not_before + data.draw(st.integers(0, 25)) * DAY + data.draw(st.integers(0, 96)) * 15 * MINUTE

    every = list(takewhile(lambda fire: fire <= now, cron.after(not_before - timedelta(microseconds=1))))

    assert cron.last_until(now, not_before) == (every[-1] if every else None)


@pytest.mark.parametrize(
    "expression",
    ["", "* * * *", "* * * * * *", "61 * * * *", "0 0 30 2 *", "0 9 * * FUN", "@daily", "a b c d e"],
)
def test_what_never_fires_is_refused_with_the_form_it_must_have(expression: str) -> None:
    with pytest.raises(Invalid, match="cron expression") as refused:
        read_cron(expression, "Europe/Berlin", datetime(2026, 1, 1, tzinfo=UTC))

    assert "five fields" in refused.value.fix


def test_the_next_times_are_told_in_utc() -> None:
    cron = read_cron("0  9 * * mon-fri", "Europe/Berlin", datetime(2026, 3, 27, tzinfo=UTC))

    assert cron.expression == "0 9 * * mon-fri"
    assert [fire.isoformat() for fire in next_fires(cron, datetime(2026, 3, 27, 9, tzinfo=UTC), 2)] == [
        "2026-03-30T07:00:00+00:00",
        "2026-03-31T07:00:00+00:00",
    ]
