"""Enrich: a member's whole profile, read as JSON; the profile page is not opened."""

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity, resolve
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.contact import read_contact, read_contact_of_old
from overture.touchpoints import ContactDetails, Enrich, Enriched


@reads
async def enrich(desk: Desk, touchpoint: Enrich) -> Enriched:
    """The profile as LinkedIn's JSON states it now."""
    identity, profile = await resolve(desk, touchpoint.target)
    contact = await _contact(desk, identity) if touchpoint.contact_details else None
    return Enriched(profile=profile, contact=contact)


async def _contact(desk: Desk, identity: Identity) -> ContactDetails:
    """How to reach the person; by the older read when the stored query is out of date."""
    try:
        return await read_contact(desk.client, identity.slug)
    except PageChanged as error:
        if error.code != "query_id_rotated":
            raise
        desk.trace.step("fallback", control="contact", code=error.code)
    return await read_contact_of_old(desk.client, identity.profile_id)
