"""Posts: reading one, its comments and reactions, and adding to them."""

from typing import Any, Final

from overture_sandbox.unipile.call import Call, ago, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.paging import POSTS, page_at, place_of
from overture_sandbox.unipile.profiles import DEGREES, url_of
from overture_sandbox.unipile.tenant import Account, Tenant
from overture_sandbox.world import Member
from overture_sandbox.world.model import Comment, Post, ReactionKind

Json = dict[str, Any]
LONGEST_COMMENT: Final = 1250
REACTIONS: Final[dict[str, ReactionKind]] = {
    "like": "LIKE",
    "celebrate": "PRAISE",
    "support": "APPRECIATION",
    "love": "EMPATHY",
    "insightful": "INTEREST",
    "funny": "ENTERTAINMENT",
}


def doors() -> list[Door]:
    """The routes about posts."""
    return [
        Door("POST", "/posts", "post.create", _create, status=201),
        Door("POST", "/posts/reaction", "react", _react, status=201),
        Door("GET", "/posts/{post_id}", "post", _show),
        Door("GET", "/posts/{post_id}/comments", "comments", _comments),
        Door("POST", "/posts/{post_id}/comments", "comment", _comment, status=201),
        Door("GET", "/posts/{post_id}/reactions", "reactions", _reactions),
    ]


def post_json(tenant: Tenant, account: Account, post: Post) -> Json:
    """A post as an account sees it."""
    world, me = tenant.world, tenant.owner(account)
    author = world.author_of(post)
    reactions = world.reactions_to(post)
    shown: Json = {
        "object": "Post",
        "provider": "LINKEDIN",
        "id": str(post.number),
        "social_id": post.urn,
        "share_url": f"https://www.linkedin.com/feed/update/{post.urn}",
        "text": post.text,
        "date": ago(post.created.at, world.clock.now()),
        "parsed_datetime": stamp(post.created.at),
        "reaction_counter": len(reactions) + post.crowd,
        "comment_counter": len(post.comments),
        "repost_counter": 0,
        "impressions_counter": 0,
        "author": {
            "public_identifier": author.slug,
            "id": author.profile_id,
            "name": author.full_name,
            "is_company": False,
            "headline": author.headline,
        },
        "permissions": {
            "can_react": True,
            "can_share": True,
            "can_post_comments": world.may_comment(me, post),
        },
        "is_repost": False,
        "attachments": [],
    }
    mine = reactions.get(me.profile_id)
    return shown | ({"user_reacted": mine} if mine else {})


def comment_json(tenant: Tenant, account: Account, post: Post, comment: Comment) -> Json:
    """A comment under a post."""
    world = tenant.world
    author = world.members[comment.author_id]
    found = world.relationship(tenant.owner(account), author)
    return {
        "object": "Comment",
        "id": str(comment.number),
        "post_id": post.urn,
        "post_urn": post.urn,
        "author": author.full_name,
        "author_details": {
            "id": author.profile_id,
            "headline": author.headline,
            "profile_url": url_of(author),
            "network_distance": DEGREES[found.degree],
        },
        "date": ago(comment.created.at, world.clock.now()),
        "text": comment.text,
        "reaction_counter": 0,
        "reply_counter": 0,
    }


def reaction_json(tenant: Tenant, account: Account, post: Post, author: Member, kind: str) -> Json:
    """A reaction to a post."""
    found = tenant.world.relationship(tenant.owner(account), author)
    return {
        "object": "PostReaction",
        "value": kind,
        "post_id": post.urn,
        "author": {
            "id": author.profile_id,
            "type": "INDIVIDUAL",
            "name": author.full_name,
            "headline": author.headline,
            "profile_url": url_of(author),
            "network_distance": DEGREES[found.degree],
        },
    }


def _found(call: Call, name: str) -> Post:
    post = call.world.post(name)
    if post is None or post.deleted:
        raise not_found("Post")
    return post


def _social(call: Call, name: str) -> Post:
    """The post of a social id, or of its number: other URNs of the post only serve to read it."""
    post = _found(call, name)
    if name not in (post.urn, str(post.number)):
        raise ApiError("invalid_post")
    return post


def _show(call: Call) -> Json:
    return post_json(call.tenant, call.account, _found(call, call.path("post_id")))


def _comments(call: Call) -> Json:
    """The comments under a post, newest first; none has replies here."""
    post = _social(call, call.path("post_id"))
    horizon = call.world.horizon("unipile:comments", call.me)
    rows = [] if call.query("comment_id") else list(reversed(call.world.comments_on(post, horizon)))
    page = page_at(call, place_of(call, POSTS, "start", _bound(call, post)), rows)
    items = [comment_json(call.tenant, call.account, post, one) for one in page.rows]
    return {
        "object": "CommentList",
        "items": items,
        "cursor": page.cursor,
        "total_items": len(rows),
        "paging": {"start": page.start, "page_count": len(items), "total_count": len(rows)},
    }


def _bound(call: Call, post: Post) -> Json:
    return {"account_id": call.account.id, "post_id": post.urn}


def _reactions(call: Call) -> Json:
    """Who reacts how; the cursor is inside `paging`."""
    post = _social(call, call.path("post_id"))
    horizon = call.world.horizon("unipile:reactions", call.me)
    rows = list(call.world.reactions_to(post, horizon).items())
    page = page_at(call, place_of(call, POSTS, "start", _bound(call, post)), rows)
    items = [
        reaction_json(call.tenant, call.account, post, call.world.members[who], kind)
        for who, kind in page.rows
    ]
    paging = {"cursor": page.cursor, "start": page.start, "page_count": len(items), "total_count": len(rows)}
    return {"object": "PostReactionList", "items": items, "paging": paging}


def _comment(call: Call) -> Json:
    text = call.words("text")
    if not text:
        raise ApiError("missing_parameters", "text is required.")
    if len(text) > LONGEST_COMMENT:
        raise ApiError("too_many_characters")
    call.world.comment(call.me, _social(call, call.path("post_id")), text, "unipile")
    return {"object": "CommentSent"}


def _react(call: Call) -> Json:
    """React to a post; the words are not those it is read back with."""
    kind = REACTIONS.get(call.text("reaction_type") or "like")
    if kind is None:
        raise ApiError("invalid_parameters", f"reaction_type must be one of {', '.join(REACTIONS)}.")
    call.world.react(call.me, _social(call, call.needed("post_id")), kind, "unipile")
    return {"object": "ReactionAdded"}


def _create(call: Call) -> Json:
    text = call.words("text")
    if not text:
        raise ApiError("missing_parameters", "text is required.")
    post = call.world.publish(call.me, text, "unipile")
    return {"object": "PostCreated", "post_id": None if call.tenant.settings.null_ids else str(post.number)}
