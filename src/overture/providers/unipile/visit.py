"""Visit: a profile read that its owner is told of; there is no page to stay on or to scroll."""

from overture.providers.unipile.desk import Desk
from overture.providers.unipile.registry import reads
from overture.providers.unipile.resolve import identity_of
from overture.touchpoints import Visit, Visited


@reads
async def visit(desk: Desk, touchpoint: Visit) -> Visited:
    """Be seen at the member's profile; how long and how far is not in our hands here."""
    profile = await desk.client.users.visit(desk.account, touchpoint.target.key)
    identity = identity_of(desk, touchpoint.target, profile)
    return Visited(public_identifier=identity.slug, duration_s=0.0, scrolled=0.0)
