"""How two people stand to each other, in the words of the JSON interface."""

from overture_sandbox.linkedin.sections import DASH, DECO
from overture_sandbox.linkedin.shapes import Json
from overture_sandbox.world import Invitation, Member, Relationship
from overture_sandbox.world.clock import millis
from overture_sandbox.world.ids import compose_option_urn

RELATIONS = f"{DASH}.relationships"
FORM_OPTIONS = (
    ("COLLEAGUES", "Colleague", "iwe_colleagues"),
    ("CLASSMATES", "Classmate", "iwe_classmates"),
    ("CONFERENCE", "Met at a conference", "iwe_conference"),
    ("OTHER", "Other", "iwe_other"),
)


def relationship_urn(member: Member) -> str:
    """The URN of "how I stand to this person"."""
    return f"urn:li:fsd_memberRelationship:{member.profile_id}"


def rest_relationship(viewer: Member, target: Member, found: Relationship) -> list[Json]:
    """MemberRelationship as REST writes it: one key of each union, and what that key names."""
    entity: Json = {"entityUrn": relationship_urn(target)}
    included: list[Json] = []
    match found.state:
        case "self":
            entity |= {"memberRelationshipUnion": {"self": {}}, "memberRelationshipData": {}}
        case "connected":
            urn = f"urn:li:fsd_connection:{target.profile_id}"
            entity |= {
                "memberRelationshipUnion": {"*connection": urn},
                "memberRelationshipData": {"*connection": urn},
            }
            included.append(connection(target, found))
        case _:
            invitation = _rest_invitation_union(viewer, target, found)
            no_connection = {
                "memberDistance": found.distance,
                "invitationUnion": invitation,
                "$recipeTypes": [f"{DECO}.relationships.NoConnection"],
                "$type": f"{RELATIONS}.NoConnection",
            }
            entity |= {
                "memberRelationshipUnion": {"noConnection": no_connection},
                "memberRelationshipData": invitation,
            }
            if found.invitation:
                included.append(dash_invitation(viewer, found.invitation))
    entity["$recipeTypes"] = [f"{DECO}.relationships.MemberRelationshipV2"]
    entity["$type"] = f"{RELATIONS}.MemberRelationship"
    return [entity, *included]


def graphql_relationship(viewer: Member, target: Member, found: Relationship) -> list[Json]:
    """MemberRelationship as GraphQL writes it: every key of each union, all but one null."""
    union: Json = {"self": None, "connection": None, "noConnection": None}
    resolution: Json = {"noInvitation": None, "connection": None, "invitation": None}
    included: list[Json] = []
    match found.state:
        case "self":
            union["self"] = {}
        case "connected":
            urn = f"urn:li:fsd_connection:{target.profile_id}"
            for one in (union, resolution):
                del one["connection"]
                one["*connection"] = urn
            included.append(connection(target, found))
        case _:
            invitation = _graphql_invitation_union(viewer, target, found)
            resolution |= invitation
            if found.invitation:
                resolution.pop("invitation")
                included.append(dash_invitation(viewer, found.invitation))
            union["noConnection"] = {
                "memberDistance": found.distance,
                "invitation": invitation,
                "$type": f"{RELATIONS}.NoConnection",
            }
    entity = {
        "entityUrn": relationship_urn(target),
        "memberRelationship": union,
        "memberRelationshipDataResolutionResult": resolution,
        "$type": f"{RELATIONS}.MemberRelationship",
    }
    return [entity, *included]


def dash_invitation(viewer: Member, invitation: Invitation) -> Json:
    """An invitation of the newer data model, SENT or RECEIVED depending on who looks."""
    is_mine = invitation.inviter_id == viewer.profile_id
    other = invitation.invitee_id if is_mine else invitation.inviter_id
    role = "invitee" if is_mine else "inviter"
    return {
        "entityUrn": invitation.urn,
        "invitationId": invitation.number,
        "invitationType": "SENT" if is_mine else "RECEIVED",
        "invitationState": "PENDING",
        "message": invitation.note,
        "sharedSecret": None if is_mine else invitation.shared_secret,
        "sentTime": millis(invitation.sent.at),
        f"*{role}MemberResolutionResult": f"urn:li:fsd_profile:{other}",
        "$type": f"{RELATIONS}.invitation.Invitation",
    }


