"""When searching goes on after the monthly limit: the first of the next month, midnight Pacific time."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.linkedin_browser.search import SITE_ZONE, next_month


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 6, 15, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, tzinfo=UTC), datetime(2027, 1, 1, 8, tzinfo=UTC)),
        # Already the first in Europe, still the last of the month where it counts.
        (datetime(2026, 7, 1, 3, tzinfo=UTC), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        (datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2026, 8, 1, 7, tzinfo=UTC)),
    ],
)
def test_the_limit_is_lifted_on_the_first(now: datetime, until: datetime) -> None:
    assert next_month(now) == until


@given(st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_it_is_always_ahead_and_at_most_a_month(now: datetime) -> None:
    until = next_month(now)

    assert now < until
    assert (until - now).days <= 31
    local = until.astimezone(SITE_ZONE)
    assert (local.day, local.hour, local.minute) == (1, 0, 0)
