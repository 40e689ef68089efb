"""How the account stands to a person: degree, connection and invitations, from their MemberRelationship."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from overture.providers.linkedin_browser.voyager.normalized import (
    Entity,
    Included,
    flag,
    found,
    moment,
    plain,
    refuse,
    urn_of,
)
from overture.touchpoints.profile import Degree, Invitation, Relationship, RelationshipState

DISTANCES: dict[str, Degree] = {
    "DISTANCE_1": 1,
    "DISTANCE_2": 2,
    "DISTANCE_3": 3,
    "OUT_OF_NETWORK": "out_of_network",
}
_UNIONS = ("memberRelationshipUnion", "memberRelationship")
_SECOND_SOURCES = ("memberRelationshipData", "memberRelationshipDataResolutionResult")
_CONNECTED = ("connection", "*connection", "connectedMember", "*connectedMember", "connected")
_INVITATIONS = ("*invitation", "invitation", "invitationUrn")
_INVITATION_UNIONS = ("invitationUnion", "invitation")
_DIRECTIONS: dict[str, Literal["sent", "received"]] = {"SENT": "sent", "RECEIVED": "received"}


@dataclass(frozen=True, slots=True)
class Target:
    """The person the answer is about, as the entities around them name them."""

    urn: str
    profile_id: str
    entity: Entity


def relationship_of(target: Target, included: Included) -> Relationship:
    """The relationship to the target alone: entities of mutual connections and of the viewer do not count."""
    relationship = _stated(target, included)
    following = _following_state(target, included)
    return replace(relationship, is_followed=flag(following, "following")) if following else relationship


def followers_of(target: Target, included: Included) -> int | None:
    """How many people follow the target."""
    for holder in (_following_state(target, included), target.entity):
        for key in ("followerCount", "followersCount"):
            value = holder.get(key) if holder else None
            if type(value) is int:
                return value
    return None


def _following_state(target: Target, included: Included) -> Entity | None:
    stated = included.follow(target.entity, "followingState", "followers")
    return stated or included.by_urn.get(f"urn:li:fsd_followingState:{target.urn}")


def _stated(target: Target, included: Included) -> Relationship:
    entity = included.follow(target.entity, "memberRelationship", "relationship")
    if entity is None:
        entity = included.by_urn.get(f"urn:li:fsd_memberRelationship:{target.profile_id}")
    if entity is None:
        if "relationship" not in included.missing:
            included.absent["relationship"] = None
        return Relationship()
    included.missing.pop("relationship", None)
    union, second = _first(entity, _UNIONS), _first(entity, _SECOND_SOURCES)
    if union.get("self") is not None:
        return Relationship(RelationshipState.SELF)
    for holder in (union, second):
        for key in _CONNECTED:
            if (value := holder.get(key)) is not None and value is not False:
                return _connected(value, target, included)
    return _not_connected(union, second, target, included)


def _first(entity: Entity, keys: tuple[str, ...]) -> Entity:
    """The first of these parts that is there: the variants name the same part differently."""
    for key in keys:
        value = entity.get(key)
        if type(value) is dict:
            return value
        if value is not None:
            raise refuse(entity, key, "an object")
    return {}


def _connected(value: object, target: Target, included: Included) -> Relationship:
    return Relationship(RelationshipState.CONNECTED, 1, None, _connected_at(value, target, included))


def _connected_at(value: object, target: Target, included: Included) -> datetime | None:
    """When, if a connection entity of the target's own says so."""
    references = [value, *value.values()] if type(value) is dict else [value]
    references.append(f"urn:li:fsd_connection:{target.profile_id}")
    for reference in references:
        connection = included.by_urn.get(reference) if type(reference) is str else reference
        if type(connection) is not dict or connection.get("createdAt") is None:
            continue
        if _is_own(connection, target):
            return moment(connection, "createdAt")
    return None


def _is_own(connection: Entity, target: Target) -> bool:
    member = urn_of(connection, "connectedMemberResolutionResult") or urn_of(connection, "connectedMember")
    if member is not None:
        return member.rpartition(":")[2] == target.profile_id
    urn = connection.get("entityUrn")
    return not isinstance(urn, str) or urn.endswith(target.profile_id)


def _not_connected(union: Entity, second: Entity, target: Target, included: Included) -> Relationship:
    apart = union.get("noConnection")
    if apart is None and (strange := [key for key in union if key[0:1] != "$" and union[key] is not None]):
        included.unrecognised.update({f"relationship: {key}": None for key in strange})
        return Relationship()
    if apart is not None and type(apart) is not dict:
        raise refuse(union, "noConnection", "an object")
    degree = _degree(apart, included) if apart else None
    if degree == 1:
        return _connected(apart, target, included)
    invitations = _first(apart, _INVITATION_UNIONS) if apart else {}
    if "invitationType" in invitations:
        invitations = {"invitation": invitations}
    for holder in (invitations, second):
        for key in _INVITATIONS:
            if (value := holder.get(key)) is not None:
                invitation = _invitation(value, target, included)
                return Relationship(_state(invitation), degree, invitation)
    nothing_open = apart is not None or second.get("noInvitation") is not None
    return Relationship(RelationshipState.NONE if nothing_open else RelationshipState.UNKNOWN, degree)


def _degree(apart: Entity, included: Included) -> Degree | None:
    distance = apart.get("memberDistance")
    if type(distance) is dict:
        distance = distance.get("value")
    if distance is None:
        return None
    degree = DISTANCES.get(distance) if type(distance) is str else None
    if degree is None:
        included.unrecognised[f"distance: {found(distance)}"] = None
    return degree


def _state(invitation: Invitation) -> RelationshipState:
    if invitation.state not in (None, "PENDING"):
        return RelationshipState.NONE
    match invitation.direction:
        case "sent":
            return RelationshipState.PENDING
        case "received":
            return RelationshipState.INCOMING
        case None:
            return RelationshipState.UNKNOWN


def _invitation(value: object, target: Target, included: Included) -> Invitation:
    """The open invitation; with its entity missing only its URN is known, not who sent it."""
    entity = included.by_urn.get(value) if type(value) is str else value
    urn = value if type(value) is str else None
    if entity is None:
        included.missing["invitation"] = None
        entity = {}
    if type(entity) is not dict:
        raise refuse({"invitation": entity}, "invitation", "an invitation")
    urn = plain(entity, "entityUrn") or urn
    if urn is None:
        raise refuse(entity, "entityUrn", "the URN of an invitation")
    return Invitation(
        urn,
        urn.rpartition(":")[2],
        _direction(entity, target, included),
        plain(entity, "invitationState"),
        plain(entity, "sharedSecret"),
        included.text(entity, "message"),
        moment(entity, "sentTime"),
    )


def _direction(entity: Entity, target: Target, included: Included) -> Literal["sent", "received"] | None:
    stated = plain(entity, "invitationType")
    if stated is not None:
        if stated not in _DIRECTIONS:
            included.unrecognised[f"invitation type: {stated}"] = None
        return _DIRECTIONS.get(stated)
    for key in ("inviteeMemberResolutionResult", "inviteeMember"):
        if urn_of(entity, key) == target.urn:
            return "sent"
    for key in ("inviterMemberResolutionResult", "inviterResolutionResult", "inviter"):
        if urn_of(entity, key) == target.urn:
            return "received"
    return None
