"""Reads an e-mail that is to be sent: whom to, what it says, and what of it no mail server would take."""

import json
import re
from typing import Any, Final

from overture_sandbox.unipile.call import Call
from overture_sandbox.unipile.errors import ApiError
from overture_sandbox.unipile.letters import email_id, seen_in
from overture_sandbox.world.letters import Address, Letter, Words
from overture_sandbox.world.model import Attachment

Json = dict[str, Any]
LARGEST: Final = 26_214_400  # bytes of all files together
ADDRESS: Final = re.compile(r"[^@\s<>,]+@[^@\s<>,]+\.[^@\s<>,]+\Z")
HEADER: Final = re.compile(
    r"(X-[A-Za-z0-9-]+|List-Unsubscribe(-Post)?|Reply-To|Content-Type)\Z", re.IGNORECASE
)


def sender_of(call: Call) -> Address:
    """Who it comes from: the mailbox's own address, under any name."""
    given = _value(call, "from")
    if given is not None and not isinstance(given, dict):
        raise ApiError("invalid_parameters", "from must be an object.")
    own = call.mail.box.address
    wanted, name = (given or {}).get("identifier", own), (given or {}).get("display_name")
    if not isinstance(wanted, str) or wanted.casefold() != own.casefold():
        raise ApiError("send_as_denied")
    return Address(own, name if isinstance(name, str) else call.tenant.owner(call.mail).full_name)


def words_of(call: Call) -> Words:
    """What it says to whom."""
    to = _addresses(call, "to")
    if not to:
        raise ApiError("missing_parameters", "to is required.")
    parent = _parent(call)
    subject = call.text("subject") or ""
    if parent is not None and subject not in _answers(parent):
        raise ApiError("invalid_reply_subject")
    return Words(
        to=to,
        subject=subject,
        html=call.needed("body"),
        cc=_addresses(call, "cc"),
        bcc=_addresses(call, "bcc"),
        headers=_headers(call),
        attachments=_files(call),
        parent=parent,
    )


def _value(call: Call, name: str) -> Any:
    """A nested value: JSON itself, or JSON as the text of a form."""
    given = call.body.get(name)
    if not isinstance(given, str) or not given:
        return given or None
    try:
        return json.loads(given)
    except ValueError as error:
        raise ApiError("invalid_parameters", f"{name} must be JSON.") from error


def _addresses(call: Call, name: str) -> tuple[Address, ...]:
    given = _value(call, name) or []
    if not isinstance(given, list):
        raise ApiError("invalid_parameters", f"{name} must be an array.")
    return tuple(_address(name, one) for one in given)


def _address(name: str, given: object) -> Address:
    identifier = given.get("identifier") if isinstance(given, dict) else None
    if not isinstance(given, dict) or not isinstance(identifier, str):
        raise ApiError("invalid_parameters", f"{name} must be objects with an identifier.")
    if ADDRESS.match(identifier) is None:
        raise ApiError("recipient_rejected")
    shown = given.get("display_name")
    return Address(identifier, shown if isinstance(shown, str) and shown else None)


def _parent(call: Call) -> Letter | None:
    """The letter this is an answer to: by its id, or the mail server's."""
    name = call.text("reply_to")
    if name is None:
        return None
    for one in seen_in(call.tenant, call.mail):
        if name in (email_id(call.mail, one), one.uid):
            return one.letter
    raise ApiError("parent_mail_not_found")


def _answers(parent: Letter) -> tuple[str, str]:
    """The subjects an answer may have."""
    return parent.words.subject, f"Re: {parent.words.subject}"


def _headers(call: Call) -> tuple[tuple[str, str], ...]:
    given = _value(call, "custom_headers") or []
    if not isinstance(given, list):
        raise ApiError("invalid_parameters", "custom_headers must be an array.")
    found: list[tuple[str, str]] = []
    for one in given:
        name, value = (one.get("name"), one.get("value")) if isinstance(one, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str) or HEADER.match(name) is None:
            raise ApiError("invalid_headers")
        found.append((name, value))
    return tuple(found)


def _files(call: Call) -> tuple[Attachment, ...]:
    files = [one for one in call.files if one.field == "attachments"]
    if sum(len(one.content) for one in files) > LARGEST:
        raise ApiError("content_too_large")
    return tuple(
        Attachment(f"{number}", one.name, one.mimetype, one.content) for number, one in enumerate(files, 1)
    )
