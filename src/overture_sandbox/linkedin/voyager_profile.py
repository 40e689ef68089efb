"""Reading people over REST: who am I, a whole profile, its small decorations, the degree."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.entities import (
    full_profile,
    mini_profile,
    top_card_profile,
    viewer_profile,
)
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.relations import rest_relationship
from overture_sandbox.linkedin.sections import section_entities
from overture_sandbox.linkedin.shapes import Json, rest_answer, rest_error
from overture_sandbox.world import Member

FULL_DECORATIONS = ("FullProfileWithEntities", "FullProfile-", "TopCardComplete")
RELATED_DECORATIONS = ("TopCardSupplementary", "WebTopCardCore")
IDENTITY = "com.linkedin.voyager.identity"


def routes() -> list[BaseRoute]:
    """The REST endpoints about people."""
    return [
        Route("/me", api(_me)),
        Route("/identity/dash/profiles", api(_profile)),
        Route("/identity/profiles/{name}/networkinfo", api(_network_info)),
        Route("/identity/profiles/{name}/memberBadges", api(_badges)),
        Route("/identity/profiles/{name}/profileContactInfo", api(_contact_info)),
        Route("/identity/profiles/{name}/profileView", api(_gone)),
        Route("/relationships/dash/memberRelationships/{urn}", api(_relationship)),
    ]


async def _me(request: Request, caller: Caller) -> Response:
    """E1: the account's own person; everybody's probe of whether the session lives."""

    def act() -> Response:
        me = caller.member
        data: Json = {
            "plainId": me.number,
            "premiumSubscriber": me.premium,
            "*miniProfile": f"urn:li:fs_miniProfile:{me.profile_id}",
            "publicContactInfo": {"$type": f"{IDENTITY}.shared.PublicContactInfo"},
            "$type": "com.linkedin.voyager.common.Me",
        }
        return rest_answer(request, data, [mini_profile(me)])

    return await through(Call(request, caller, "me"), act)


async def _profile(request: Request, caller: Caller) -> Response:
    """E2: somebody's profile by slug or id, as much of it as the decoration asks for."""
    name = request.query_params.get("memberIdentity", "")
    if request.query_params.get("q") != "memberIdentity" or not name:
        return rest_error(request, 400)
    target = caller.world.member(name)

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None:
            return refusal or rest_error(request, 404)
        decoration = request.query_params.get("decorationId", "")
        if target.unavailable:
            return rest_answer(request, _nobody(), [])
        return rest_answer(request, _profile_page(target), profile_entities(caller, target, decoration))

    return await through(Call(request, caller, "profile", target), act)


def unreadable(request: Request, target: Member | None) -> Response | None:
    """404 for people who are not there, 403 for those the account may not see."""
    if target is None or target.deleted:
        return rest_error(request, 404)
    if target.inaccessible:
        return rest_error(request, 403, message="This profile can't be accessed")
    return None


def profile_entities(caller: Caller, target: Member, decoration: str) -> list[Json]:
    """Everything `included` holds for one decoration, alphabetical by type as the site sends it."""
    viewer, world = caller.member, caller.world
    is_full = any(name in decoration for name in FULL_DECORATIONS)
    if not is_full and not any(name in decoration for name in RELATED_DECORATIONS):
        plain = top_card_profile(target)
        del plain["*memberRelationship"]  # a decoration without it says nothing about the relationship
        return [plain]
    found = world.relationship(viewer, target, world.horizon("profile", viewer, target))
    # The viewer comes before the target, so that taking the first profile is wrong here as it is there.
    included = [viewer_profile(viewer)] if found.state == "none" else []
    profile = full_profile(target) if is_full else top_card_profile(target)
    included += [profile, *(section_entities(target) if is_full else [])]
    if caller.login.relationship_hidden:
        del profile["*memberRelationship"]
    else:
        included += rest_relationship(viewer, target, found)
    return sorted(included, key=lambda entity: str(entity["$type"]))


