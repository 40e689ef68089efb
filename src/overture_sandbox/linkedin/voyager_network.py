"""Invitations sent and received, what becomes of them, and the list of connections."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import Caller
from overture_sandbox.linkedin.bodies import json_body, paging, text_at
from overture_sandbox.linkedin.entities import listed_profile, mini_profile
from overture_sandbox.linkedin.gate import Call, api, through
from overture_sandbox.linkedin.relations import connection
from overture_sandbox.linkedin.shapes import Json, rest_answer, rest_error
from overture_sandbox.linkedin.voyager_invite import refusable
from overture_sandbox.world import Invitation, Member, Relationship, World
from overture_sandbox.world.clock import millis

LEGACY = "com.linkedin.voyager.relationships.invitation"
RECEIVED_QUERIES = ("receivedInvitation", "pendingInvitationsBasedOnRelevance")


def routes() -> list[BaseRoute]:
    """The endpoints of the "My Network" pages."""
    return [
        Route("/relationships/invitationViews", api(_received)),
        Route("/relationships/invitationsSummary", api(_received_summary)),
        Route("/relationships/sentInvitationViewsV2", api(_sent)),
        Route("/voyagerRelationshipsDashGenericInvitationFacets", api(_sent_total)),
        Route("/voyagerRelationshipsDashInvitations/{urn}", api(_act_on), methods=["POST"]),
        Route("/relationships/invitations/{urn}", api(_act_on), methods=["POST"]),
        Route("/relationships/dash/connections", api(_connections)),
        Route("/relationships/connectionsSummary", api(_connections_summary)),
    ]


async def _received(request: Request, caller: Caller) -> Response:
    """E10: invitations waiting for an answer, newest first."""
    if request.query_params.get("q") not in RECEIVED_QUERIES:
        return rest_error(request, 400)

    def act() -> Response:
        start, count = paging(request, 10)
        rows = _open(caller, "received", "received_invitations")
        page = rows[start : start + count]
        views, included = [], list[Json]()
        for row in page:
            view, entities = _received_view(caller.world, row)
            views.append(view)
            included += entities
        data: Json = {
            "*elements": [view["entityUrn"] for view in views],
            "paging": {"start": start, "count": count, "total": len(rows), "links": []},
            "metadata": {"paginationToken": "SBX"},
            "$type": "com.linkedin.restli.common.CollectionResponse",
        }
        return rest_answer(request, data, [*views, *included])

    return await through(Call(request, caller, "received_invitations"), act)


def _received_view(world: World, row: Invitation) -> tuple[Json, list[Json]]:
    inviter = world.members[row.inviter_id]
    insight = {"com.linkedin.voyager.relationships.shared.SharedConnectionsInsight": {"totalCount": 3}}
    view: Json = {
        "entityUrn": f"urn:li:fs_relInvitationView:urn:li:invitation:{row.number}",
        "*invitation": f"urn:li:fs_relInvitation:{row.number}",
        "genericInvitationView": False,
        "insights": [{"sharedInsight": insight}],
        "$type": f"{LEGACY}.InvitationView",
    }
    invitation = _legacy_invitation(world, row, "RECEIVED")
    if row.note:
        invitation["message"] = row.note
    return view, [invitation, mini_profile(inviter)]


async def _received_summary(request: Request, caller: Caller) -> Response:
    """How many invitations wait for an answer."""

    def act() -> Response:
        rows = _open(caller, "received", "received_invitations")
        counts = {"numPendingInvitations": len(rows), "numNewInvitations": len(rows)}
        return rest_answer(request, {**counts, "$type": f"{LEGACY}.InvitationsSummary"}, [])

    return await through(Call(request, caller, "received_invitations"), act)


async def _sent(request: Request, caller: Caller) -> Response:
    """E11: invitations nobody has answered yet, newest first."""
    if request.query_params.get("q") != "invitationType":
        return rest_error(request, 400)

    def act() -> Response:
        start, count = paging(request, 100)
        rows = _open(caller, "sent", "sent_invitations")
        page = rows[start : start + count]
        data: Json = {
            "metadata": {"invitationType": "CONNECTION", "$type": f"{LEGACY}.SentInvitationsMetadata"},
            "paging": {"start": start, "count": count, "total": len(rows), "links": []},
            "*elements": [_sent_view(row)["entityUrn"] for row in page],
            "$type": "com.linkedin.restli.common.CollectionResponse",
        }
        included = [_sent_view(row) for row in page]
        included += [_legacy_invitation(caller.world, row, "SENT") for row in page]
        included += [mini_profile(caller.world.members[row.invitee_id]) for row in page]
        return rest_answer(request, data, included)

    return await through(Call(request, caller, "sent_invitations"), act)


def _sent_view(row: Invitation) -> Json:
    return {
        "entityUrn": f"urn:li:fs_relSentInvitationView:urn:li:invitation:{row.number}",
        "*invitation": f"urn:li:fs_relInvitation:{row.number}",
        "$type": f"{LEGACY}.SentInvitationViewV2",
    }


def _legacy_invitation(world: World, row: Invitation, kind: str) -> Json:
    inviter, invitee = world.members[row.inviter_id], world.members[row.invitee_id]
    invitee_urn = f"urn:li:fs_miniProfile:{invitee.profile_id}"
    return {
        "entityUrn": f"urn:li:fs_relInvitation:{row.number}",
        "invitationType": kind,
        "fromMemberId": str(inviter.number),
        "toMemberId": str(invitee.number),
        "*fromMember": f"urn:li:fs_miniProfile:{inviter.profile_id}",
        "*toMember": invitee_urn,
        "invitee": {"*miniProfile": invitee_urn, "$type": f"{LEGACY}.ProfileInvitee"},
        "sentTime": millis(row.sent.at),
        "customMessage": row.note is not None,
        "sharedSecret": row.shared_secret,
        "mailboxItemId": f"{'S' if kind == 'SENT' else 'I'}{row.number}",
        "unseen": kind == "RECEIVED",
        "$type": f"{LEGACY}.Invitation",
    }


async def _sent_total(request: Request, caller: Caller) -> Response:
    """E11: how many invitations are out."""

    def act() -> Response:
        total = len(_open(caller, "sent", "sent_invitations"))
        facet = {"numTotalSentInvitations": total, "$type": f"{LEGACY}.SentInvitationFacets"}
        page = {"elements": [facet], "paging": {"start": 0, "count": 10, "total": 1, "links": []}}
        return rest_answer(request, {**page, "numTotalSentInvitations": total}, [])

    return await through(Call(request, caller, "sent_invitations"), act)


async def _act_on(request: Request, caller: Caller) -> Response:
    """E12: accept, refuse or take back one invitation, in the newer or the older form."""
    number = request.path_params["urn"].rsplit(":", 1)[-1]
    invitation = caller.world.invitation(int(number)) if number.isdigit() else None
    body = await json_body(request) or {}
    action = request.query_params.get("action", "")
    verb = {"accept": "accept", "reject": "decline", "ignore": "decline", "withdraw": "withdraw"}.get(action)
    if verb is None:
        return rest_error(request, 400)
    if invitation is None or not _may_act(caller.member, invitation, verb):
        return rest_error(request, 404)
    secret = text_at(body, "sharedSecret") or text_at(body, "invitationSharedSecret")
    if secret not in (None, invitation.shared_secret):
        return rest_error(request, 403)
    other = invitation.inviter_id if verb != "withdraw" else invitation.invitee_id

    def act() -> Response:
        getattr(caller.world, verb)(invitation, "voyager")
        value: Json = {"value": {"invitationUrn": invitation.urn}}
        return rest_answer(request, {**value, "$type": "com.linkedin.restli.common.ActionResponse"}, [])

    call = Call(request, caller, "invitation_action", caller.world.members[other])
    return await through(call, refusable(request, act))


def _may_act(member: Member, invitation: Invitation, verb: str) -> bool:
    """Only the sender takes back, only the receiver answers."""
    owner = invitation.inviter_id if verb == "withdraw" else invitation.invitee_id
    return owner == member.profile_id


async def _connections(request: Request, caller: Caller) -> Response:
    """E13: connections, newest first."""
    if request.query_params.get("q") != "search":
        return rest_error(request, 400)

    def act() -> Response:
        start, count = paging(request, 40)
        world, me = caller.world, caller.member
        rows = world.connections_of(me, world.horizon("connections", me))
        page = rows[start : start + count]
        links = [connection(person, Relationship("connected", "1", connected_at=at)) for person, at in page]
        data: Json = {
            "paging": {"start": start, "count": count, "total": len(rows), "links": []},
            "*elements": [link["entityUrn"] for link in links],
            "$type": "com.linkedin.restli.common.CollectionResponse",
        }
        return rest_answer(request, data, [*links, *(listed_profile(person) for person, _ in page)])

    return await through(Call(request, caller, "connections"), act)


async def _connections_summary(request: Request, caller: Caller) -> Response:
    """How many connections there are."""

    def act() -> Response:
        world, me = caller.world, caller.member
        total = len(world.connections_of(me, world.horizon("connections", me)))
        kind = "com.linkedin.voyager.relationships.ConnectionsSummary"
        data: Json = {
            "entityUrn": "urn:li:fs_relConnectionsSummary:0",
            "numConnections": total,
            "$type": kind,
        }
        return rest_answer(request, data, [])

    return await through(Call(request, caller, "connections"), act)


def _open(caller: Caller, direction: str, endpoint: str) -> list[Invitation]:
    world, me = caller.world, caller.member
    return world.invitations_of(me, direction, world.horizon(endpoint, me))
