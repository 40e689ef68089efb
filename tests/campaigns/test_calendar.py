"""Delays, working days and windows, in every zone when its clock changes; two known bugs are caught."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from overture.accounts import WorkingHours
from overture.campaigns.calendar import (
    Delay,
    OpenHours,
    RestDays,
    WrittenDelay,
    after_working_days,
    knows_country,
    next_allowed,
    rest_days_of,
    why_closed,
)

ZONES = sorted(available_timezones())
OFFICE = WorkingHours()  # Monday to Friday, 9 to 18
SHORT = WorkingHours(days=(0, 2, 6), start=time(2, 15), end=time(3, 45))
NIGHT = WorkingHours(days=(0, 1, 2, 3, 4, 5, 6), start=time(22), end=time(0))
Planner = Callable[[datetime, OpenHours], datetime | None]


def read(value: object) -> Delay:
    return TypeAdapter[Delay](WrittenDelay).validate_python(value)


@lru_cache(maxsize=1000)
def clock_change(zone: str) -> datetime:
    """A noon of 2026 near which the zone's clock changes; one in summer where none does."""
    local = ZoneInfo(zone)
    noons = [datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day) for day in range(365)]
    changes = [
        noon for noon, after in pairwise(noons)
        if noon.astimezone(local).utcoffset() != after.astimezone(local).utcoffset()
    ]  # fmt: skip
    return changes[-1] if changes else noons[180]


def is_open(window: OpenHours, at: datetime) -> bool:
    """What a person reading the wall clock and the calendar would say."""
    wall = at.astimezone(ZoneInfo(window.zone))
    minute, hours = wall.hour * 60 + wall.minute, window.hours
    start = hours.start.hour * 60 + hours.start.minute
    end = (hours.end.hour * 60 + hours.end.minute) or 24 * 60
    is_day = wall.weekday() in hours.days and wall.date() not in window.rest_days
    return is_day and start <= minute < end


moments = st.builds(
    lambda zone, shift: (zone, clock_change(zone) + timedelta(minutes=shift)),
    st.sampled_from(ZONES),
    st.integers(-3 * 24 * 60, 3 * 24 * 60),
)
windows = st.sampled_from((OFFICE, SHORT, NIGHT))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2h", timedelta(hours=2)),
        ("30 min", timedelta(minutes=30)),
        ("3 days", timedelta(days=3)),
        ("1d", timedelta(days=1)),
        ({"amount": 90, "unit": "min"}, timedelta(minutes=90)),
    ],
)
def test_a_delay_is_read_as_it_is_written(written: object, expected: timedelta) -> None:
    at = datetime(2026, 3, 28, 12, tzinfo=UTC)

    assert read(written).after(at, "Europe/Berlin") == at + expected
    assert read(str(read(written))) == read(written)


