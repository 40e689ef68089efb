"""Posts, comments, reactions."""

from typing import Any

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag, Moment


class Author(Lenient):
    """Who wrote a post."""

    id: str | None = None
    public_identifier: str | None = None
    name: str | None = None
    is_company: Flag = None
    headline: str | None = None


class Permissions(Lenient):
    """What the account may do with a post."""

    can_react: Flag = None
    can_share: Flag = None
    can_post_comments: Flag = None


class Post(Lenient):
    """A post; `social_id` is what comments and reactions are addressed to."""

    id: str
    social_id: str | None = None
    share_url: str | None = None
    title: str | None = None
    text: str | None = None
    date: str | None = None  # relative text
    parsed_datetime: Moment = None
    reaction_counter: int | None = None
    comment_counter: int | None = None
    repost_counter: int | None = None
    impressions_counter: int | None = None
    user_reacted: str | None = None
    author: Author | None = None
    permissions: Permissions | None = None
    is_repost: Flag = None
    repost_id: str | None = None
    repost_content: dict[str, Any] | None = None
    attachments: list[dict[str, Any]] | None = None
    poll: dict[str, Any] | None = None
    group: dict[str, Any] | None = None
    analytics: dict[str, Any] | None = None


class CommentAuthor(Lenient):
    """Who wrote a comment."""

    id: str | None = None
    headline: str | None = None
    profile_url: str | None = None
    network_distance: str | None = None


class Comment(Lenient):
    """A comment, or a reply to one."""

    id: str
    post_id: str | None = None
    post_urn: str | None = None
    thread_id: str | None = None
    author: str | None = None
    author_details: CommentAuthor | None = None
    date: str | None = None
    text: str | None = None
    reaction_counter: int | None = None
    reply_counter: int | None = None


class Reactor(Lenient):
    """Who reacted."""

    id: str | None = None
    type: str | None = None
    name: str | None = None
    headline: str | None = None
    profile_url: str | None = None
    network_distance: str | None = None


class PostReaction(Lenient):
    """One reaction on a post or a comment."""

    value: str | None = None
    post_id: str | None = None
    comment_id: str | None = None
    author: Reactor | None = None


class CommentSent(Done):
    """A comment was accepted; its id is not promised."""

    comment_id: str | None = None


class PostCreated(Done):
    """A post was published; its id may be null."""

    post_id: str | None = None
