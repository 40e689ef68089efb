"""What labels and lists say about a post: reactions in four languages, how far a list of comments reaches."""

from datetime import UTC, datetime, timedelta

import pytest

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.phrases import (
    REACT_WITH,
    REACTION_STATE,
    REACTIONS,
    UNREACT,
)
from overture.providers.linkedin_browser.post_page import stated
from overture.providers.linkedin_browser.voyager.posts import Comments, PostComment

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
LANGUAGES = range(4)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("reaction", REACTIONS)
def test_every_label_names_its_reaction(reaction: str, language: int) -> None:
    word = REACTIONS[reaction][language]

    assert stated(f"{REACTION_STATE[language]} {word}") == reaction
    assert stated(UNREACT[language].format(word)) == reaction
    assert stated(REACT_WITH[language].format(word.replace("’", "'"))) == reaction


@pytest.mark.parametrize("label", ["", "Reaction button state: Curious", "Likely", "Reaktion: unbekannt"])
def test_an_unknown_label_is_never_taken_for_a_reaction(label: str) -> None:
    with pytest.raises(PageChanged) as caught:
        stated(label)
    assert caught.value.code == "reaction_unknown"


@pytest.mark.parametrize(
    ("is_complete", "oldest", "covers"),
    [
        (True, timedelta(hours=1), True),
        (False, timedelta(hours=1), False),
        (False, -timedelta(hours=1), True),
    ],
)
def test_absence_is_only_told_from_a_list_that_reaches_back(
    is_complete: bool, oldest: timedelta, covers: bool
) -> None:
    comment = PostComment("urn:li:comment:(activity:1,2)", "ACoAAMe", "Hello", NOON + oldest)

    assert Comments((comment,), is_complete, timedelta(0)).covers(NOON) is covers


def test_an_empty_list_that_is_not_complete_tells_nothing() -> None:
    assert not Comments((), is_complete=False, skew=timedelta(0)).covers(NOON)