@pytest.mark.parametrize("wrong", ["2", "h", "-1h", "2 fortnights", "1.5h", {"amount": -1, "unit": "h"}])
def test_anything_else_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        read(wrong)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-03-06T14:00", 1, "2026-03-09T14:00"),  # Friday → Monday
        ("2026-03-07T18:13", 1, "2026-03-10T00:00"),  # Saturday: Monday has to pass
        ("2026-03-02T09:30", 5, "2026-03-09T09:30"),
        ("2026-04-02T10:00", 1, "2026-04-07T10:00"),  # Easter in Germany
        ("2026-03-27T02:30", 1, "2026-03-30T02:30"),  # over the clock change
        ("2026-03-06T14:00", 0, "2026-03-06T14:00"),
    ],
)
def test_working_days_skip_weekends_and_holidays(start: str, days: int, expected: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    holidays = rest_days_of(["DE"], date(2026, 4, 1))
    at = datetime.fromisoformat(start).replace(tzinfo=zone).astimezone(UTC)

    found = after_working_days(at, days, "Europe/Berlin", holidays)

    assert found.astimezone(zone).replace(tzinfo=None) == datetime.fromisoformat(expected)


@given(moment=moments, count=st.integers(0, 6), resting=st.sets(st.integers(-3, 10), max_size=4))
@settings(max_examples=300, deadline=None)
def test_that_many_working_days_pass_at_least(
    moment: tuple[str, datetime], count: int, resting: set[int]
) -> None:
    zone, at = moment
    rest = {at.date() + timedelta(days=day) for day in resting}
    found = after_working_days(at, count, zone, rest)
    local = ZoneInfo(zone)
    first, last = at.astimezone(local).date(), found.astimezone(local).date()

    assert found >= at
    days = [first + timedelta(days=offset) for offset in range(1, (last - first).days + 1)]
    begun = [day for day in days if day.weekday() < 5 and day not in rest]
    assert len(begun) >= count
    assert count == 0 or len(begun) <= count + 1
    assert count == 0 or (last.weekday() < 5 and last not in rest)


def faults(plan: Planner, window: OpenHours, at: datetime) -> list[str]:
    """What is wrong with the next allowed instant a planner finds."""
    found = plan(at, window)
    if found is None:
        return ["never"]
    wrong = []
    if found < at:
        wrong.append("in the past")
    if not is_open(window, found):
        wrong.append("closed then")
    if plan(found, window) != found:
        wrong.append("moved again when its time comes")
    before = [found - timedelta(minutes=minutes) for minutes in (1, 5, 30, 60, 180)]
    if any(at <= look and is_open(window, look) for look in before):
        wrong.append("not the earliest")
    return wrong


@given(moment=moments, hours=windows, resting=st.sets(st.integers(-3, 6), max_size=3))
@settings(max_examples=400, deadline=None)
def test_the_next_allowed_instant_is_open_the_earliest_and_final(
    moment: tuple[str, datetime], hours: WorkingHours, resting: set[int]
) -> None:
    zone, at = moment
    rest = frozenset(at.date() + timedelta(days=day) for day in resting)

    assert faults(next_allowed, OpenHours(hours, zone, rest), at) == []


def m11_keeps_clock_time(at: datetime, window: OpenHours) -> datetime | None:
    """The bug: a day that is skipped keeps its time of day (18:13 on Saturday becomes 18:13 on Monday)."""
    while not is_open(window, at) and at.astimezone(ZoneInfo(window.zone)).weekday() > 4:
        at += timedelta(days=1)
    return at if at.astimezone(ZoneInfo(window.zone)).weekday() < 5 else next_allowed(at, window)


def m12_reschedules_by_the_hour(at: datetime, window: OpenHours) -> datetime | None:
    """The bug: an hour is added on the wall clock until it fits, which repeats the hour that is repeated."""
    local = ZoneInfo(window.zone)
    wall = at.astimezone(local).replace(tzinfo=None)
    for _ in range(24 * 8):
        found = wall.replace(tzinfo=local, fold=0).astimezone(UTC)
        if is_open(window, found):
            return found
        wall += timedelta(hours=1)
    return None


def test_m11_a_skipped_weekday_that_keeps_the_clock_time_is_caught() -> None:
    saturday = datetime(2026, 3, 7, 17, 13, tzinfo=UTC)  # 18:13 in Berlin
    window = OpenHours(OFFICE, "Europe/Berlin")

    assert next_allowed(saturday, window) == datetime(2026, 3, 9, 8, tzinfo=UTC)  # Monday 9:00
    assert faults(next_allowed, window, saturday) == []
    assert "closed then" in faults(m11_keeps_clock_time, window, saturday)


def test_m12_an_hourly_loop_on_the_day_the_clock_goes_back_is_caught() -> None:
    second_pass = datetime(2026, 10, 25, 1, 20, tzinfo=UTC)  # 2:20 in Berlin, for the second time
    sundays = OpenHours(SHORT, "Europe/Berlin")

    assert next_allowed(second_pass, sundays) == second_pass
    assert faults(next_allowed, sundays, second_pass) == []
    assert "in the past" in faults(m12_reschedules_by_the_hour, sundays, second_pass)


@given(moment=moments, other=st.sampled_from(ZONES))
@settings(max_examples=150, deadline=None)
def test_an_instant_for_account_and_lead_suits_both(moment: tuple[str, datetime], other: str) -> None:
    zone, at = moment
    ours, theirs = OpenHours(OFFICE, zone), OpenHours(OFFICE, other)

    found = next_allowed(at, ours, theirs)

    if found is not None:
        assert found >= at
        assert is_open(ours, found)
        assert is_open(theirs, found)
        assert next_allowed(found, ours, theirs) == found


def test_hours_that_never_meet_are_found_out() -> None:
    berlin = OpenHours(WorkingHours(start=time(9), end=time(12)), "Europe/Berlin")
    auckland = OpenHours(WorkingHours(start=time(9), end=time(12)), "Pacific/Auckland")

    assert next_allowed(datetime(2026, 3, 2, tzinfo=UTC), berlin, auckland) is None


def test_why_it_is_closed_is_said() -> None:
    christmas = datetime(2026, 12, 25, 11, tzinfo=UTC)
    window = OpenHours(OFFICE, "Europe/Berlin", rest_days_of(["DE-BY"], christmas.date()))

    holiday = why_closed(christmas, window)
    assert holiday is not None
    assert (holiday.reason, holiday.until) == ("rest_day", datetime(2026, 12, 28, 8, tzinfo=UTC))
    evening = why_closed(datetime(2026, 3, 2, 20, tzinfo=UTC), window)
    assert evening is not None
    assert evening.reason == "working_hours"
    assert why_closed(datetime(2026, 3, 2, 10, tzinfo=UTC), window) is None


def test_holidays_are_those_of_the_region() -> None:
    epiphany = date(2026, 1, 6)

    assert epiphany in rest_days_of(["DE-BY"], epiphany)
    assert epiphany not in rest_days_of(["DE"], epiphany)
    assert epiphany in rest_days_of([], epiphany, more=[epiphany])
    assert knows_country("DE-BY")
    assert not knows_country("XX")


def test_a_country_whose_holidays_are_not_known_is_refused() -> None:
    assert epiphany_rest(RestDays(countries=("DE-BY",)))
    with pytest.raises(ValidationError):
        RestDays(countries=("XX",))
    with pytest.raises(ValidationError):
        RestDays(countries=("DE-XX",))


def epiphany_rest(days: RestDays) -> bool:
    return date(2026, 1, 6) in days.around(date(2026, 3, 1))
