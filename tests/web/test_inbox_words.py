"""Whatever the inbox may say has a word on the pages, and times to put off to are told on the right clock."""

from datetime import UTC, datetime
from typing import get_args

import pytest

from overture.accounts.reported import GOOD, STOPPING
from overture.entrypoints.web import inbox_words, unipile
from overture.inbox import SOURCE_OF, TheirKind
from overture.inbox.tables import WRITERS
from overture.runs import STATUSES


@pytest.mark.parametrize(
    ("states", "named"),
    [
        (get_args(TheirKind), inbox_words.KIND),
        (get_args(TheirKind), inbox_words.MEANS),
        (set(WRITERS) - {"them"}, inbox_words.WROTE),
        (STATUSES, inbox_words.OUTGOING),
        (SOURCE_OF, unipile.ADDRESSES),
        ({*STOPPING, *GOOD, "CONNECTING"}, unipile.REPORTED),
    ],
    ids=["kind", "means", "wrote", "outgoing", "address", "reported"],
)
def test_every_state_has_its_word(states: set[str], named: dict[str, object]) -> None:
    assert set(named) == set(states)


def test_mornings_are_those_of_the_account_across_a_change_of_the_clock() -> None:
    friday = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)  # Berlin's clocks go forward on the Sunday after

    found = {name: at.astimezone(UTC) for name, at in inbox_words.snoozes(friday, "Europe/Berlin")}

    assert found == {
        "In three hours": datetime(2026, 3, 28, 1, 30, tzinfo=UTC),
        "Tomorrow": datetime(2026, 3, 28, 8, tzinfo=UTC),
        "Next Monday": datetime(2026, 3, 30, 7, tzinfo=UTC),
        "In two weeks": datetime(2026, 4, 10, 7, tzinfo=UTC),
    }
