"""Posts: read, commented, reacted to, published."""

from collections.abc import Mapping, Sequence

from overture.providers.unipile.client.encoding import (
    Attachment,
    bounded,
    file_parts,
    given,
    json_part,
    text_parts,
)
from overture.providers.unipile.client.errors import ContentInvalid, Refusal
from overture.providers.unipile.client.identifiers import path_part, post_identifier
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.posts import (
    Comment,
    CommentSent,
    Post,
    PostCreated,
    PostReaction,
)
from overture.providers.unipile.client.notes import COMMENT_LIMIT, text_length
from overture.providers.unipile.client.pages import Bounds, Walk
from overture.providers.unipile.client.resources.base import Resource, act, act_in_parts, live
from overture.providers.unipile.client.vocabulary import Reaction


class Posts(Resource):
    """Posts; comments and reactions are addressed to a post's `social_id`."""

    async def get(self, account_id: str, post: str) -> Post:
        """A post, by URL, URN or id."""
        path = f"/posts/{path_part(post_identifier(post))}"
        return await self._ask(Post, live(path, "posts.get", account_id))

    def iter_comments(
        self,
        account_id: str,
        social_id: str,
        bounds: Bounds[Comment] | None = None,
        *,
        comment_id: str | None = None,
    ) -> Walk[Comment]:
        """Comments on a post, or the replies to one of them."""
        path, limit = f"/posts/{path_part(social_id)}/comments", bounded(100, 100)
        call = live(path, "posts.comments", account_id, limit=limit, comment_id=comment_id)
        return self._walk(Comment, call, bounds)

    def iter_reactions(
        self,
        account_id: str,
        social_id: str,
        bounds: Bounds[PostReaction] | None = None,
        *,
        comment_id: str | None = None,
    ) -> Walk[PostReaction]:
        """Reactions on a post, or on one of its comments."""
        path, limit = f"/posts/{path_part(social_id)}/reactions", bounded(100, 100)
        call = live(path, "posts.reactions", account_id, limit=limit, comment_id=comment_id)
        return self._walk(PostReaction, call, bounds)

    async def comment(
        self,
        account_id: str,
        social_id: str,
        text: str,
        *,
        comment_id: str | None = None,
        mentions: Sequence[Mapping[str, object]] = (),
    ) -> CommentSent:
        """Comment on a post, or reply to a comment; mentions stand in the text as `{{0}}`."""
        if not 1 <= text_length(text) <= COMMENT_LIMIT:
            raise _unfit(account_id, social_id)
        wish = given(
            account_id=account_id,
            text=text,
            comment_id=comment_id,
            mentions=[dict(one) for one in mentions] or None,
        )
        path = f"/posts/{path_part(social_id)}/comments"
        return await self._ask(CommentSent, act(path, "posts.comment", account_id, wish, "CommentSent"))

    async def react(
        self,
        account_id: str,
        social_id: str,
        reaction: Reaction | str = Reaction.LIKE,
        *,
        comment_id: str | None = None,
    ) -> Done:
        """React to a post or a comment; there is no way back but the raw one."""
        kind = Reaction(reaction).value
        wish = given(account_id=account_id, post_id=social_id, reaction_type=kind, comment_id=comment_id)
        return await self._ask(Done, act("/posts/reaction", "posts.react", account_id, wish, "ReactionAdded"))

    async def publish(
        self,
        account_id: str,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        mentions: Sequence[Mapping[str, object]] = (),
        as_organization: str | None = None,
    ) -> PostCreated:
        """Publish a post."""
        parts = [
            *text_parts(account_id=account_id, text=text, as_organization=as_organization),
            *json_part("mentions", [dict(one) for one in mentions] or None),
            *file_parts(attachments),
        ]
        call = act_in_parts("/posts", "posts.publish", account_id, parts, "PostCreated")
        return await self._ask(PostCreated, call)


def _unfit(account_id: str, social_id: str) -> ContentInvalid:
    """Refused here, before anything was sent."""
    return ContentInvalid(
        Refusal(
            method="POST",
            path=f"/posts/{social_id}/comments",
            account_id=account_id,
            type="errors/too_many_characters",
            title="Too many characters",
            detail=f"a comment has 1 to {COMMENT_LIMIT} characters; nothing was sent",
        )
    )
