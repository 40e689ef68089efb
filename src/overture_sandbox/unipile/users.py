"""People: profiles, the account's owner, relations and followers, and what somebody posts and says."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from overture_sandbox.unipile.call import Call
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import MEMBER_ID, Product
from overture_sandbox.unipile.paging import POSTS, RELATIONS, page_at, place_of
from overture_sandbox.unipile.posts import comment_json, post_json, reaction_json
from overture_sandbox.unipile.profiles import SECTIONS, owner_profile, profile, relation, url_of
from overture_sandbox.world import Member
from overture_sandbox.world.model import Post

Json = dict[str, Any]
PREVIEW = "_preview"


def doors() -> list[Door]:
    """The routes about people; the fixed paths come before the one that takes any identifier."""
    return [
        Door("GET", "/users/me", "me", _me),
        Door("GET", "/users/relations", "relations", _relations),
        Door("GET", "/users/followers", "followers", _followers),
        Door("GET", "/users/following", "following", _following),
        Door("GET", "/users/{identifier}/posts", "user.posts", _posts),
        Door("GET", "/users/{identifier}/comments", "user.comments", _comments),
        Door("GET", "/users/{identifier}/reactions", "user.reactions", _reactions),
        Door("GET", "/users/{identifier}", "user", _profile),
    ]


def reachable(member: Member | None) -> Member:
    """Somebody whose profile this account can open."""
    if member is None or member.deleted or member.unavailable or member.inaccessible:
        raise ApiError("invalid_recipient")
    return member


def by_internal_id(call: Call, identifier: str) -> Member:
    """The person of an internal id; a slug is none."""
    return reachable(call.tenant.member(identifier) if MEMBER_ID.match(identifier) else None)


def _me(call: Call) -> Json:
    return owner_profile(call.tenant, call.account)


def _profile(call: Call) -> Json:
    """A profile by any identifier; with `notify` the person sees that one was there."""
    identifier = call.path("identifier")
    product: Product = "classic"
    match call.query("linkedin_api"):
        case None:
            pass
        case "sales_navigator" | "recruiter" as wanted:
            product = wanted
        case _:
            raise ApiError("invalid_parameters", "linkedin_api must be recruiter or sales_navigator.")
    if not call.tenant.has(call.account, product):
        raise ApiError("feature_not_subscribed")
    found = _stranger(call) if "?" in identifier else call.tenant.member(identifier)
    if found is None and MEMBER_ID.match(identifier) is None:
        raise not_found("User")
    member = reachable(found)
    sections = _sections(call)
    if call.flag("notify"):
        call.world.visit(call.me, member, "unipile")
    if not call.is_hit("throttled_sections"):
        return profile(call.tenant, call.account, member, product, sections)
    empty = profile(call.tenant, call.account, _bare(member), product, sections)
    return empty | {"throttled_sections": sorted(sections)}


def _stranger(call: Call) -> Member | None:
    """What an identifier with the query of its address leads to: somebody else, as seen in production."""
    meant = call.tenant.member(call.path("identifier").partition("?")[0])
    return next((one for one in call.world.members.values() if one not in (meant, call.me)), None)


def _bare(member: Member) -> Member:
    """The same person as a throttled session shows them: sections without a row."""
    return replace(
        member, positions=[], educations=[], skills=[], languages=[], certifications=[], summary=None
    )


def _sections(call: Call) -> set[str]:
    """The sections that are wanted, given repeatedly, with commas, as `*` or as previews."""
    given = [
        one.strip()
        for value in call.request.query_params.getlist("linkedin_sections")
        for one in value.split(",")
    ]
    wanted: set[str] = set()
    for name in filter(None, given):
        plain = name.removesuffix(PREVIEW)
        if plain == "*":
            wanted |= set(SECTIONS)
        elif plain in SECTIONS:
            wanted.add(plain)
        else:
            raise ApiError("invalid_parameters", f"linkedin_sections: {name} is unknown.")
    return wanted


def _relations(call: Call) -> Json:
    """Connections, the last one made first."""
    words = (call.query("filter") or "").casefold()
    place = place_of(call, RELATIONS, "startIndex", {"filter": words} if words else {})
    horizon = call.world.horizon("unipile:relations", call.me)
    rows = call.world.connections_of(call.me, horizon)
    words = str(place.bound.get("filter", ""))
    if words:
        rows = [row for row in rows if words in row[0].full_name.casefold()]
    page = page_at(call, place, rows)
    items = [relation(call.tenant, member, since) for member, since in page.rows]
    return {"object": "UserRelationsList", "items": items, "cursor": page.cursor}


def _followers(call: Call) -> Json:
    return _follow_list(
        call, "Follower", [one for one, on in _follows(call, "follower_id", "followed_id") if on]
    )


def _following(call: Call) -> Json:
    return _follow_list(
        call, "Following", [one for one, on in _follows(call, "followed_id", "follower_id") if on]
    )


def _follows(call: Call, other: str, mine: str) -> list[tuple[Member, bool]]:
    """Everybody on the other end of a follow, newest first, and whether it is still on."""
    last: dict[str, bool] = {}
    for one in reversed(call.world.followings):
        if getattr(one, mine) == call.me.profile_id:
            last.setdefault(getattr(one, other), one.is_on)
    return [(call.world.members[who], is_on) for who, is_on in last.items()]


def _follow_list(call: Call, kind: str, people: list[Member]) -> Json:
    page = page_at(call, place_of(call, RELATIONS, "startIndex", {}), people)
    items = [
        {
            "object": f"User{kind}",
            "id": one.profile_id,
            "public_identifier": one.slug,
            "name": one.full_name,
            "headline": one.headline,
            "profile_url": url_of(one),
        }
        for one in page.rows
    ]
    return {"object": f"User{kind}sList", "items": items, "cursor": page.cursor}


def _posts(call: Call) -> Json:
    """What somebody published, newest first; of companies nothing is known here."""
    if call.flag("is_company"):
        return {"object": "PostList", "items": [], "cursor": None, "paging": {"page_count": 0}}
    author = by_internal_id(call, call.path("identifier"))
    mine = [
        one for one in call.world.posts.values() if one.author_id == author.profile_id and not one.deleted
    ]
    rows = sorted(mine, key=lambda one: one.created.commit, reverse=True)
    page = page_at(call, place_of(call, POSTS, "start", _bound(call, author)), rows)
    return {
        "object": "PostList",
        "items": [post_json(call.tenant, call.account, one) for one in page.rows],
        "cursor": page.cursor,
        "paging": {"page_count": len(page.rows)},
    }


def _bound(call: Call, member: Member) -> Json:
    return {"account_id": call.account.id, "user_id": member.profile_id}


def _comments(call: Call) -> Json:
    """What somebody said under posts, newest first."""
    author = by_internal_id(call, call.path("identifier"))
    rows = [
        (one.created.commit, post, one)
        for post in call.world.posts.values()
        for one in post.comments
        if one.author_id == author.profile_id and not post.deleted
    ]
    rows.sort(key=lambda row: row[0], reverse=True)
    page = page_at(call, place_of(call, POSTS, "start", _bound(call, author)), rows)
    items = [comment_json(call.tenant, call.account, post, one) for _, post, one in page.rows]
    return {
        "object": "CommentList",
        "items": items,
        "cursor": page.cursor,
        "total_items": len(rows),
        "paging": {"start": page.start, "page_count": len(items), "total_count": len(rows)},
    }


def _reactions(call: Call) -> Json:
    """What somebody reacted to."""
    author = by_internal_id(call, call.path("identifier"))
    rows: list[tuple[datetime, Post, str]] = []
    for post in call.world.posts.values():
        kind = None if post.deleted else call.world.reaction_of(post, author)
        if kind is not None:
            last = max(one.at.at for one in post.reactions if one.actor_id == author.profile_id)
            rows.append((last, post, kind))
    rows.sort(key=lambda row: row[0], reverse=True)
    page = page_at(call, place_of(call, POSTS, "start", _bound(call, author)), rows)
    items = [reaction_json(call.tenant, call.account, post, author, kind) for _, post, kind in page.rows]
    return {
        "object": "PostReactionList",
        "items": items,
        "cursor": page.cursor,
        "paging": {"page_count": len(items)},
    }
