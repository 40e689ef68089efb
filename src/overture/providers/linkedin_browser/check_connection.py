"""Check connection: how the account stands with a member, from JSON, and the page if allowed."""

from typing import Final, Literal

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity, resolve
from overture.providers.linkedin_browser.page_standing import State, read_standing
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.members import read_relationship, read_sent_invitations
from overture.touchpoints import CheckConnection, ConnectionState
from overture.touchpoints.profile import Relationship, RelationshipState

STATES: Final[dict[RelationshipState, State]] = {
    RelationshipState.SELF: "self",
    RelationshipState.CONNECTED: "connected",
    RelationshipState.PENDING: "pending",
    RelationshipState.INCOMING: "incoming",
    RelationshipState.NONE: "none",
    RelationshipState.UNKNOWN: "unknown",
}


@reads
async def check_connection(desk: Desk, touchpoint: CheckConnection) -> ConnectionState:
    """The relationship from the first of its sources that states it; else `unknown`, never "none"."""
    identity, profile = await resolve(desk, touchpoint.target)
    relationship = profile.relationship
    if relationship.state is RelationshipState.UNKNOWN:
        relationship = await read_relationship(desk.client, identity.profile_id)
        desk.trace.step("fallback", control="relationship", state=relationship.state.value)
    if relationship.state is not RelationshipState.UNKNOWN:
        return _stated(identity, relationship)
    sent = (await read_sent_invitations(desk.client)).to(identity.profile_id, identity.member_id)
    if sent is not None:
        return _state(identity, relationship, "pending", invitation_urn=sent.urn)
    if not touchpoint.may_visit:
        return _stated(identity, relationship)
    shown = await read_standing(desk, identity)
    seen = Relationship(degree=shown.degree or relationship.degree)
    return _state(identity, seen, shown.state, source="page")


def _stated(identity: Identity, relationship: Relationship) -> ConnectionState:
    state = STATES[relationship.state]
    return _state(identity, relationship, state, invitation_urn=relationship.invitation_urn)


def _state(
    identity: Identity,
    relationship: Relationship,
    state: State,
    *,
    invitation_urn: str | None = None,
    source: Literal["api", "page"] = "api",
) -> ConnectionState:
    return ConnectionState(
        state=state,
        degree=relationship.degree,
        invitation_urn=invitation_urn,
        connected_at=relationship.connected_at,
        public_identifier=identity.slug,
        profile_id=identity.profile_id,
        member_id=identity.member_id,
        source=source,
    )
