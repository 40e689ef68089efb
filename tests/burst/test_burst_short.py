"""I13: a burst, with those who take and apply it killed in the middle: each once in effect."""

from dataclasses import replace
from pathlib import Path

import pytest

from .audit import different, uneven
from .story import Size, tell
from .trial import burst

SMALL = Size(deliveries=400, accounts=4, people=24, is_edited=False)


@pytest.mark.slow
async def test_a_burst_with_doubles_and_deaths_is_applied_once(tmp_path: Path, database_url: str) -> None:
    story = tell(SMALL, seed=1)

    report = await burst(story, database_url, tmp_path, deaths=3)

    assert report.findings == []
    assert report.kills == 4
    assert (report.sender["taken"], report.sender["given_up"]) == (400, 0)
    assert report.sender["sent_again"] > 0


def test_a_story_is_as_long_as_asked_doubled_and_out_of_order() -> None:
    story = tell(replace(SMALL, is_edited=True), seed=1)

    assert len(story.deliveries) == 400
    assert len({one.body for one in story.deliveries}) == 400 - story.doubles
    assert story.doubles == 19
    numbers = [one.body for one in story.deliveries]
    assert numbers != sorted(numbers)


def test_the_audit_sees_what_is_missing_and_what_is_doubled() -> None:
    assert different("message", ["a", "b"], ["b", "a"]) == []
    assert different("message", ["a", "a"], ["a", "b"]) == [
        "message: 1 missing, such as ['b']",
        "message: 1 too many, such as ['a']",
    ]
    assert uneven("state", {"x": "OK"}, {"x": "ERROR"}) != []
    assert uneven("state", {"x": "OK"}, {"x": "OK"}) == []
