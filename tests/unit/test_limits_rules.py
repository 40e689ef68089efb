"""Limits, ramp and months as plain rules: no database, no clock but the one given."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.accounts import CEILINGS, TIERS, Limits, Window, month_of, on_ramp
from overture.accounts.limits import merged, raised, refuse_above_ceiling
from overture.accounts.ramp import STAGES
from overture.core.clock import ManualClock
from overture.core.errors import Invalid
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.runs.quota import draw

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (1, "ramp_1"),
        (7, "ramp_1"),
        (8, "ramp_2"),
        (14, "ramp_2"),
        (15, "ramp_3"),
        (28, "ramp_3"),
        (29, "full"),
    ],
)
def test_the_stage_follows_the_accounts_age(day: int, name: str) -> None:
    found = on_ramp(date(2026, 3, 1), "UTC", NOON + timedelta(days=day - 1))

    assert found.stage.name == name
    assert found.next_at is None or found.next_at > NOON + timedelta(days=day - 1)


def test_the_ramps_days_are_those_of_the_accounts_zone() -> None:
    late = datetime(2026, 3, 7, 20, 0, tzinfo=UTC)  # the 8th in Tokyo

    assert on_ramp(date(2026, 3, 1), "UTC", late).stage.name == "ramp_1"
    assert on_ramp(date(2026, 3, 1), "Asia/Tokyo", late).stage.name == "ramp_2"
    assert on_ramp(date(2026, 3, 1), "UTC", late).next_at == datetime(2026, 3, 8, tzinfo=UTC)


def test_a_ramp_that_has_not_begun_is_at_its_first_stage_and_none_is_off() -> None:
    assert on_ramp(date(2026, 4, 1), "UTC", NOON).stage.name == "ramp_1"
    assert on_ramp(None, "UTC", NOON).stage.name == "off"


def test_every_stage_allows_no_less_than_the_one_before() -> None:
    for earlier, later in pairwise(STAGES[:-1]):
        for category, window in earlier.windows.items():
            assert (window.per_day or 0) <= (later.window(category).per_day or 0)


@pytest.mark.parametrize("tier", TIERS)
def test_the_defaults_are_below_every_ceiling(tier: str) -> None:
    refuse_above_ceiling(Limits(), tier)


@given(st.integers(0, 60), st.sampled_from(TIERS))
def test_a_limit_is_refused_exactly_above_its_ceiling(most: int, tier: str) -> None:
    limits = Limits(invite=Window(per_day=most))
    if most <= (CEILINGS[tier].invite.per_day or 0):
        refuse_above_ceiling(limits, tier)
    else:
        with pytest.raises(Invalid, match="ceiling"):
            refuse_above_ceiling(limits, tier)


def test_what_is_not_named_stays() -> None:
    stored = Limits(invite=Window(per_day=7, per_week=30), min_gap_s=60).model_dump(mode="json")
    found = merged(stored, Limits.model_validate({"invite": {"per_day": 9}}))

    assert (found.invite, found.min_gap_s) == (Window(per_day=9, per_week=30), 60)
    assert raised(Limits.model_validate(stored), found) == {"invite/per_day": {"before": 7, "after": 9}}


def test_no_limit_of_ones_own_and_a_shorter_gap_are_raises() -> None:
    found = raised(Limits(), Limits(message=Window(), min_gap_s=5))

    assert set(found) == {"message/per_day", "min_gap_s"}


def test_a_month_is_the_zones() -> None:
    began, ends = month_of("Asia/Kolkata", datetime(2026, 3, 31, 19, 0, tzinfo=UTC))  # April there

    assert began == datetime(2026, 3, 31, 18, 30, tzinfo=UTC)
    assert ends == datetime(2026, 4, 30, 18, 30, tzinfo=UTC)


def test_the_draw_of_a_gap_is_the_runs_own() -> None:
    ids = Ids(ManualClock(NOON), Rng(b"draws"))
    tokens = [ids.token() for _ in range(200)]
    draws = [draw(token) for token in tokens]

    assert draws == [draw(UUID(str(token))) for token in tokens]
    assert all(0 <= value < 1 for value in draws)
    assert max(draws) - min(draws) > 0.5
