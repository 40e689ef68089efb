"""Every page of the site and the files pages load, as routes over one world."""

from functools import partial

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from overture_sandbox.linkedin.auth import require_login
from overture_sandbox.linkedin.pages.bundle import ENTRIES, SITE, script
from overture_sandbox.linkedin.pages.conversations import MessagingPages
from overture_sandbox.linkedin.pages.drift import moved_files
from overture_sandbox.linkedin.pages.network import NetworkPages
from overture_sandbox.linkedin.pages.people_lists import PeopleListPages
from overture_sandbox.linkedin.pages.posts import PostPages
from overture_sandbox.linkedin.pages.profile import ProfilePages
from overture_sandbox.linkedin.pages.quirks import quirk_routes
from overture_sandbox.linkedin.pages.sheet import FOLDER, TEMPLATES, Site
from overture_sandbox.linkedin.pages.signing_in import LoginPages
from overture_sandbox.world import World

NOT_BUILT = (
    "/mynetwork/",
    "/jobs/",
    "/notifications/",
)  # linked, not drawn


def routes(world: World) -> list[BaseRoute]:
    """The pages over a world; class names are drawn anew with every call."""
    site = Site(world)
    return [
        *_login_routes(site),
        *_network_routes(site),
        *PeopleListPages(site).routes(),
        *_profile_routes(site),
        *_messaging_routes(site),
        *_post_routes(site),
        *quirk_routes(),
        *_static_routes(site),
    ]


def _login_routes(site: Site) -> list[BaseRoute]:
    pages = LoginPages(site)
    return [Route("/login", pages.form), Route("/login/", pages.form), Route("/uas/login", pages.form)]


def _network_routes(site: Site) -> list[BaseRoute]:
    pages = NetworkPages(site)
    sent = "/mynetwork/invitation-manager/sent/"
    return [
        Route("/", require_login(pages.root)),
        Route("/feed/", require_login(pages.feed)),
        Route("/feed", require_login(pages.feed)),
        Route("/preload/", require_login(pages.interop)),
        Route("/preload/custom-invite/", require_login(pages.custom_invite)),
        Route("/preload/search-custom-invite/", require_login(pages.custom_invite)),
        Route(sent, require_login(pages.sent)),
        Route(f"{sent}CONNECTION/", require_login(pages.sent)),
    ]


def _profile_routes(site: Site) -> list[BaseRoute]:
    pages = ProfilePages(site)
    return [
        Route("/404/", require_login(pages.missing)),
        *(Route(path, require_login(pages.missing)) for path in NOT_BUILT),
        Route("/in/unavailable/", require_login(pages.unavailable)),
        Route("/in/{name}", require_login(pages.profile)),
        Route("/in/{name}/", require_login(pages.profile)),
    ]


def _messaging_routes(site: Site) -> list[BaseRoute]:
    pages = MessagingPages(site)
    return [
        Route("/messaging/", require_login(pages.inbox)),
        Route("/messaging/thread/new/", require_login(pages.compose)),
        Route("/messaging/compose/", require_login(pages.compose)),
        Route("/messaging/thread/{thread}/", require_login(pages.thread)),
    ]


def _post_routes(site: Site) -> list[BaseRoute]:
    pages = PostPages(site)
    return [
        Route("/feed/update/{urn}", require_login(pages.update)),
        Route("/feed/update/{urn}/", require_login(pages.update)),
        Route("/posts/{slug}", require_login(pages.by_slug)),
        Route("/posts/{slug}/", require_login(pages.by_slug)),
    ]


async def bundled(name: str, request: Request) -> Response:  # noqa: ARG001  # the signature of endpoints
    """One of the scripts that are put together."""
    return Response(script(name), media_type="text/javascript")


def _static_routes(site: Site) -> list[BaseRoute]:
    drawn = TEMPLATES.get_template("b/style.css").render(c=site.looks.name)

    async def style(request: Request) -> Response:  # noqa: ARG001  # the signature of endpoints
        return Response(drawn, media_type="text/css")

    return [
        moved_files(f"{site.looks.build}.css", site.looks.build, drawn),
        Route(f"/static/{site.looks.build}.css", style),
        *(Route(f"/static/{name}.js", partial(bundled, f"{name}.js")) for name in (SITE, *ENTRIES)),
        Mount("/static", StaticFiles(directory=FOLDER / "static")),
    ]
