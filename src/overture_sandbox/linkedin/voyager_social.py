"""Reactions, comments and follows, in every form the site's pages write and read them."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.bodies import at, json_body, paging, text_at
from overture_sandbox.linkedin.entities import mini_profile
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.relations import following_urn
from overture_sandbox.linkedin.sections import DASH
from overture_sandbox.linkedin.shapes import Json, as_json, rest_answer, rest_error
from overture_sandbox.linkedin.voyager_invite import refusable
from overture_sandbox.world import Member
from overture_sandbox.world.clock import millis
from overture_sandbox.world.model import REACTION_KINDS, Comment, Post, ReactionKind
from overture_sandbox.world.posts import comment_urn

QUERY_ID = re.compile(r"(\w+)\.[0-9a-f]{32}")
COMMENT_URN = re.compile(r"urn:li:comment:\(activity:(\d+),(\d+)\)")
COLLECTION = "com.linkedin.restli.common.CollectionResponse"


def routes() -> list[BaseRoute]:
    """The Voyager endpoints about posts, and about following people."""
    return [
        Route("/voyagerSocialDashReactions", api(_reactions)),
        Route("/voyagerSocialDashReactions", api(_react), methods=["POST"]),
        Route("/voyagerSocialDashNormComments", api(_comment), methods=["POST"]),
        Route("/graphql", api(_execute), methods=["POST"]),
        Route("/feed/comments", api(_comments)),
        Route("/feed/comments/{urn}", api(_delete_comment), methods=["DELETE"]),
        Route("/feed/dash/followingStates/{urn}", api(_set_following), methods=["POST"]),
    ]


async def _reactions(request: Request, caller: Caller) -> Response:
    """E19: who reacted how; people the world does not know are only in the total."""
    post = _readable(caller, request.query_params.get("threadUrn"))
    if request.query_params.get("q") != "reactionType":
        return rest_error(request, 400)
    if post is None:
        return rest_error(request, 404)
    world, author = caller.world, caller.world.author_of(post)

    def act() -> Response:
        start, count = paging(request, 10)
        found = world.reactions_to(post, world.horizon("reactions", caller.member, author))
        rows = list(reversed(found.items()))[start : start + count]
        included = [_reaction(post, world.members[actor], kind) for actor, kind in rows]
        total = len(found) + post.crowd
        data: Json = {
            "paging": {"start": start, "count": count, "total": total, "links": []},
            "*elements": [one["entityUrn"] for one in included],
            "$type": COLLECTION,
        }
        return rest_answer(request, data, included)

    return await through(Call(request, caller, "reactions", author), act)


def _reaction(post: Post, actor: Member, kind: ReactionKind) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_reaction:({actor.urn},{post.urn},0)",
        "reactionType": kind,
        "actorUrn": actor.urn,
        "reactorLockup": {
            "title": {"text": actor.full_name},
            "navigationUrl": f"https://www.linkedin.com/in/{actor.profile_id}",
        },
        "$type": f"{DASH}.social.Reaction",
    }


async def _react(request: Request, caller: Caller) -> Response:
    """E20, the REST form: 201 without a body."""
    body = await json_body(request)
    post = _readable(caller, request.query_params.get("threadUrn"))
    kind = _kind(text_at(body, "reactionType"))
    if post is None or kind is None:
        return rest_error(request, 400)

    def act() -> Response:
        urn = caller.world.react(caller.member, post, kind, "voyager")
        return Response(b"", 201, headers={"x-restli-id": urn})

    call = Call(request, caller, "react", caller.world.author_of(post))
    return await through(call, refusable(request, act))


async def _execute(request: Request, caller: Caller) -> Response:
    """E20 and E23 over GraphQL; refusals come as 200 with `data.errors`."""
    query = QUERY_ID.fullmatch(request.query_params.get("queryId", ""))
    body = await json_body(request)
    wanted = at(body, "variables")
    post = _readable(caller, text_at(wanted, "threadUrn") or text_at(wanted, "entity", "threadUrn"))
    if query is None or request.query_params.get("action") != "execute":
        return rest_error(request, 400)
    kind = _kind(text_at(wanted, "entity", "reactionType"))
    if query[1] == "voyagerSocialDashReactions" and post is not None and kind is not None:
        return await _execute_reaction(request, caller, post, kind)
    text = text_at(wanted, "entity", "commentary", "text")
    if query[1] == "voyagerSocialDashNormComments" and post is not None and text:
        return await _write_comment(request, caller, post, text)
    return as_json({"data": {"errors": [{"message": "Bad request", "extensions": {"status": 400}}]}})


async def _execute_reaction(request: Request, caller: Caller, post: Post, kind: ReactionKind) -> Response:
    def act() -> Response:
        urn = caller.world.react(caller.member, post, kind, "voyager")
        made = {"resourceKey": urn, "entity": {"entityUrn": urn, "reactionType": kind}}
        return as_json({"data": {"data": {"createSocialDashReactions": made}}, "included": []})

    return await through(Call(request, caller, "react", caller.world.author_of(post)), act)


async def _comments(request: Request, caller: Caller) -> Response:
    """E22: the comments of a post, oldest first; `urn:li:share:` gives an empty list."""
    name = request.query_params.get("updateId", "")
    post = _readable(caller, name)
    if request.query_params.get("q") != "comments":
        return rest_error(request, 400)
    if post is None:
        return rest_error(request, 404)
    world, author = caller.world, caller.world.author_of(post)

    def act() -> Response:
        start, count = paging(request, 10)
        horizon = world.horizon("comments", caller.member, author)
        rows = [] if ":share:" in name else world.comments_on(post, horizon)
        page = rows[start : start + count]
        included = [_legacy_comment(post, one, world.members[one.author_id]) for one in page]
        people = {one.author_id: mini_profile(world.members[one.author_id]) for one in page}
        data: Json = {
            "metadata": {"updatedCommentCount": len(rows)},
            "paging": {"start": start, "count": count, "total": len(rows), "links": []},
            "*elements": [one["entityUrn"] for one in included],
            "$type": COLLECTION,
        }
        return rest_answer(request, data, [*included, *people.values()])

    return await through(Call(request, caller, "comments", author), act)


def _legacy_comment(post: Post, comment: Comment, author: Member) -> Json:
    urn = comment_urn(post, comment)
    return {
        "entityUrn": f"urn:li:fs_objectComment:({comment.number},activity:{post.number})",
        "urn": urn,
        "dashEntityUrn": _dash_urn(post, comment),
        "threadId": f"activity:{post.number}",
        "createdTime": millis(comment.created.at),
        "commentary": {"text": comment.text, "attributes": []},
        "commenter": {
            "*miniProfile": f"urn:li:fs_miniProfile:{author.profile_id}",
            "$type": "com.linkedin.voyager.feed.MemberActor",
        },
        "parentCommentUrn": None,
        "permalink": f"https://www.linkedin.com/feed/update/{post.urn}?commentUrn={urn}",
        "$type": "com.linkedin.voyager.feed.Comment",
    }


async def _comment(request: Request, caller: Caller) -> Response:
    """E23, the older form."""
    body = await json_body(request)
    post = _readable(caller, text_at(body, "threadUrn"))
    text = text_at(body, "commentary", "text")
    if post is None or not text:
        return rest_error(request, 400)
    return await _write_comment(request, caller, post, text)


async def _write_comment(request: Request, caller: Caller, post: Post, text: str) -> Response:
    def act() -> Response:
        made = caller.world.comment(caller.member, post, text, "voyager")
        entity: Json = {
            "entityUrn": _dash_urn(post, made),
            "urn": comment_urn(post, made),
            "commentary": {"text": text, "attributesV2": []},
            "createdAt": millis(made.created.at),
            "$type": f"{DASH}.social.Comment",
        }
        answer = rest_answer(request, {"*value": entity["entityUrn"], "value": entity}, [entity], 201)
        answer.headers["x-restli-id"] = str(entity["entityUrn"])
        return answer

    call = Call(request, caller, "comment", caller.world.author_of(post))
    return await through(call, refusable(request, act))


def _dash_urn(post: Post, comment: Comment) -> str:
    return f"urn:li:fsd_comment:({comment.number},{post.urn})"


async def _delete_comment(request: Request, caller: Caller) -> Response:
    """E24: only this form of the URN is understood, and only of one's own comment."""
    found = COMMENT_URN.fullmatch(request.path_params["urn"])
    post = caller.world.post(found[1]) if found else None
    mine = [
        one
        for one in (post.comments if post else ())
        if found and str(one.number) == found[2] and one.author_id == caller.member.profile_id
    ]
    if post is None or not mine:
        return rest_error(request, 400)

    def act() -> Response:
        caller.world.remove_comment(post, mine[0], "voyager")
        return Response(status_code=204)

    return await through(Call(request, caller, "comment", caller.world.author_of(post)), act)


