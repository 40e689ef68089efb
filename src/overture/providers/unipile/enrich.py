"""Enrich: a member's profile with its sections; the member is not told."""

from typing import Literal

from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.person import SECTIONS, profile_of
from overture.providers.unipile.registry import reads
from overture.providers.unipile.resolve import resolve
from overture.touchpoints import ContactDetails, Enrich, Enriched


@reads
async def enrich(desk: Desk, touchpoint: Enrich) -> Enriched:
    """The profile as Unipile states it now; what was held back is named."""
    _, profile = await resolve(desk, touchpoint.target, SECTIONS)
    if profile.throttled_sections:
        desk.trace.step("sections_held_back", sections=sorted(profile.throttled_sections))
    contact = contact_of(profile) if touchpoint.contact_details else None
    return Enriched(profile=profile_of(profile), contact=contact)


def contact_of(profile: api.UserProfile) -> ContactDetails:
    """How to reach the person, as far as they let the account see it."""
    told = profile.contact_info
    emails, phones = (told.emails or [], told.phones or []) if told else ([], [])
    websites = profile.websites or []
    shared = {"email": emails, "phone_numbers": phones, "websites": websites}
    fields: tuple[Literal["email", "phone_numbers", "websites"], ...] = ("email", "phone_numbers", "websites")
    return ContactDetails(
        email=emails[0] if emails else None,
        phone_numbers=tuple(phones),
        websites=tuple(websites),
        not_shared=tuple(name for name in fields if not shared[name]),
    )
