"""Newer pages are drawn before their scripts work: what is pressed too early is lost, so nothing is."""

from collections.abc import Callable
from typing import Any

import pytest
from linkedin_stage import USERNAME, Stage

from overture.touchpoints import Comment, Connect, Follow, Message, React, Touchpoint

PRISCA, TOMAS, JONAS = "prisca-hollowell-sbx", "tomas-kettering-sbx", "jonas-fernweh-sbx"
LATE_S = 2.5

Asked = Callable[[str], Touchpoint]
ASKED: dict[str, Asked] = {
    "follow": lambda _: Follow(public_identifier=TOMAS),
    "invite": lambda _: Connect(public_identifier=PRISCA),
    "message": lambda _: Message(public_identifier=JONAS, message="Hello"),
    "comment": lambda urn: Comment(post_url=urn, text="Clear write-up."),
    "react": lambda urn: React.model_validate({"post_url": urn, "reaction": "CELEBRATE"}),
}


@pytest.mark.parametrize("kind", ASKED)
async def test_nothing_is_pressed_before_the_page_works(stage: Stage, kind: str) -> None:
    post: dict[str, Any] = stage.admin.post("/posts", author=PRISCA)
    stage.admin.post("/page-quirks", kind="rehydrates_late", after_s=LATE_S)

    done = await stage.write(ASKED[kind](post["urn"]))

    assert done.outcome is not None
    assert len(stage.admin.ledger(kind=kind, account=USERNAME)) == 1
    assert stage.trace.all("page_asleep") == []


async def test_a_page_that_never_says_so_is_worked_with_all_the_same(stage: Stage) -> None:
    """The mark is the site's own and may go; a run does not hang on it, and its trace says it was missing."""
    async with stage.session() as session:
        stage.admin.post("/page-quirks", kind="rehydrates_late", after_s=60)
        sight = await session.desk.open(f"/in/{PRISCA}/")

    assert (sight.variant, len(stage.trace.all("page_asleep")) > 0) == ("B", True)