def connection(target: Member, found: Relationship) -> Json:
    """The connection to this person."""
    return {
        "entityUrn": f"urn:li:fsd_connection:{target.profile_id}",
        "connectedMember": target.urn,
        "*connectedMemberResolutionResult": target.urn,
        "createdAt": millis(found.connected_at) if found.connected_at else None,
        "$type": f"{RELATIONS}.Connection",
    }


def stateful_actions(target: Member, found: Relationship) -> Json:
    """The buttons of the page as the server models them: primary, secondary and the menu."""
    wrapper = {
        "*memberRelationship": relationship_urn(target),
        "$type": f"{RELATIONS}.MemberRelationshipWrapper",
    }
    overflow: list[Json] = [
        {"shareProfileUrlViaMessage": f"https://www.linkedin.com/in/{target.slug}"},
        {"saveToPdfUrl": "https://www.linkedin.com/sbx.pdf"},
    ]
    if found.state == "none":
        overflow += [{"connection": wrapper}, {"*personalizedConnect": relationship_urn(target)}]
    else:
        report = {"targetUrn": f"urn:li:member:{target.number}", "contentSource": "PROFILE"}
        overflow += [{"*followingState": following_urn(target)}, {"report": report}]
    return {
        "primaryActionResolutionResult": {
            "*composeOption": compose_option_urn(target.profile_id),
            "connection": None,
            "statefulAction": None,
        },
        "secondaryActionResolutionResult": {
            "statefulAction": _stateful_button(target, found),
            "composeOption": None,
        },
        "overflowActionsResolutionResults": overflow,
        "$type": f"{DASH}.identity.profile.actions.ProfileActions",
    }


def following_urn(target: Member) -> str:
    """The URN of "do I follow this person"."""
    return f"urn:li:fsd_followingState:{target.urn}"


def _stateful_button(target: Member, found: Relationship) -> Json:
    if found.invitation:
        relationship: Json = {"*connectionOrInvitation": found.invitation.urn}
    elif found.state == "connected":
        relationship = {"*connectionOrInvitation": f"urn:li:fsd_connection:{target.profile_id}"}
    else:
        entity = f"urn:li:fsd_directionalEntityRelationship:{target.urn}"
        relationship = {"connectionOrInvitation": None, "*memberToEntityRelationship": entity}
    model = {
        "relationshipActionData": {
            "relationshipsTrackingId": "t0",
            "relationshipData": relationship,
            "$type": f"{DASH}.common.relationships.RelationshipActionData",
        }
    }
    return {
        "emphasisStyle": "COMPLEMENTARY",
        "actionDataModel": model,
        "$type": f"{DASH}.common.ux.button.StatefulButtonModel",
    }


def _rest_invitation_union(viewer: Member, target: Member, found: Relationship) -> Json:
    if found.invitation:
        return {"*invitation": found.invitation.urn}
    both = {"inviter": viewer.urn, "targetInvitee": target.urn}
    return {"noInvitation": {**both, **_no_invitation(viewer, target)}}


def _graphql_invitation_union(viewer: Member, target: Member, found: Relationship) -> Json:
    if found.invitation:
        return {"noInvitation": None, "*invitation": found.invitation.urn}
    form = {"invitationRelationshipForm": _how_do_you_know(target)}
    return {"noInvitation": {**_no_invitation(viewer, target), **form}, "invitation": None}


def _no_invitation(viewer: Member, target: Member) -> Json:
    return {
        "*inviterResolutionResult": viewer.urn,
        "*targetInviteeResolutionResult": target.urn,
        "$type": f"{RELATIONS}.invitation.NoInvitation",
    }


def _how_do_you_know(target: Member) -> Json:
    options = [
        {
            "type": kind,
            "name": name,
            "controlName": control,
            "$type": f"{RELATIONS}.invitation.InvitationRelationshipOption",
        }
        for kind, name, control in FORM_OPTIONS
    ]
    return {
        "title": f"How do you know {target.first_name}?",
        "subtitle": "",
        "invitationRelationshipOptions": options,
        "$type": f"{RELATIONS}.invitation.InvitationRelationshipForm",
    }
