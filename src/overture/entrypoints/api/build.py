"""The API put together: routes, doorway, problems and schema."""

from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.routing import BaseRoute

from overture.entrypoints.api import (
    accounts,
    artifacts,
    health,
    limits,
    logins,
    metrics,
    runs,
    schedules,
    system,
    unipile,
)
from overture.entrypoints.api.doorway import Doorway
from overture.entrypoints.api.problems import Problem, add_handlers
from overture.entrypoints.api.queries import only_known
from overture.entrypoints.api.tokens import Mint
from overture.entrypoints.bootstrap import App

DESCRIPTION: Final = """\
Performs single outreach touchpoints from the accounts you give it, each exactly once, and proves it.

Times are RFC 3339 in UTC. Refusals are `application/problem+json` with a
stable `code` (see /problems/<code>).
Send your key as `X-API-Key`, or a token made with it as `Authorization: Bearer`.
"""


def create_api(app: App, routers: Sequence[APIRouter] = (), files: frozenset[str] = frozenset()) -> FastAPI:
    """The API of an opened product; `routers` are those of layers above the touchpoints.

    `files` are the addresses that take a file instead of JSON.
    """
    api = describe_api(routers)
    api.state.overture = app
    taking = files | unipile.ADDRESSES
    mint = Mint(app.vault.ring, app.api_key)
    api.add_middleware(Doorway, api_key=app.api_key, ids=app.ids, clock=app.clock, mint=mint, files=taking)
    return api


def describe_api(routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The API without a product behind it: enough for its schema."""
    api = FastAPI(
        title="Overture",
        version=health.VERSION,
        description=DESCRIPTION,
        generate_unique_id_function=operation_id,
        redirect_slashes=False,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=routes_of(routers),
    )
    add_handlers(api)
    described = api.openapi

    def with_problems() -> dict[str, Any]:
        if api.openapi_schema is None:
            complete(described())
        return described()

    api.openapi = with_problems  # type: ignore[method-assign]  # the framework's own way to extend the schema
    return api


_WORKED_OUT: Final[dict[tuple[int, ...], FastAPI]] = {}
"""Routes by the identities of their routers, which the routes keep alive."""


def routes_of(routers: Sequence[APIRouter]) -> list[BaseRoute]:
    """Routes of the touchpoints and of these routers, worked out once: a first request pays 0.2 s for it."""
    key = tuple(map(id, routers))
    if key not in _WORKED_OUT:
        _WORKED_OUT[key] = joined(routers)
    return list(_WORKED_OUT[key].routes)


def joined(routers: Sequence[APIRouter]) -> FastAPI:
    """All routers in the order they are matched."""
    touchpoints = (runs.router, artifacts.router, schedules.router)
    operating = (accounts.router, limits.router, logins.router, system.router, metrics.router, health.router)
    own = (*operating[:3], unipile.router, unipile.notified, *touchpoints, *operating[3:])
    together = FastAPI(openapi_url=None, generate_unique_id_function=operation_id)
    # Webhooks, which are out of the schema, come in bursts: they are matched first.
    for router in sorted((*own, *routers), key=lambda one: one.include_in_schema):
        together.include_router(router, dependencies=[only_known] if router.include_in_schema else [])
    return together


def operation_id(route: APIRoute) -> str:
    """The route's name: stable whatever moves."""
    return route.name


def complete(schema: dict[str, Any]) -> None:
    """Add the shape of problems, which every operation names."""
    shape = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["components"]["schemas"] |= {**shape.pop("$defs"), "Problem": shape}
