"""Comment: write under a post, once; proved by a new comment of ours in the list of comments."""

import re
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from overture.core.errors import NotPossible
from overture.providers.unipile import client as api
from overture.providers.unipile.client.notes import COMMENT_LIMIT
from overture.providers.unipile.desk import CLOCK_TOLERANCE, Desk, ready
from overture.providers.unipile.posts import SeenPost, open_post
from overture.providers.unipile.registry import writes
from overture.touchpoints import (
    Accepted,
    Comment,
    Commented,
    Evidence,
    Intent,
    LastLook,
    Outcome,
    ReadBack,
)

COMMENTS_AT_MOST: Final = 500
AGE: Final = re.compile(r"now|(\d+) ?(mo|s|m|h|d|w|y)", re.IGNORECASE)
SPANS: Final = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
    "mo": timedelta(days=30),
    "y": timedelta(days=365),
}
"""How long ago a comment was written is only told in whole spans, `3d`."""


@writes
class CommentWrite:
    """One comment under way."""

    def __init__(self, desk: Desk, touchpoint: Comment, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._post: SeenPost | None = None
        self._known: frozenset[str] = frozenset()
        self._began: datetime | None = None

    async def prepare(self) -> Outcome | None:
        """Find the post, and note the comments there are.

        The same words by this account may be there already; whoever asks for a comment gets a new one.
        """
        length = api.text_length(self._touchpoint.text)
        if length > COMMENT_LIMIT:
            message = f"the service takes comments of {COMMENT_LIMIT} characters"
            raise NotPossible("comment_too_long", message, limit=COMMENT_LIMIT, length=length)
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        if post.raw.permissions is not None and post.raw.permissions.can_post_comments is False:
            raise NotPossible("comments_disabled", "this account may not comment on this post")
        comments, _ = await self._comments(post)
        self._known = frozenset(comment.id for comment in comments)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to in private: there is no thread to read."""

    async def act(self, intent: Intent) -> Accepted:
        """Post it once; Unipile's answer is the verdict."""
        urn, text, posts = ready(self._post).urn, self._touchpoint.text, self._desk.client.posts
        account = self._desk.account
        self._began = self._desk.clock.now()
        sent = await self._desk.fire(intent, "comment", lambda: posts.comment(account, urn, text))
        return Accepted(Evidence("write_answer", {"comment_id": sent.comment_id, "post_urn": urn}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """A comment that was not there before, ours, with these words, in the list of comments."""
        return await self._desk.keep_looking(self._new_one)

    async def abandon(self) -> None:
        """Nothing is open that could be left behind."""

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """One of ours with these words since the intent is this one; how old it is decides."""
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        comments, is_complete = await self._comments(post)
        ages = self._by_age(comments, intended_at)
        if newer := ages.get("newer"):
            return ReadBack("found", *self._proof(newer[0]))
        is_told = "unknown" not in ages and not any(map(self._may_be_ours, comments))
        is_absent = is_told and is_complete and _are_all(comments, post)
        return ReadBack("absent" if is_absent else "cannot_tell")

    async def _new_one(self) -> tuple[Commented, Evidence] | None:
        """Not among those read before, nor older than the act: what was read may not have been all."""
        comments, _ = await self._comments(ready(self._post))
        new = [comment for comment in comments if comment.id not in self._known]
        found = self._by_age(new, ready(self._began)).get("newer")
        return self._proof(found[0]) if found else None

    def _by_age(self, comments: list[api.Comment], since: datetime) -> dict[str, list[api.Comment]]:
        """Our own comments with these words, by whether they are as new as an instant."""
        found: dict[str, list[api.Comment]] = {}
        for comment in filter(self._is_ours, comments):
            age = is_since(comment.date, since, self._desk.clock.now())
            found.setdefault(age, []).append(comment)
        return found

    async def _comments(self, post: SeenPost) -> tuple[list[api.Comment], bool]:
        """The comments under a post, and whether these are all."""
        bounds: api.Bounds[api.Comment] = api.Bounds(max_items=COMMENTS_AT_MOST)
        walk = self._desk.client.posts.iter_comments(self._desk.account, post.urn, bounds)
        found = await walk.all()
        return found, walk.is_complete

    def _is_ours(self, comment: api.Comment) -> bool:
        who = comment.author_details
        return self._says_it(comment) and who is not None and who.id == self._desk.owner.profile_id

    def _may_be_ours(self, comment: api.Comment) -> bool:
        """These words by somebody who is not told."""
        who = comment.author_details
        return self._says_it(comment) and (who is None or who.id is None)

    def _says_it(self, comment: api.Comment) -> bool:
        return api.without_blanks(comment.text or "") == api.without_blanks(self._touchpoint.text)

    def _proof(self, comment: api.Comment) -> tuple[Commented, Evidence]:
        post_urn = ready(self._post).urn
        urn = f"urn:li:comment:({post_urn.removeprefix('urn:li:')},{comment.id})"
        outcome = Commented(post_urn=post_urn, comment_urn=urn)
        return outcome, Evidence("comments", {"comment_urn": urn, "date": comment.date})


def _are_all(comments: list[api.Comment], post: SeenPost) -> bool:
    """Whether the list holds as many comments as the post counts; LinkedIn leaves some out at times."""
    counted = post.raw.comment_counter
    return counted is None or counted <= len(comments) + sum(one.reply_counter or 0 for one in comments)


def is_since(told: str | None, since: datetime, now: datetime) -> Literal["newer", "older", "unknown"]:
    """Whether something so old may be as new as an instant: told in whole spans, the benefit goes to yes.

    Better taken for this run's than written twice.
    """
    found = AGE.fullmatch((told or "").strip())
    if found is None:
        return "unknown"
    count, unit = found.groups()
    least = int(count) * SPANS[unit.lower()] if count else timedelta(0)
    return "newer" if now - least >= since - CLOCK_TOLERANCE else "older"
