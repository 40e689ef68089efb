"""The operator's door at `/_sbx`: arrange the world, act as its people, set faults, read the ledger."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_checkpoints import checkpoint_routes
from overture_sandbox.admin_fields import FieldError, built, text, whole_number
from overture_sandbox.admin_mail import mail_routes
from overture_sandbox.admin_people import people_routes
from overture_sandbox.admin_posts import post_routes
from overture_sandbox.admin_requests import Body, admin, found_login, optional_text
from overture_sandbox.admin_scenarios import scenario_routes
from overture_sandbox.admin_setup import setup_routes
from overture_sandbox.admin_unipile import unipile_routes
from overture_sandbox.linkedin.pages.quirks import clear_quirks
from overture_sandbox.unipile import tenant_of
from overture_sandbox.world import FaultRule, World
from overture_sandbox.world.faults import ENDPOINTS, UNIPILE_ENDPOINTS


def routes() -> list[BaseRoute]:
    """Everything an operator may do."""
    return [
        Route("/_sbx/health", admin(_health)),
        Route("/_sbx/world", admin(_summary)),
        Route("/_sbx/reset", admin(_reset), methods=["POST"]),
        Route("/_sbx/clock", admin(_clock), methods=["POST"]),
        Route("/_sbx/clock", admin(_time)),
        Route("/_sbx/ledger", admin(_ledger)),
        Route("/_sbx/faults", admin(_faults)),
        Route("/_sbx/faults", admin(_set_fault), methods=["POST"]),
        Route("/_sbx/faults", admin(_clear_faults), methods=["DELETE"]),
        Route("/_sbx/faults/{id}", admin(_remove_fault), methods=["DELETE"]),
        Route("/_sbx/sessions", admin(_open_session), methods=["POST"]),
        Route("/_sbx/sessions/expire", admin(_expire_sessions), methods=["POST"]),
        Route("/_sbx/sessions/rotate_csrf", admin(_rotate_csrf), methods=["POST"]),
        *setup_routes(),
        *people_routes(),
        *mail_routes(),
        *checkpoint_routes(),
        *scenario_routes(),
        *post_routes(),
        *unipile_routes(),
    ]


def _health(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse({"status": "ok", "seed": world.seed, "now": world.clock.now().isoformat()})


def _summary(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """How much of everything there is."""
    return JSONResponse(
        {
            "seed": world.seed,
            "now": world.clock.now().isoformat(),
            "members": len(world.members),
            "logins": sorted(world.logins),
            "connections": len(world.links),
            "invitations": len(world.invitations),
            "pending_invitations": sum(1 for one in world.invitations if one.state == "pending"),
            "conversations": len(world.conversations),
            "messages": sum(len(one.messages) for one in world.conversations),
            "sessions": sum(1 for one in world.sessions.values() if one.is_alive),
            "faults": len(list(world.faults)),
            "ledger": len(world.ledger),
        }
    )


def _reset(request: Request, world: World, body: Body) -> Response:
    """Begin again: the same seed gives the same world."""
    start = body.get("start")
    world.reset(whole_number(body, "seed", 1), None if start is None else _instant(body, "start"))
    clear_quirks(world)
    return _summary(request, world, body)


def _clock(request: Request, world: World, body: Body) -> Response:
    """Move time: `advance_s`, `set` or `freeze`, in this order when several are given."""
    if not {"advance_s", "set", "freeze"} & set(body):
        raise FieldError("advance_s", "or set or freeze is required")
    if "freeze" in body:
        if not isinstance(body["freeze"], bool):
            raise FieldError("freeze", "must be true or false")
        (world.clock.freeze if body["freeze"] else world.clock.unfreeze)()
    if "set" in body:
        world.clock.set(_instant(body, "set"))
    if "advance_s" in body:
        if not isinstance(body["advance_s"], int | float):
            raise FieldError("advance_s", "must be a number of seconds")
        world.clock.advance(timedelta(seconds=body["advance_s"]))
    return _time(request, world, body)


def _time(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse({"now": world.clock.now().isoformat(), "frozen": world.clock.is_frozen})


def _ledger(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """What really happened, by kind, account, target and since."""
    query = request.query_params
    since = query.get("since")
    entries = world.ledger.entries(
        query.get("kind"),
        query.get("account"),
        query.get("target"),
        int(since) if since and since.isdigit() else since,
    )
    return JSONResponse([entry.as_json() for entry in entries])


def _faults(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse([rule.as_json() for rule in world.faults])


def _set_fault(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Set one switch."""
    known_endpoints = (*ENDPOINTS, *UNIPILE_ENDPOINTS)
    if body.get("endpoint") not in known_endpoints:
        raise FieldError("endpoint", f"must be one of {', '.join(known_endpoints)}")
    for name, known in _names_in_faults(world).items():
        value = optional_text(body, name)
        if value is not None and not known(value):
            raise FieldError(name, f"there is no {value}")
    for name in ("set_at_commit", "seen", "fired"):
        if name in body:
            raise FieldError(name, "is counted by the sandbox")
    rule = built(FaultRule, {"id": f"fault-{world.mint.uuid()}", **body, "set_at_commit": world.commits})
    return JSONResponse(world.faults.add(rule).as_json(), 201)


def _names_in_faults(world: World) -> dict[str, Callable[[str], object]]:
    return {
        "account": lambda name: world.account(name) or world.member(name) or tenant_of(world).account(name),
        "target": world.member,
    }


def _clear_faults(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    world.faults.clear()
    return JSONResponse({"faults": 0})


def _remove_fault(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    if not world.faults.remove(request.path_params["id"]):
        return JSONResponse({"error": "there is no such fault", "field": "id"}, 404)
    return JSONResponse({"faults": len(list(world.faults))})


def _open_session(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """The cookies of a browser that is logged in, without going through the form."""
    session = world.open_session(found_login(world, body))
    return JSONResponse({**asdict(session), "opened_at": session.opened_at.isoformat()}, 201)


def _expire_sessions(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    return JSONResponse({"expired": world.expire_sessions(found_login(world, body))})


def _rotate_csrf(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Give the account's sessions a new CSRF token; pages hand it out at the next visit."""
    login = found_login(world, body)
    mine = [one for one in world.sessions.values() if one.username == login.username and one.is_alive]
    for session in mine:
        session.csrf_token = world.mint.csrf_token()
    return JSONResponse({"rotated": len(mine)})


def _instant(body: Body, name: str) -> datetime:
    try:
        at = datetime.fromisoformat(text(body, name))
    except ValueError as error:
        raise FieldError(name, "must be an ISO 8601 time") from error
    if at.tzinfo is None:
        raise FieldError(name, "must have a time zone")
    return at
