"""Check connection: how the account stands with a member, by their profile and the pending invitations."""

from typing import Final

from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.person import degree_of, number_in
from overture.providers.unipile.registry import reads
from overture.providers.unipile.resolve import invitation_urn, resolve, state_of
from overture.touchpoints import CheckConnection, ConnectionState
from overture.touchpoints.profile import RelationshipState

NEWEST: Final = 100
"""Of the sent invitations, one page: each page is a look through the account's session."""


@reads
async def check_connection(desk: Desk, touchpoint: CheckConnection) -> ConnectionState:
    """The relationship from the first source that states it; else `unknown`, never "none"."""
    identity, profile = await resolve(desk, touchpoint.target)
    state, urn = state_of(profile), None
    if state in (RelationshipState.UNKNOWN, RelationshipState.PENDING):
        most = NEWEST if state is RelationshipState.PENDING else None  # known already: only its number lacks
        sent = await _sent_to(desk, identity.profile_id, most)
        urn = invitation_urn(sent.id if sent else None)
        state = RelationshipState.PENDING if sent else state
    return ConnectionState(
        state=state.value,
        degree=degree_of(profile),
        invitation_urn=urn,
        public_identifier=identity.slug,
        profile_id=identity.profile_id,
        member_id=number_in(profile.member_urn),
    )


async def _sent_to(desk: Desk, profile_id: str, most: int | None) -> api.Invitation | None:
    """The invitation of ours that awaits this member's answer."""
    bounds: api.Bounds[api.Invitation] = api.Bounds(max_items=most)
    async for invitation in desk.client.invitations.iter_sent(desk.account, bounds):
        if invitation.invited_user_id == profile_id:
            return invitation
    return None
