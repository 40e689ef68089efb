"""Asking somebody to connect: the Voyager call, and the server request of the newer pages."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.bodies import at, json_body, text_at
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.relations import RELATIONS
from overture_sandbox.linkedin.sections import DECO
from overture_sandbox.linkedin.shapes import Json, as_json, rest_answer, rest_error
from overture_sandbox.world import Invitation, Member, Refused

ACTIONS = ("verifyQuotaAndCreateV2", "verifyQuotaAndCreate")
ADD_CONNECTION = "com.linkedin.sdui.requests.mynetwork.addaAddConnection"
INVITATION_ACTION = "com.linkedin.sdui.requests.mynetwork.addaInvitationAction"
ServerRequest = Callable[[Request, Caller, object], Awaitable[Response]]
MORE_SERVER_REQUESTS: dict[str, ServerRequest] = {}
"""Server requests that are not about invitations, by their name; entered where the site is put together."""


def voyager_routes() -> list[BaseRoute]:
    """The Voyager endpoint that creates invitations."""
    return [Route("/voyagerRelationshipsDashMemberRelationships", api(_create), methods=["POST"])]


def sdui_routes() -> list[BaseRoute]:
    """The server requests of the newer pages."""
    path = "/flagship-web/rsc-action/actions/server-request"
    return [Route(path, api(_server_request), methods=["POST"])]


async def _create(request: Request, caller: Caller) -> Response:
    """E8: ask the person named in `invitee`, with `customMessage` as the note."""
    body = await json_body(request)
    union = at(body, "invitee", "inviteeUnion")
    urn = text_at(union, "memberProfile")
    target = caller.world.member(urn) if urn else None
    note = at(body, "customMessage")
    is_readable = note is None or isinstance(note, str)
    if request.query_params.get("action") not in ACTIONS or target is None or not is_readable:
        return rest_error(request, 400)

    def act() -> Response:
        email = text_at(union, "email", "email")
        made = caller.world.create_invitation(caller.member, target, note, "voyager", email=email)
        return rest_answer(request, *_created(made))

    return await through(Call(request, caller, "invite", target), refusable(request, act))


def refusable(request: Request, act: Callable[[], Response]) -> Callable[[], Response]:
    """The same act, answering with the site's error body when the world refuses."""

    def tried() -> Response:
        try:
            return act()
        except Refused as refused:
            return rest_error(request, refused.status, refused.code, refused.message)

    return tried


def _created(invitation: Invitation) -> tuple[Json, list[Json]]:
    value = {
        "invitationUrn": invitation.urn,
        "*invitation": invitation.urn,
        "$recipeTypes": [f"{DECO}.relationships.InvitationCreationResultWithInvitee"],
        "$type": f"{RELATIONS}.invitation.InvitationCreationResult",
    }
    entity = {
        "entityUrn": invitation.urn,
        "$recipeTypes": [f"{DECO}.relationships.InvitationInfo"],
        "$type": f"{RELATIONS}.invitation.Invitation",
    }
    return {"value": value, "$type": "com.linkedin.restli.common.ActionResponse"}, [entity]


async def _server_request(request: Request, caller: Caller) -> Response:
    """E9 and E12 as the newer pages send them; anything incomplete is a 500, as on the site."""
    body = await json_body(request)
    payload = (
        at(body, "serverRequest", "requestedArguments", "payload")
        or at(body, "serverRequest", "payload")
        or at(body, "payload")
    )
    match request.query_params.get("sduiid"):
        case sduiid if sduiid == ADD_CONNECTION:
            return await _add_connection(request, caller, payload)
        case sduiid if sduiid == INVITATION_ACTION:
            return await _answer_invitation(request, caller, payload)
        case sduiid:
            more = MORE_SERVER_REQUESTS.get(sduiid or "")
            return await more(request, caller, payload) if more else as_json({"status": 500}, 500)


async def _add_connection(request: Request, caller: Caller, payload: object) -> Response:
    """E9: ask at once, without a note."""
    target = _invitee(caller, payload)
    if target is None:
        return as_json({"status": 500}, 500)

    def act() -> Response:
        made = caller.world.create_invitation(caller.member, target, None, "sdui")
        return as_json({"value": {"invitationUrn": made.urn}, "requestId": ADD_CONNECTION})

    return await through(Call(request, caller, "invite", target), refusable(request, act))


async def _answer_invitation(request: Request, caller: Caller, payload: object) -> Response:
    """E12: accept or ignore somebody's invitation, or take back one's own."""
    number = str(at(payload, "invitationUrn", "invitationId") or "")
    invitation = caller.world.invitation(int(number)) if number.isdigit() else None
    wanted = str(text_at(payload, "inviteeActionType") or text_at(payload, "inviterActionType"))
    verb = {"ACCEPT": "accept", "IGNORE": "decline", "WITHDRAW": "withdraw"}.get(wanted.rpartition("_")[2])
    if invitation is None or verb is None:
        return as_json({"status": 500}, 500)
    mine, other = invitation.invitee_id, invitation.inviter_id
    if verb == "withdraw":
        mine, other = other, mine
    if mine != caller.member.profile_id:
        return as_json({"status": 500}, 500)

    def act() -> Response:
        getattr(caller.world, verb)(invitation, "sdui")
        return as_json({"value": {}, "requestId": INVITATION_ACTION})

    call = Call(request, caller, "invitation_action", caller.world.members[other])
    return await through(call, refusable(request, act))


def _invitee(caller: Caller, payload: object) -> Member | None:
    """The person both the member number and the profile id name; neither alone is enough for the site."""
    number = at(payload, "inviteeUrn", "memberId")
    profile = text_at(payload, "nonIterableProfileId")
    target = caller.world.member(str(number)) if number else None
    return target if target and profile in (None, target.profile_id) else None
