"""The service under `/api/v1`, and the page of hosted logins."""

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.unipile import (
    accounts,
    chats,
    hosted,
    invitations,
    linkedin,
    mails,
    messages,
    posts,
    search,
    users,
    webhooks,
)
from overture_sandbox.unipile.errors import ApiError
from overture_sandbox.unipile.gate import PREFIX

METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


def routes() -> list[BaseRoute]:
    """Every address; fixed paths before those that take any identifier."""
    doors = [
        *accounts.doors(),
        *hosted.doors(),
        *invitations.doors(),
        *users.doors(),
        *posts.doors(),
        *chats.doors(),
        *messages.doors(),
        *search.doors(),
        *linkedin.doors(),
        *mails.doors(),
        *webhooks.doors(),
    ]
    known = [route for door in doors for route in door.routes()]
    return [*known, Route(f"{PREFIX}/{{rest:path}}", _nothing, methods=METHODS), *hosted.routes()]


async def _nothing(request: Request) -> Response:
    """What is answered where there is no such route."""
    missing = ApiError("resource_not_found", f"Cannot {request.method} {request.url.path}")
    return JSONResponse(missing.body(), missing.status)
