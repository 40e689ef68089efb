"""Pure parts of the provider: rests that grow, ages told in whole spans, people remembered for a while."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.unipile.comment import is_since
from overture.providers.unipile.known import MET_FOR, MISSED_FOR, Identity, KnownPeople
from overture.providers.unipile.memory import Memory, remembered

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_limits_in_a_row_rest_longer_each_time() -> None:
    memory = Memory()
    first = memory.strike("message", NOW)
    second = memory.strike("message", first)
    third = memory.strike("message", second)
    fourth = memory.strike("message", third)

    rests = [first - NOW, second - first, third - second, fourth - third]
    assert rests == [4 * HOUR, DAY, 7 * DAY, 7 * DAY]


def test_a_limit_long_after_the_last_or_after_an_act_that_went_well_is_the_first_again() -> None:
    memory = Memory()
    memory.strike("invite", NOW, at_least=2)
    late = NOW + 3 * DAY
    assert memory.strike("invite", late) == late + 4 * HOUR

    memory.went_well("invite")
    assert memory.strike("invite", late, at_least=2) == late + DAY
    assert memory.strike("message", late) == late + 4 * HOUR


def test_what_is_remembered_survives_being_stored() -> None:
    memory = Memory()
    memory.strike("invite", NOW)
    memory.leave_out_note("a-token")

    assert remembered(memory.as_bytes()) == memory
    assert remembered(None) == Memory()


@given(st.binary(max_size=60))
def test_what_cannot_be_read_is_nothing_remembered(stored: bytes) -> None:
    assert isinstance(remembered(stored), Memory)


@pytest.mark.parametrize(
    ("told", "since", "age"),
    [
        ("now", timedelta(0), "newer"),
        ("now", timedelta(minutes=5), "newer"),
        ("2m", timedelta(minutes=1), "older"),
        ("2m", timedelta(minutes=2), "newer"),
        ("3h", timedelta(minutes=5), "older"),
        ("1mo", 31 * DAY, "newer"),
        ("1 d", timedelta(minutes=5), "older"),
        ("gestern", timedelta(minutes=5), "unknown"),
        (None, timedelta(minutes=5), "unknown"),
    ],
)
def test_the_age_of_a_comment_is_judged_in_favour_of_not_writing_it_twice(
    told: str | None, since: timedelta, age: str
) -> None:
    assert is_since(told, NOW - since, NOW) == age


def test_people_are_remembered_for_a_month_and_their_absence_for_a_day() -> None:
    people, somebody = KnownPeople(), Identity("ACoAAB12345678901", "ada")
    people.met(("acc", "ada"), somebody, NOW)
    people.missed(("acc", "bob"), NOW)

    assert people.identity(("acc", "ada"), NOW + MET_FOR - HOUR) == somebody
    assert people.identity(("other", "ada"), NOW) is None
    assert people.identity(("acc", "ada"), NOW + MET_FOR) is None
    assert people.is_nobody(("acc", "bob"), NOW + MISSED_FOR - HOUR)
    assert not people.is_nobody(("acc", "bob"), NOW + MISSED_FOR)
    assert not people.is_nobody(("acc", "carl"), NOW)