async def _set_following(request: Request, caller: Caller) -> Response:
    """E25, the dash form: a patch of the following state."""
    body = await json_body(request)
    wanted = at(body, "patch", "$set", "following")
    target = caller.world.member(request.path_params["urn"])
    if target is None or not isinstance(wanted, bool):
        return rest_error(request, 400)

    def act() -> Response:
        caller.world.follow(caller.member, target, "voyager", is_on=wanted)
        return Response(status_code=204)

    return await through(Call(request, caller, "follow", target), refusable(request, act))


async def sdui_reaction(request: Request, caller: Caller, payload: object) -> Response:
    """E20 and E21 as server requests: `reactions.create` and `reactions.delete`."""
    post = _sdui_thread(caller, payload)
    is_new = request.query_params.get("sduiid") == REACTIONS_CREATE
    kind = _kind((text_at(payload, "reactionType") or "").removeprefix("ReactionType_"))
    if post is None or (is_new and kind is None):
        return as_json({"status": 500}, 500)

    def act() -> Response:
        if kind is not None and is_new:
            urn = caller.world.react(caller.member, post, kind, "sdui")
            return as_json({"value": {"reactionUrn": urn}, "requestId": REACTIONS_CREATE})
        caller.world.unreact(caller.member, post, "sdui")
        return as_json({"value": {}, "requestId": REACTIONS_DELETE})

    call = Call(request, caller, "react", caller.world.author_of(post))
    return await through(call, refusable(request, act))


