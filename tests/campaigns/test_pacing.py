"""Pace: even, never faster for a late start."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from overture.campaigns.pacing import SLACK, Paced, even_pace, gap

OPEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
CLOSE = datetime(2026, 3, 2, 18, tzinfo=UTC)


@given(
    start=st.integers(0, 9 * 60 - 1),
    per_day=st.integers(1, 200),
    used=st.integers(0, 200),
    least=st.sampled_from([0, 30, 120]),
    seed=st.integers(0, 1000),
)
def test_a_late_start_never_bursts(start: int, per_day: int, used: int, least: int, seed: int) -> None:
    """Whenever it begins, no two acts are closer than the even pace allows, nor than the least gap."""
    chance, now = Random(seed), OPEN + timedelta(minutes=start)
    left, acts = max(0, per_day - used), [now]
    while left > 0 and now < CLOSE:
        paced = Paced(now, CLOSE, CLOSE - OPEN, per_day, left, timedelta(seconds=least))
        after = gap(paced, chance)

        assert after >= max(timedelta(seconds=least), even_pace(paced) * SLACK)
        now, left = now + after, left - 1
        acts.append(now)
    assert len([at for at in acts if at < CLOSE]) <= 1 + (CLOSE - acts[0]) / (
        (CLOSE - OPEN) / per_day * SLACK
    )


@given(per_day=st.integers(2, 60), seed=st.integers(0, 1000))
def test_a_whole_day_uses_most_of_what_is_allowed(per_day: int, seed: int) -> None:
    """From the opening on, the day's limit is nearly reached."""
    chance, now, left = Random(seed), OPEN, per_day
    while left > 0 and now < CLOSE:
        left, before = left - 1, now
        now += gap(Paced(before, CLOSE, CLOSE - OPEN, per_day, left + 1, timedelta()), chance)

    assert left <= max(1, per_day * 0.1)
