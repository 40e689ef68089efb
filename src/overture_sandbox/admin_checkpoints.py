"""Playing the account's owner at a check: reading the code that was sent, saying yes on the phone."""

from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError
from overture_sandbox.admin_requests import Body, admin, found_login
from overture_sandbox.world import Checkpoint, World


def checkpoint_routes() -> list[BaseRoute]:
    """What checks there are, and what their owners can do."""
    return [
        Route("/_sbx/checkpoints", admin(_list)),
        Route("/_sbx/checkpoints/approve", admin(_approve), methods=["POST"]),
        Route("/_sbx/checkpoints/expire", admin(_expire), methods=["POST"]),
    ]


def _list(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Every check with its code, of one account with `?account=`; newest last."""
    wanted = request.query_params.get("account")
    return JSONResponse([_shown(one) for one in world.checkpoints.values() if wanted in (None, one.username)])


def _approve(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """The owner of `account` says yes in the app."""
    checkpoint = _open_of(world, body)
    world.approve(checkpoint)
    return JSONResponse(_shown(checkpoint))


def _expire(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """The check of `account` is over; its page leads to the login form."""
    checkpoint = _open_of(world, body)
    checkpoint.state = "expired"
    return JSONResponse(_shown(checkpoint))


def _open_of(world: World, body: Body) -> Checkpoint:
    found = world.checkpoint_of(found_login(world, body).username)
    if found is None:
        raise FieldError("account", "has no open check")
    return found


def _shown(checkpoint: Checkpoint) -> dict[str, object]:
    return {**asdict(checkpoint), "asked_at": checkpoint.asked_at.isoformat()}