async def sdui_comment(request: Request, caller: Caller, payload: object) -> Response:
    """E23 as the newer pages send it; without the state of the page it came from it is a 500."""
    post = _sdui_thread(caller, payload)
    text = text_at(payload, "commentary", "text")
    if post is None or not text or not at(payload, "renderState"):
        return as_json({"status": 500}, 500)

    def act() -> Response:
        made = caller.world.comment(caller.member, post, text, "sdui")
        urn = f"urn:li:comment:({post.urn},{made.number})"
        return as_json({"value": {"commentUrn": urn}, "requestId": CREATE_COMMENT})

    call = Call(request, caller, "comment", caller.world.author_of(post))
    return await through(call, refusable(request, act))


async def sdui_follow(request: Request, caller: Caller, payload: object) -> Response:
    """E25 as a server request."""
    number = at(payload, "memberUrn", "memberId")
    target = caller.world.member(str(number)) if number else None
    state = text_at(payload, "followStateType") or ""
    if target is None or state not in ("FollowStateType_FOLLOW_ACTIVE", "FollowStateType_INACTIVE"):
        return as_json({"status": 500}, 500)

    def act() -> Response:
        caller.world.follow(caller.member, target, "sdui", is_on=state.endswith("_FOLLOW_ACTIVE"))
        value = {"followingState": following_urn(target)}
        return as_json({"value": value, "requestId": UPDATE_FOLLOW_STATE})

    return await through(Call(request, caller, "follow", target), refusable(request, act))


REACTIONS_CREATE = "com.linkedin.sdui.reactions.create"
REACTIONS_DELETE = "com.linkedin.sdui.reactions.delete"
CREATE_COMMENT = "com.linkedin.sdui.comments.createComment"
UPDATE_FOLLOW_STATE = "com.linkedin.sdui.requests.mynetwork.addaUpdateFollowState"
SERVER_REQUESTS = {
    REACTIONS_CREATE: sdui_reaction,
    REACTIONS_DELETE: sdui_reaction,
    CREATE_COMMENT: sdui_comment,
    UPDATE_FOLLOW_STATE: sdui_follow,
}


def _readable(caller: Caller, name: str | None) -> Post | None:
    """The post of this URN, unless it was deleted."""
    post = caller.world.post(name) if name else None
    return None if post is None or post.deleted else post


def _sdui_thread(caller: Caller, payload: object) -> Post | None:
    number = at(payload, "threadUrn", "threadUrnActivityThreadUrn", "activityUrn", "activityId")
    return _readable(caller, str(number)) if number else None


def _kind(name: str | None) -> ReactionKind | None:
    return next((kind for kind in REACTION_KINDS if kind == name), None)
