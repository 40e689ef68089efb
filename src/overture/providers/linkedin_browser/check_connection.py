"""Check connection: how the account stands with a member, from the profile's JSON; nobody is told."""

from typing import Literal

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity, resolve
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.members import read_sent_invitations
from overture.touchpoints import CheckConnection, ConnectionState
from overture.touchpoints.profile import Profile, RelationshipState


@reads
async def check_connection(desk: Desk, touchpoint: CheckConnection) -> ConnectionState:
    """The relationship; where the profile does not state it, the sent invitations may."""
    identity, profile = await resolve(desk, touchpoint.target)
    relationship = profile.relationship
    if relationship.state is RelationshipState.UNKNOWN:
        sent = (await read_sent_invitations(desk.client)).to(identity.profile_id, identity.member_id)
        if sent is not None:
            return _state("pending", identity, profile, sent.urn)
    return _state(relationship.state.value, identity, profile, relationship.invitation_urn)


def _state(
    state: Literal["self", "connected", "pending", "incoming", "none", "unknown"],
    identity: Identity,
    profile: Profile,
    invitation_urn: str | None,
) -> ConnectionState:
    return ConnectionState(
        state=state,
        degree=profile.relationship.degree,
        invitation_urn=invitation_urn,
        connected_at=profile.relationship.connected_at,
        public_identifier=identity.slug,
        profile_id=identity.profile_id,
        member_id=identity.member_id,
    )
