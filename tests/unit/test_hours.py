"""Working hours: an opening is never in the past, always inside the window, in every zone and on DST days."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from overture.accounts import WorkingHours, next_opening

ZONES = sorted(available_timezones())
MINUTES = st.integers(0, 24 * 60 - 1).map(lambda m: time(m // 60, m % 60))


@st.composite
def hours(draw: st.DrawFn) -> WorkingHours:
    start = draw(MINUTES)
    end = draw(st.one_of(st.just(time(0)), MINUTES.filter(lambda t: t > start)))
    days = draw(st.sets(st.integers(0, 6), min_size=1))
    return WorkingHours(days=tuple(sorted(days)), start=start, end=end)


@given(
    hours(),
    st.sampled_from(ZONES),
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_an_opening_lies_in_the_window_and_never_before_now(
    wanted: WorkingHours, zone: str, now: datetime
) -> None:
    opening = next_opening(wanted, zone, now)

    assert opening >= now
    assert opening - now <= timedelta(days=9)
    assert next_opening(wanted, zone, opening) == opening  # open then
    local = opening.astimezone(ZoneInfo(zone))
    assert local.weekday() in wanted.days


def test_inside_the_window_is_now() -> None:
    now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # a Monday

    assert next_opening(WorkingHours(), "UTC", now) == now


def test_friday_evening_waits_for_monday() -> None:
    friday = datetime(2026, 3, 6, 18, 0, tzinfo=UTC)

    assert next_opening(WorkingHours(), "UTC", friday) == datetime(2026, 3, 9, 9, 0, tzinfo=UTC)


def test_the_wall_clock_is_the_accounts_not_utc() -> None:
    now = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)  # 09:30 in Paris

    assert next_opening(WorkingHours(), "Europe/Paris", now) == now
    assert next_opening(WorkingHours(), "America/New_York", now) == datetime(2026, 3, 2, 14, 0, tzinfo=UTC)


def test_a_start_inside_the_gap_of_spring_opens_when_the_gap_ends() -> None:
    early = WorkingHours(days=tuple(range(7)), start=time(2, 30), end=time(12))
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Berlin; 02:00 to 03:00 does not exist

    opening = next_opening(early, "Europe/Berlin", before)

    assert opening.astimezone(ZoneInfo("Europe/Berlin")).hour in (1, 3)
    assert opening >= before


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": []},
        {"days": [7]},
        {"start": "18:00", "end": "09:00"},
        {"start": "09:00", "end": "09:00"},
        {"start": "09:00+02:00"},
        {"extra": 1},
    ],
)
def test_a_window_that_never_opens_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        WorkingHours.model_validate(wrong)
