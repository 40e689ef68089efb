"""Whom a touchpoint is about, as the acting account sees them: classic id, slug, how the two stand."""

from collections.abc import Iterable
from urllib.parse import unquote

from overture.core.errors import NotPossible, PageChanged
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.known import Identity
from overture.touchpoints import Target
from overture.touchpoints.profile import RelationshipState


async def resolve(
    desk: Desk, target: Target, sections: Iterable[str] = ()
) -> tuple[Identity, api.UserProfile]:
    """The member behind a key by a fresh read, which no member notices; follows a renamed slug."""
    people, key, now = desk.workspace.people, (desk.account, target.key), desk.clock.now()
    if people.is_nobody(key, now):
        raise NotPossible("profile_unavailable", "LinkedIn showed no such member lately")
    try:
        profile = await desk.client.users.get(desk.account, target.key, sections=sections)
    except api.RecipientPermanent:
        people.missed(key, now)
        raise
    identity = identity_of(desk, target, profile)
    people.met(key, identity, now)
    return identity, profile


async def identify(desk: Desk, target: Target) -> Identity:
    """Who answers to a key, where nothing else is asked: from memory, if they were met lately."""
    known = desk.workspace.people.identity((desk.account, target.key), desk.clock.now())
    return known or (await resolve(desk, target))[0]


def identity_of(desk: Desk, target: Target, profile: api.UserProfile) -> Identity:
    """Who was read; anybody else than who was asked for is refused."""
    if not api.is_classic_id(profile.provider_id):
        raise PageChanged("the member's classic id", code="api_changed")
    if target.is_profile_id and profile.provider_id != target.key:
        raise PageChanged("the member that was asked for", code="identity_mismatch")
    slug = unquote(profile.public_identifier or target.key).strip("/")
    renamed = not target.is_profile_id and slug.lower() != target.key.lower()
    desk.trace.step("identity", profile_id=profile.provider_id, slug=slug, renamed=renamed)
    return Identity(profile.provider_id, slug)


def state_of(profile: api.UserProfile) -> RelationshipState:
    """How the account stands to them; what Unipile does not say is unknown, never "none"."""
    if profile.is_self:
        return RelationshipState.SELF
    if profile.is_connected:
        return RelationshipState.CONNECTED
    if profile.is_invited:
        return RelationshipState.PENDING
    if profile.has_invited_us:
        return RelationshipState.INCOMING
    return RelationshipState.UNKNOWN if profile.is_connected is None else RelationshipState.NONE


def refuse_self(desk: Desk, profile: api.UserProfile) -> None:
    """Nobody acts towards themselves."""
    if profile.is_self or profile.provider_id == desk.owner.profile_id:
        raise NotPossible("self", "this is the account's own profile")


def invitation_urn(number: str | None) -> str | None:
    """An invitation by its id, as LinkedIn names it."""
    return f"urn:li:fsd_invitation:{number}" if number else None
