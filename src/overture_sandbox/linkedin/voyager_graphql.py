"""Reading people over GraphQL: the top card with its buttons, and the contact details."""

import re

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin import restli
from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.relations import following_urn, graphql_relationship, stateful_actions
from overture_sandbox.linkedin.sections import DASH, PROFILE_TYPE
from overture_sandbox.linkedin.shapes import Json, graphql_answer, rest_error
from overture_sandbox.linkedin.voyager_profile import shares_contact, unreadable
from overture_sandbox.linkedin.voyager_search import people_clusters
from overture_sandbox.world import Member
from overture_sandbox.world.ids import compose_option_urn

QUERY_ID = re.compile(r"(\w+)\.([0-9a-f]{32})")
CONTACT_INFO = "c7452e58fa37646d09dae4920fc5b4b9"
RECIPE = "com.linkedin.6d5e727dbfe12b7a6d15b0137cfc9bf8"


def routes() -> list[BaseRoute]:
    """The generic GraphQL endpoint."""
    return [Route("/graphql", api(_graphql))]


async def _graphql(request: Request, caller: Caller) -> Response:
    """E3, E5, E18: people one by one or searched for; any other query id counts as rotated away."""
    query = QUERY_ID.fullmatch(request.query_params.get("queryId", ""))
    wanted = restli.variables(request)
    if query is None or caller.login.stale_queries:
        return rest_error(request, 400)
    if query[1] == "voyagerSearchDashClusters":
        return await people_clusters(request, caller, wanted)
    name = restli.text(wanted, "vanityName") or restli.text(wanted, "memberIdentity")
    if query[1] != "voyagerIdentityDashProfiles" or not name:
        return rest_error(request, 400)
    target = caller.world.member(name)
    is_contact = query[2] == CONTACT_INFO

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None:
            return refusal or rest_error(request, 404)
        if target.unavailable:
            return graphql_answer(request, _found(), [])
        entities = [_contact_card(caller, target)] if is_contact else _top_card(caller, target)
        return graphql_answer(request, _found(target), entities)

    return await through(Call(request, caller, "contact_info" if is_contact else "profile", target), act)


def _found(*targets: Member) -> Json:
    page = {
        "*elements": [target.urn for target in targets],
        "$recipeTypes": ["com.linkedin.d60168e7a560040e2548965dcce1745d"],
        "$type": "com.linkedin.restli.common.CollectionResponse",
    }
    return {"identityDashProfilesByMemberIdentity": page, "$recipeTypes": [RECIPE], "$type": RECIPE}


def _top_card(caller: Caller, target: Member) -> list[Json]:
    world, viewer = caller.world, caller.member
    found = world.relationship(viewer, target, world.horizon("profile", viewer, target))
    profile = {
        "entityUrn": target.urn,
        "objectUrn": f"urn:li:member:{target.number}",
        "publicIdentifier": target.slug,
        "firstName": target.first_name,
        "lastName": target.last_name,
        "headline": target.headline,
        "creator": target.creator,
        "emailRequired": target.email_required,
        "memorialized": target.memorialized,
        "*memberRelationship": f"urn:li:fsd_memberRelationship:{target.profile_id}",
        "*followingState": following_urn(target),
        "*edgeSetting": f"urn:li:fsd_edgeSetting:{target.urn}",
        "connections": _connections_count(target),
        "profileStatefulProfileActions": stateful_actions(target, found),
        "$type": f"{PROFILE_TYPE}.Profile",
    }
    if caller.login.relationship_hidden:
        del profile["*memberRelationship"]
        return [profile, _following(target, found.state == "connected")]
    return [
        profile,
        *graphql_relationship(viewer, target, found),
        _compose_option(caller, target),
        _following(target, world.is_following(viewer, target, world.horizon("profile", viewer, target))),
        _edge_setting(target),
    ]


def _connections_count(target: Member) -> Json:
    total = {"start": 0, "count": 1, "total": target.connections_count}
    return {
        "paging": {**total, "$type": "com.linkedin.restli.common.CollectionMetadata"},
        "*elements": [],
        "$type": "com.linkedin.restli.common.CollectionResponse",
    }


def _compose_option(caller: Caller, target: Member) -> Json:
    kind, paid, existing = compose_choice(caller, target)
    text = {
        "text": "Message",
        "accessibilityText": f"Message {target.first_name}",
        "textDirection": "USER_LOCALE",
        "attributesV2": [],
        "$type": f"{DASH}.common.text.TextViewModel",
    }
    context = {
        "*recipient": [target.urn],
        "paidInMail": paid,
        "existingConversation": existing,
        "messageRequestContextUrn": None,
        "targetUrl": "https://www.linkedin.com/premium/products/" if kind == "UPSELL" else None,
        "$type": f"{DASH}.messaging.compose.ComposeNavigationContext",
    }
    return {
        "entityUrn": compose_option_urn(target.profile_id),
        "composeOptionType": kind,
        "composeNavigationContext": context,
        "displayText": text,
        "$type": f"{DASH}.messaging.compose.ComposeOption",
    }


def compose_choice(caller: Caller, target: Member) -> tuple[str, bool, str | None]:
    """How the account may write to somebody: the kind, whether it costs, and the thread there already is."""
    world, viewer = caller.world, caller.member
    if world.may_message(viewer, target):
        thread = world.conversation_between(viewer, target)
        if thread is None:
            return "CONNECTION_MESSAGE", False, None
        return "REPLY", False, f"urn:li:msg_conversation:({viewer.urn},{thread.thread_id})"
    if viewer.premium:
        return "PREMIUM_INMAIL", world.inmail_terms(viewer, target).cost > 0, None
    return "UPSELL", False, None


def _following(target: Member, following: bool) -> Json:
    return {
        "entityUrn": following_urn(target),
        "following": following,
        "followerCount": target.followers_count,
        "preDashFollowingInfoUrn": f"urn:li:fs_followingInfo:urn:li:member:{target.profile_id}",
        "$type": f"{DASH}.feed.FollowingState",
    }


def _edge_setting(target: Member) -> Json:
    return {
        "entityUrn": f"urn:li:fsd_edgeSetting:{target.urn}",
        "selectedOptionType": "HIGHLIGHTS",
        "title": "Highlights",
        "$type": f"{DASH}.identity.notifications.edgesetting.EdgeSetting",
    }


def _contact_card(caller: Caller, target: Member) -> Json:
    """Contact details: only connections share their address and number."""
    is_open = shares_contact(caller, target)
    email = {"emailAddress": target.email, "$type": f"{PROFILE_TYPE}.EmailAddress"}
    phone = {
        "type": "MOBILE",
        "phoneNumber": {"number": target.phone, "$type": "com.linkedin.common.PhoneNumber"},
        "$type": f"{PROFILE_TYPE}.PhoneNumber",
    }
    return {
        "entityUrn": target.urn,
        "publicIdentifier": target.slug,
        "firstName": target.first_name,
        "lastName": target.last_name,
        "emailAddress": email if is_open and target.email else None,
        "phoneNumbers": [phone] if is_open and target.phone else None,
        "websites": [
            {"category": "PERSONAL", "label": None, "url": url, "$type": f"{PROFILE_TYPE}.Website"}
            for url in target.websites
        ],
        "twitterHandles": [],
        "ims": [],
        "birthDateOn": None,
        "address": None,
        "weChatContactInfo": None,
        "$type": f"{PROFILE_TYPE}.Profile",
    }
