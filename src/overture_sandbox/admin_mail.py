"""Arranging e-mail: mailboxes, connecting one to the Unipile face, and letters people write."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, one_of, text
from overture_sandbox.admin_requests import Body, admin, found_person, optional_text, person_in_path
from overture_sandbox.unipile import tenant_of
from overture_sandbox.world import Member, World
from overture_sandbox.world.letters import Address, Letter, Mailbox, Words

TYPES = ("MAIL", "GOOGLE_OAUTH", "OUTLOOK")


def mail_routes() -> list[BaseRoute]:
    """What an operator may do with e-mail."""
    return [
        Route("/_sbx/mailboxes", admin(_mailboxes)),
        Route("/_sbx/mailboxes", admin(_open), methods=["POST"]),
        Route("/_sbx/unipile/mailboxes", admin(_connect), methods=["POST"]),
        Route("/_sbx/people/{slug}/email", admin(_write), methods=["POST"]),
    ]


def _mailboxes(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Every mailbox, whose it is, and how many letters lie in it."""
    return JSONResponse([_shown(world, one) for one in world.mailboxes.values()])


def _shown(world: World, one: Mailbox) -> dict[str, object]:
    owner = world.members[one.owner_id]
    return {"address": one.address, "owner": owner.slug, "password": one.password, "letters": len(one.filed)}


def _open(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Give `owner` the mailbox `address`, with `password` to log in to the mail server."""
    address, owner, password = (
        text(body, "address"),
        found_person(world, body, "owner"),
        text(body, "password"),
    )
    try:
        made = world.open_mailbox(address, owner, password)
    except ValueError as error:
        raise FieldError("address", "is already taken") from error
    return JSONResponse(_shown(world, made), 201)


def _connect(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Connect the mailbox `address` to the face, as `type` if it is not a plain one."""
    tenant, box = tenant_of(world), world.mailbox(text(body, "address"))
    if box is None:
        raise FieldError("address", "there is no such mailbox")
    kind = one_of(body, "type", TYPES) if "type" in body else "MAIL"
    made = tenant.connect_mail(box, kind)  # type: ignore[arg-type]
    return JSONResponse(
        {"id": made.id, "address": box.address, "type": made.type, "status": made.status}, 201
    )


def _write(request: Request, world: World, body: Body) -> Response:
    """They write `subject` and `text` to the address `to`, in answer to the letter `reply_to` if given."""
    writer, parent = person_in_path(request, world), _parent(world, body)
    words = Words((Address(text(body, "to")),), text(body, "subject"), text(body, "text"), parent=parent)
    letter = world.post_letter(writer, Address(_address_of(world, writer), writer.full_name), words, "admin")
    return JSONResponse({"message_id": letter.message_id}, 201)


def _parent(world: World, body: Body) -> Letter | None:
    name = optional_text(body, "reply_to")
    if name is not None and name not in world.letters:
        raise FieldError("reply_to", f"there is no letter {name}")
    return world.letters[name] if name else None


def _address_of(world: World, writer: Member) -> str:
    """Where somebody writes from: their mailbox, the address of their profile, or one made of their name."""
    own = (one.address for one in world.mailboxes.values() if one.owner_id == writer.profile_id)
    return next(own, None) or writer.email or f"{writer.slug}@people.test"
