"""Acting as the people of the world: they accept, decline, ask and write."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, text
from overture_sandbox.admin_requests import Body, admin, found_person, optional_text, person_in_path
from overture_sandbox.world import Invitation, Member, Refused, World


def people_routes() -> list[BaseRoute]:
    """The endpoints through which people act."""
    actions = {
        "accept": _accept,
        "decline": _decline,
        "invite": _invite,
        "reply": _reply,
        "read": _read,
        "react": _react,
        "reword": _reword,
        "unsay": _unsay,
    }
    return [
        Route(f"/_sbx/people/{{slug}}/{name}", admin(action), methods=["POST"])
        for name, action in actions.items()
    ]


def _accept(request: Request, world: World, body: Body) -> Response:
    """They say yes to the account's invitation."""
    invitation = _waiting(world, found_person(world, body, "account"), person_in_path(request, world))
    world.accept(invitation, "admin")
    return _last_entry(world)


def _decline(request: Request, world: World, body: Body) -> Response:
    """They say no."""
    invitation = _waiting(world, found_person(world, body, "account"), person_in_path(request, world))
    world.decline(invitation, "admin")
    return _last_entry(world)


def _invite(request: Request, world: World, body: Body) -> Response:
    """They ask the account to connect, with `text` as the note."""
    account = found_person(world, body, "account")
    world.create_invitation(person_in_path(request, world), account, optional_text(body, "text"), "admin")
    return _last_entry(world)


def _reply(request: Request, world: World, body: Body) -> Response:
    """They write to the account, or in the group whose thread is named in `group`."""
    person, account = person_in_path(request, world), found_person(world, body, "account")
    if "group" not in body:
        world.reply(person, account, text(body, "text"))
        return _last_entry(world)
    group = world.group(text(body, "group"))
    if group is None or not {person.profile_id, account.profile_id} <= set(group.member_ids):
        raise FieldError("group", "they are in no such group")
    world.say_in_group(person, group, text(body, "text"), "admin", "reply")
    return _last_entry(world)


def _read(request: Request, world: World, body: Body) -> Response:
    """They read what the account wrote last."""
    world.look_at(person_in_path(request, world), found_person(world, body, "account"))
    return _last_entry(world)


def _react(request: Request, world: World, body: Body) -> Response:
    """They put a `sign` under what the account wrote last."""
    account = found_person(world, body, "account")
    world.react_to(person_in_path(request, world), account, text(body, "sign"))
    return _last_entry(world)


def _reword(request: Request, world: World, body: Body) -> Response:
    """They change what they wrote to the account last."""
    account = found_person(world, body, "account")
    world.reword(person_in_path(request, world), account, text(body, "text"))
    return _last_entry(world)


def _unsay(request: Request, world: World, body: Body) -> Response:
    """They delete what they wrote to the account last."""
    world.unsay(person_in_path(request, world), found_person(world, body, "account"))
    return _last_entry(world)


def _waiting(world: World, account: Member, person: Member) -> Invitation:
    invitation = world.open_invitation(account, person)
    if invitation is None or invitation.inviter_id != account.profile_id:
        raise Refused(409, "NO_INVITATION", f"{account.slug} has no open invitation to {person.slug}")
    return invitation


def _last_entry(world: World) -> Response:
    return JSONResponse(world.ledger.entries()[-1].as_json(), 201)
