"""E-mails and folders as the service shows them: a letter in one connected mailbox."""

from typing import Any, Final

from overture_sandbox.unipile.call import stamp
from overture_sandbox.unipile.ids import unipile_id
from overture_sandbox.unipile.tenant import MailAccount, Tenant
from overture_sandbox.world.letters import FOLDERS, Address, Filed, Letter
from overture_sandbox.world.model import Attachment

Json = dict[str, Any]
TOLD: Final = (
    *("date", "from_attendee", "to_attendees", "cc_attendees", "bcc_attendees", "reply_to_attendees"),
    *("subject", "body", "body_plain", "message_id", "provider_id", "read_date", "in_reply_to"),
    *("has_attachments", "attachments", "folders", "role", "origin", "thread_id", "tracking_id"),
)
"""What deliveries repeat of an e-mail."""


def email_id(account: MailAccount, one: Filed) -> str:
    """The service's id of a letter in a mailbox."""
    return unipile_id("email", account.id, one.uid)


def folder_id(account: MailAccount, name: str) -> str:
    """The service's id of a folder."""
    return unipile_id("folder", account.id, name)


def seen_in(tenant: Tenant, account: MailAccount) -> list[Filed]:
    """What the service's own store knows of a mailbox by now, newest first."""
    horizon = tenant.horizon(account, "emails")
    known = [one for one in account.box.filed if not (horizon and horizon.hides(one.arrived))]
    return sorted(known, key=lambda one: (one.arrived.at, one.arrived.commit), reverse=True)


def email_json(tenant: Tenant, account: MailAccount, one: Filed, kind: str = "2_full") -> Json:
    """An e-mail; of a `1_meta` the text is left out."""
    letter, words = one.letter, one.letter.words
    is_full, is_own = kind == "2_full", letter.sender.key == account.box.address.casefold()
    shown: Json = {
        "object": "Email",
        "id": email_id(account, one),
        "deprecated_id": unipile_id("email", account.id, one.uid, "deprecated"),
        "account_id": account.id,
        "type": account.type,
        "date": stamp(letter.sent.at),
        "role": one.role,
        "folders": list(one.folders),
        "folderIds": [folder_id(account, name) for name in one.folders],
        "read_date": stamp(one.read_at) if one.read_at else None,
        "message_id": letter.message_id,
        "provider_id": one.uid,
        "kind": kind,
        "body": words.html if is_full else "",
        "body_plain": words.plain if is_full else "",
        "from_attendee": _attendee(letter.sender),
        "to_attendees": [_attendee(each) for each in words.to],
        "cc_attendees": [_attendee(each) for each in words.cc],
        "bcc_attendees": [_attendee(each) for each in words.bcc] if is_own else [],
        "reply_to_attendees": [
            _attendee(Address(value)) for name, value in words.headers if name.casefold() == "reply-to"
        ],
        "subject": words.subject,
        "has_attachments": bool(words.attachments),
        "attachments": [_attachment(each) for each in words.attachments],
        "origin": "unipile" if one.tracking_id else "external",
        "thread_id": unipile_id("mail thread", account.id, letter.thread),
    }
    if one.tracking_id:
        shown["tracking_id"] = one.tracking_id
    parent = _found(tenant, account, words.parent)
    if parent is not None:
        shown["in_reply_to"] = {"message_id": parent.letter.message_id, "id": email_id(account, parent)}
    return shown


def headers_of(one: Filed) -> list[Json]:
    """The lines above a letter."""
    letter = one.letter
    lines = [("Message-ID", letter.message_id), ("Subject", letter.words.subject), *letter.words.headers]
    if letter.words.parent:
        lines.append(("In-Reply-To", letter.words.parent.message_id))
    return [{"name": name, "value": value} for name, value in lines]


def folder_json(account: MailAccount, name: str, letters: list[Filed]) -> Json:
    """A folder, and how much lies in it."""
    return {
        "object": "Folder",
        "id": folder_id(account, name),
        "account_id": account.id,
        "provider_id": name,
        "name": name,
        "role": FOLDERS[name],
        "nb_mails": sum(1 for one in letters if name in one.folders),
    }


def mail_event(tenant: Tenant, account: MailAccount, name: str, letter: Letter) -> Json | None:
    """What a delivery says of a letter; nothing if it is in the mailbox no more."""
    role = "sent" if name == "mail_sent" else "inbox"
    copies = [one for one in account.box.filed if one.letter is letter]
    found = next((one for one in copies if one.role == role), None)
    if found is None:
        return None
    shown = email_json(tenant, account, found)
    told: Json = {key: shown[key] for key in TOLD if key in shown}
    ids: Json = {"email_id": shown["id"], "account_id": account.id, "webhook_name": "", "is_complete": True}
    return {"event": name, **ids, **told}


def _found(tenant: Tenant, account: MailAccount, letter: Letter | None) -> Filed | None:
    if letter is None:
        return None
    return next((one for one in seen_in(tenant, account) if one.letter is letter), None)


def _attendee(address: Address) -> Json:
    named = {"display_name": address.name} if address.name else {}
    return {**named, "identifier": address.identifier, "identifier_type": "EMAIL_ADDRESS"}


def _attachment(one: Attachment) -> Json:
    extension = one.name.rpartition(".")[2] if "." in one.name else ""
    size = len(one.content)
    return {"id": one.id, "name": one.name, "size": size, "extension": extension, "mime": one.mimetype}
