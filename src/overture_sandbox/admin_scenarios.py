"""Arranging a prepared scenario by its name."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, one_of
from overture_sandbox.admin_requests import Body, admin, optional_text
from overture_sandbox.scenarios import SCENARIOS, arrange
from overture_sandbox.scenarios.scenario import PASSWORD
from overture_sandbox.world import World


def scenario_routes() -> list[BaseRoute]:
    """What there is, and arranging one."""
    return [
        Route("/_sbx/scenarios", admin(_list)),
        Route("/_sbx/scenarios/{name}", admin(_arrange), methods=["POST"]),
    ]


def _list(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse(
        [
            {"number": one.number, "name": one.name, "site": one.site, "required": one.required}
            for one in SCENARIOS.values()
        ]
    )


def _arrange(request: Request, world: World, body: Body) -> Response:
    """One scenario with a new account, called `username` when given."""
    name = request.path_params["name"]
    if name not in SCENARIOS:
        raise FieldError("name", f"there is no scenario {name}")
    username = optional_text(body, "username")
    if username is not None and username in world.logins:
        raise FieldError("username", "is taken")
    made = arrange(
        world,
        name,
        username=username,
        password=optional_text(body, "password") or PASSWORD,
        variant=one_of({"variant": "B", **body}, "variant", ("A", "B")),
    )
    return JSONResponse(made, 201)
