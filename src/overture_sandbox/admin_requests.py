"""What every operator request shares: a JSON body, the people it names, and errors that name the field."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from overture_sandbox.admin_fields import FieldError, text
from overture_sandbox.linkedin.auth import world_of
from overture_sandbox.world import Login, Member, Refused, World

Body = dict[str, Any]
Action = Callable[[Request, World, Body], Response]


def admin(action: Action) -> Callable[[Request], Awaitable[Response]]:
    """An operator's endpoint; what is wrong with a request is answered with 400 and the field."""

    async def endpoint(request: Request) -> Response:
        try:
            return action(request, world_of(request), await _body(request))
        except FieldError as error:
            return JSONResponse({"error": error.problem, "field": error.field}, 400)
        except Refused as refused:
            return JSONResponse({"error": refused.message, "code": refused.code}, 409)

    return endpoint


def found_login(world: World, body: Body) -> Login:
    """The account named in `account`, by user name or by the slug of its person."""
    name = text(body, "account")
    login = world.account(name)
    if login is None:
        raise FieldError("account", f"there is no login {name}")
    return login


def found_person(world: World, body: Body, field: str) -> Member:
    """The person a field names: by user name, slug, former slug, number, id or URN."""
    name = text(body, field)
    login = world.account(name)
    member = world.owner(login) if login else world.member(name)
    if member is None:
        raise FieldError(field, f"there is no {name}")
    return member


def optional_text(body: Body, field: str) -> str | None:
    """A field that may be missing or null, else must be text."""
    value = body.get(field)
    if value is not None and not isinstance(value, str):
        raise FieldError(field, "must be text")
    return value


def person_in_path(request: Request, world: World) -> Member:
    """The person the path names."""
    return found_person(world, {"slug": request.path_params["slug"]}, "slug")


async def _body(request: Request) -> Body:
    raw = await request.body()
    if not raw:
        return {}
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise FieldError("body", "must be JSON") from error
    if not isinstance(body, dict):
        raise FieldError("body", "must be an object")
    return body
