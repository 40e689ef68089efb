"""The site: its JSON interface under `/voyager/api` and `/flagship-web`, and its pages."""

from starlette.routing import BaseRoute, Mount

from overture_sandbox.linkedin import (
    login,
    pages,
    voyager_graphql,
    voyager_invite,
    voyager_messaging,
    voyager_network,
    voyager_profile,
)
from overture_sandbox.world import World


def routes(world: World) -> list[BaseRoute]:
    """Every address of the site."""
    voyager = [
        *voyager_profile.routes(),
        *voyager_graphql.routes(),
        *voyager_invite.voyager_routes(),
        *voyager_network.routes(),
        *voyager_messaging.routes(),
    ]
    return [
        Mount("/voyager/api", routes=voyager),
        *voyager_invite.sdui_routes(),
        *login.routes(),
        *pages.routes(world),
    ]
