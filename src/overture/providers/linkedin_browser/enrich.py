"""Enrich: a member's whole profile, read as JSON; the profile page is not opened."""

from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import resolve
from overture.providers.linkedin_browser.registry import reads
from overture.touchpoints import Enrich, Enriched


@reads
async def enrich(desk: Desk, touchpoint: Enrich) -> Enriched:
    """The profile as LinkedIn's JSON states it now."""
    _, profile = await resolve(desk, touchpoint.target)
    return Enriched(profile=profile)