async def _network_info(request: Request, caller: Caller) -> Response:
    """E6, the older form: distance and counts."""
    target = caller.world.member(request.path_params["name"])

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None:
            return refusal or rest_error(request, 404)
        world, viewer = caller.world, caller.member
        found = world.relationship(viewer, target, world.horizon("networkinfo", viewer, target))
        data: Json = {
            "distance": {"value": found.distance, "$type": "com.linkedin.voyager.common.MemberDistance"},
            "followable": True,
            "following": world.is_following(viewer, target, world.horizon("networkinfo", viewer, target)),
            "followersCount": target.followers_count,
            "connectionsCount": target.connections_count,
            "entityUrn": f"urn:li:fs_profileNetworkInfo:{target.profile_id}",
            "$type": f"{IDENTITY}.profile.ProfileNetworkInfo",
        }
        return rest_answer(request, data, [])

    return await through(Call(request, caller, "networkinfo", target), act)


async def _badges(request: Request, caller: Caller) -> Response:
    """E7: premium, open profile, influencer."""
    target = caller.world.member(request.path_params["name"])

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None:
            return refusal or rest_error(request, 404)
        data: Json = {
            "premium": target.premium,
            "openLink": target.open_link,
            "influencer": target.influencer,
            "jobSeeker": False,
            "entityUrn": f"urn:li:fs_memberBadges:{target.profile_id}",
            "$type": f"{IDENTITY}.profile.MemberBadges",
        }
        return rest_answer(request, data, [])

    return await through(Call(request, caller, "profile", target), act)


async def _contact_info(request: Request, caller: Caller) -> Response:
    """E5, the older form: contact details as far as they are shared."""
    target = caller.world.member(request.path_params["name"])

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None or target.unavailable:
            return refusal or rest_error(request, 404)
        is_open = shares_contact(caller, target)
        phone = {"type": "MOBILE", "number": target.phone}
        website = {"com.linkedin.voyager.identity.profile.StandardWebsite": {"category": "PERSONAL"}}
        data: Json = {
            "entityUrn": f"urn:li:fs_contactinfo:{target.profile_id}",
            "emailAddress": target.email if is_open else None,
            "phoneNumbers": [phone] if is_open and target.phone else None,
            "websites": [{"type": website, "url": url} for url in target.websites],
            "twitterHandles": [],
            "$type": f"{IDENTITY}.profile.ProfileContactInfo",
        }
        return rest_answer(request, data, [])

    return await through(Call(request, caller, "contact_info", target), act)


def shares_contact(caller: Caller, target: Member) -> bool:
    """Only connections see somebody's address and number."""
    return caller.world.relationship(caller.member, target).state in ("connected", "self")


async def _relationship(request: Request, caller: Caller) -> Response:
    """E6: the relationship alone."""
    target = caller.world.member(request.path_params["urn"])

    def act() -> Response:
        refusal = unreadable(request, target)
        if refusal or target is None or caller.login.relationship_hidden:
            return refusal or rest_error(request, 404)
        world, viewer = caller.world, caller.member
        found = world.relationship(viewer, target, world.horizon("relationship", viewer, target))
        entity, *included = rest_relationship(viewer, target, found)
        return rest_answer(request, entity, included)

    return await through(Call(request, caller, "relationship", target), act)


async def _gone(request: Request, caller: Caller) -> Response:  # noqa: ARG001 - every endpoint knows its caller
    """The endpoint old libraries still call."""
    return rest_error(request, 410)


def _profile_page(target: Member) -> Json:
    return {**_nobody(), "*elements": [target.urn]}


def _nobody() -> Json:
    """The page of a search that found no profile one may see."""
    return {
        "entityUrn": "urn:li:collectionResponse:ROOT=",
        "paging": {"count": 10, "start": 0, "links": []},
        "*elements": [],
        "$type": "com.linkedin.restli.common.CollectionResponse",
    }
