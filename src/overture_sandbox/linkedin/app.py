"""The site: its JSON interface under `/voyager/api` and `/flagship-web`, and its pages."""

from starlette.routing import BaseRoute, Mount

from overture_sandbox.linkedin import (
    checkpoint,
    login,
    pages,
    voyager_graphql,
    voyager_invite,
    voyager_messaging,
    voyager_network,
    voyager_profile,
    voyager_social,
)
from overture_sandbox.world import World


def routes(world: World) -> list[BaseRoute]:
    """Every address of the site."""
    voyager_invite.MORE_SERVER_REQUESTS.update(voyager_social.SERVER_REQUESTS)
    voyager = [
        *voyager_profile.routes(),
        *voyager_graphql.routes(),
        *voyager_invite.voyager_routes(),
        *voyager_network.routes(),
        *voyager_messaging.routes(),
        *voyager_social.routes(),
    ]
    return [
        Mount("/voyager/api", routes=voyager),
        *voyager_invite.sdui_routes(),
        *login.routes(),
        *checkpoint.routes(),
        *pages.routes(world),
    ]
