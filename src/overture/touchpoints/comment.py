"""`comment`: write a comment under a post."""

from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.post import PostInput
from overture.touchpoints.text import SentText

COMMENT_LIMIT = 3000  # maxlength of the newer editor; the older one's own limit is read from the page


class Commented(Outcome):
    """The comment is under the post, by its id, as a fresh load shows it."""

    post_urn: str
    comment_urn: str


class Comment(PostInput, Touchpoint):
    """Comment on a post, exactly once."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "comment"
    outcome: ClassVar[type[Outcome]] = Commented

    type: Literal["comment"] = "comment"
    text: SentText = Field(
        min_length=1, max_length=COMMENT_LIMIT, description="The comment, posted exactly as given."
    )
