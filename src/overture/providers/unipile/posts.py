"""Posts as the account sees them: found by their URN, named by the id that reactions and comments go to."""

from dataclasses import dataclass
from typing import Final, get_args

from overture.core.errors import NotPossible
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.touchpoints import Post, Reaction

ASKED_AS: Final[dict[Reaction, api.Reaction]] = {
    reaction: api.Reaction(reaction.lower()) for reaction in get_args(Reaction)
}
READ_AS: Final[dict[str, Reaction]] = {
    api.REACTION_READ_AS[asked]: reaction for reaction, asked in ASKED_AS.items()
}
"""The six reactions in the words of asking, and in those of reading."""


@dataclass(frozen=True)
class SeenPost:
    """One post: its URN, and how the account reacts to it."""

    urn: str
    raw: api.Post

    @property
    def reaction(self) -> Reaction | None:
        """The account's own reaction."""
        return READ_AS.get(self.raw.user_reacted or "")


async def open_post(desk: Desk, post: Post) -> SeenPost:
    """The post as it is now; one that is gone is refused."""
    try:
        raw = await desk.client.posts.get(desk.account, post.urn)
    except api.NotFound as error:
        raise NotPossible("post_unavailable", "LinkedIn shows no such post") from error
    urn = raw.social_id or post.urn
    desk.trace.step("post", urn=urn)
    return SeenPost(urn, raw)
