"""Comment: write under a post, once; proved by a new comment of ours, never by what the box shows."""

from datetime import datetime, timedelta
from uuid import UUID

from overture.providers.linkedin_browser.comment_box import CommentBox, open_comment_box
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.looks import CLOCK_TOLERANCE, keep_looking
from overture.providers.linkedin_browser.member_write import ready
from overture.providers.linkedin_browser.post_page import PostPage, open_post
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.text import canonical
from overture.providers.linkedin_browser.verdict import carried_out
from overture.providers.linkedin_browser.voyager.posts import PostComment, read_comments
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


@writes
class CommentWrite:
    """One comment under way."""

    def __init__(self, desk: Desk, touchpoint: Comment, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._post: PostPage | None = None
        self._box: CommentBox | None = None
        self._known: frozenset[str] = frozenset()
        self._skew = timedelta(0)
        self._since: datetime | None = None

    async def prepare(self) -> Outcome | None:
        """Find the post, note the comments there are, and fill the comment box.

        The same words by this account may be there already; whoever asks for a comment gets a new one.
        """
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        before = await read_comments(self._desk.client, post.urn)
        self._known = frozenset(comment.urn for comment in before.items)
        self._skew = before.skew
        self._box = await open_comment_box(self._desk, post)
        await self._box.write(self._touchpoint.text)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to in private: there is no thread to read."""

    async def act(self, intent: Intent) -> Accepted:
        """Post it once; LinkedIn's answer to the request it makes is the verdict."""
        post, box = ready(self._post), ready(self._box)
        charge = Charge(
            "comment",
            profile_id="",
            member_id=None,
            text=self._touchpoint.text,
            token=intent.token,
            release_before=intent.act_before,
            thread_urns=post.urns,
        )
        self._since = self._desk.clock.now() + self._skew - CLOCK_TOLERANCE
        return await carried_out(self._desk, charge, box.submit)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """A comment that was not there before, ours, with these words, as LinkedIn lists it."""
        return await keep_looking(self._desk, self._new_one)

    async def abandon(self) -> None:
        """Leave no draft behind."""
        if self._box is not None:
            await self._desk.tidy(self._box.clear)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Comments carry no token of ours: one of ours with these words since the intent is this one."""
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        comments = await read_comments(self._desk.client, post.urn)
        since = intended_at + comments.skew - CLOCK_TOLERANCE
        for comment in comments.items:
            if comment.created_at >= since and self._is_ours(comment):
                return ReadBack("found", *self._proof(comment))
        return ReadBack("absent" if comments.covers(since) else "cannot_tell")

    async def _new_one(self) -> tuple[Commented, Evidence] | None:
        """Not among those read before, nor older than the act: what was read may not have been all."""
        comments = await read_comments(self._desk.client, ready(self._post).urn)
        for comment in comments.items:
            is_new = self._since is not None and comment.created_at >= self._since
            if is_new and comment.urn not in self._known and self._is_ours(comment):
                return self._proof(comment)
        return None

    def _is_ours(self, comment: PostComment) -> bool:
        is_same = canonical(comment.text) == canonical(self._touchpoint.text)
        return is_same and comment.author_id == self._desk.me

    def _proof(self, comment: PostComment) -> tuple[Commented, Evidence]:
        outcome = Commented(post_urn=ready(self._post).urn, comment_urn=comment.urn)
        facts = {"comment_urn": comment.urn, "created_at": comment.created_at.isoformat()}
        return outcome, Evidence("comments", facts)
