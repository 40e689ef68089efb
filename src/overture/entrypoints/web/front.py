"""One port, two doors: the addresses of pages go to the pages, all others to the API."""

import asyncio

from starlette.types import ASGIApp, Receive, Scope, Send

from overture.entrypoints.bootstrap import App
from overture.entrypoints.web.build import ROOMS, create_pages


class Front:
    """Looks at the first part of an address and opens the right door."""

    def __init__(self, pages: ASGIApp, api: ASGIApp) -> None:
        self._pages = pages
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on."""
        is_page = scope["type"] == "http" and scope["path"].split("/", 2)[1] in ROOMS
        await (self._pages if is_page else self._api)(scope, receive, send)


def with_pages(app: App, api: ASGIApp, closing: asyncio.Event) -> ASGIApp:
    """The API with the pages beside it; `closing` ends their open streams when the server stops."""
    return Front(create_pages(app, closing), api)
