"""React: put a reaction on a post, or change it; proved by what a fresh read of the post says of us."""

from datetime import datetime
from uuid import UUID

from overture.core.errors import NotPossible
from overture.providers.unipile.desk import Desk, ready
from overture.providers.unipile.posts import ASKED_AS, SeenPost, open_post
from overture.providers.unipile.registry import writes
from overture.touchpoints import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    Outcome,
    React,
    Reacted,
    Reaction,
    ReadBack,
    offered,
)


@writes
class ReactWrite:
    """One reaction under way."""

    def __init__(self, desk: Desk, touchpoint: React, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._post: SeenPost | None = None
        self._before: Reaction | None = None

    async def prepare(self) -> Outcome | None:
        """See how the account reacts now; unless it is so already, there is one call to make."""
        wanted = offered(self._touchpoint.reaction)
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        self._before = post.reaction
        self._desk.trace.step("reaction_state", reaction=self._before)
        if self._before == wanted:
            return self._outcome(post, noop=True)
        if post.raw.permissions is not None and post.raw.permissions.can_react is False:
            raise NotPossible("post_unavailable", "this account may not react to this post")
        return None

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to."""

    async def act(self, intent: Intent) -> Accepted:
        """React once; Unipile's answer is the verdict."""
        urn, wanted, posts = (
            ready(self._post).urn,
            offered(self._touchpoint.reaction),
            self._desk.client.posts,
        )
        account, asked = self._desk.account, ASKED_AS[wanted]
        await self._desk.fire(intent, "reaction", lambda: posts.react(account, urn, asked))
        return Accepted(Evidence("write_answer", {"reaction": wanted, "post_urn": urn}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """The reaction as the post, read anew, tells it."""
        return await self._desk.keep_looking(self._seen)

    async def abandon(self) -> None:
        """Nothing is open that could be left behind."""

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the post carries the reaction; another one, or none, means this one never arrived."""
        seen = await self._seen()
        return ReadBack("found", *seen) if seen is not None else ReadBack("absent")

    async def _seen(self) -> tuple[Reacted, Evidence] | None:
        post, wanted = await open_post(self._desk, self._touchpoint.post), offered(self._touchpoint.reaction)
        if post.reaction != wanted:
            return None
        return self._outcome(post), Evidence("post", {"reaction": wanted, "post_urn": post.urn})

    def _outcome(self, post: SeenPost, *, noop: bool = False) -> Reacted:
        return Reacted(
            post_urn=post.urn,
            reaction=offered(self._touchpoint.reaction),
            replaced=None if noop else self._before,
            noop=noop,
        )
