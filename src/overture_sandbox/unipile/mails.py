"""E-mail: listing it, one of it, its files and folders, sending, drafting, moving and deleting it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from starlette.responses import Response

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.ids import unipile_id
from overture_sandbox.unipile.letters import (
    email_id,
    email_json,
    folder_id,
    folder_json,
    headers_of,
    seen_in,
)
from overture_sandbox.unipile.mail_words import sender_of, words_of
from overture_sandbox.unipile.paging import Filters, decoded, filters_of, page_after
from overture_sandbox.unipile.tenant import MailAccount
from overture_sandbox.unipile.threads import is_between
from overture_sandbox.world.letters import FOLDERS, SENT, Address, Filed

Json = dict[str, Any]
FILTERS: Final = (
    *("account_id", "role", "folder", "from", "to", "any_email", "message_id", "thread_id"),
    *("before", "after", "meta_only", "include_headers"),
)
ROLES: Final = (*FOLDERS.values(), "all", "important", "starred", "unknown")


def doors() -> list[Door]:
    """The routes about e-mail."""
    one, file = "/emails/{email_id}", "/emails/{email_id}/attachments/{attachment_id}"
    return [
        Door("GET", "/emails", "emails", _list, "store", whose=_box),
        Door("POST", "/emails", "email.send", _send, status=201, whose=_box),
        Door("GET", one, "email", _show, "store", whose=_box_with),
        Door("PUT", one, "email.update", _update, whose=_box_with),
        Door("DELETE", one, "email.delete", _delete, whose=_box_with),
        Door("GET", file, "email.attachment", _attachment, "store", whose=_box_with),
        Door("POST", "/drafts", "draft", _draft, status=201, whose=_box),
        Door("GET", "/folders", "folders", _folders, "nothing"),
        Door("GET", "/folders/{folder_id}", "folder", _folder, "nothing"),
    ]


def _named(call: Call, name: str) -> MailAccount:
    """The mailbox of this id; other accounts are not made for e-mail."""
    found = call.tenant.mail_account(name)
    if found is None:
        raise ApiError("invalid_account") if call.tenant.account(name) else not_found("Account")
    return found


def _box(call: Call) -> MailAccount:
    """The mailbox the request names, or its cursor."""
    cursor = call.query("cursor")
    name = (decoded(cursor).get("account_id") if cursor else None) or call.named_account()
    if not isinstance(name, str):
        raise ApiError("missing_parameters", "account_id is required.")
    return _named(call, name)


def _box_with(call: Call) -> MailAccount:
    """The mailbox the letter of the path lies in."""
    return _there(call)[0]


def _there(call: Call) -> tuple[MailAccount, Filed]:
    """The letter of the path: by its id, or by the mail server's id if the account is named too."""
    name, account_id = call.path("email_id"), call.named_account()
    accounts = [_named(call, account_id)] if account_id else list(call.tenant.mail_accounts.values())
    for account in accounts:
        for one in seen_in(call.tenant, account):
            if name == email_id(account, one) or (account_id and name == one.uid):
                return account, one
    raise not_found("Email")


def _list(call: Call) -> Json:
    """The e-mails of a mailbox, newest first."""
    filters = filters_of(call, FILTERS)
    after, before = call.instant("after", filters), call.instant("before", filters)
    if filters.get("role") not in (None, *ROLES):
        raise ApiError("invalid_parameters", "role is unknown.")
    rows = [
        one
        for one in seen_in(call.tenant, call.mail)
        if is_between(_sent_at(one), after, before) and _is_meant(call.mail, one, filters)
    ]
    page = page_after(call, rows, Filters(filters, lambda one: email_id(call.mail, one), _sent_at), stamp)
    kind = "1_meta" if _is_on(filters, "meta_only") else "2_full"
    items = [email_json(call.tenant, call.mail, one, kind) for one in page.rows]
    if _is_on(filters, "include_headers"):
        items = [item | {"headers": headers_of(one)} for item, one in zip(items, page.rows, strict=True)]
    return {"object": "EmailList", "items": items, "cursor": page.cursor}


def _sent_at(one: Filed) -> datetime:
    return one.letter.sent.at


def _is_on(filters: Json, name: str) -> bool:
    value = filters.get(name)
    if value not in (None, "true", "false"):
        raise ApiError("invalid_parameters", f"{name} must be true or false.")
    return value == "true"


def _is_meant(account: MailAccount, one: Filed, filters: Json) -> bool:
    """A letter passes every filter that is given."""
    words, sender = one.letter.words, one.letter.sender
    thread = unipile_id("mail thread", account.id, one.letter.thread)
    folders = {*one.folders, *(folder_id(account, name) for name in one.folders)}
    return (
        filters.get("role") in (None, "all", one.role)
        and _is_one_of(filters.get("folder"), folders)
        and _is_one_of(filters.get("message_id"), {one.letter.message_id})
        and _is_one_of(filters.get("thread_id"), {thread})
        and _is_among(filters.get("from"), [sender])
        and _is_among(filters.get("to"), words.to)
        and _is_among(filters.get("any_email"), [sender, *words.recipients])
    )


def _is_one_of(wanted: str | None, names: set[str]) -> bool:
    return wanted is None or wanted in names


def _is_among(wanted: str | None, people: Sequence[Address]) -> bool:
    """One of these addresses, several with commas, is there."""
    if wanted is None:
        return True
    return bool({one.strip().casefold() for one in wanted.split(",")} & {one.key for one in people})


def _show(call: Call) -> Json:
    account, one = _there(call)
    shown = email_json(call.tenant, account, one)
    return shown | {"headers": headers_of(one)} if call.flag("include_headers") else shown


def _attachment(call: Call) -> Response:
    wanted = call.path("attachment_id")
    for one in _there(call)[1].letter.words.attachments:
        if one.id == wanted:
            return Response(one.content, media_type=one.mimetype)
    raise not_found("Attachment")


def _send(call: Call) -> Json:
    """Send an e-mail; it lies in the mailbox's own `Sent` from then on."""
    account, sender = call.mail, sender_of(call)
    words, draft = words_of(call), _draft_named(call)
    letter = call.world.post_letter(call.tenant.owner(account), sender, words, "unipile")
    if draft is not None:
        account.box.filed.remove(draft)
    sent = next(one for one in account.box.filed if one.letter is letter and SENT in one.folders)
    sent.tracking_id = call.tenant.mint()
    made: Json = {"id": email_id(account, sent), "provider_id": sent.uid}
    if call.tenant.settings.null_ids:
        made = dict.fromkeys(made)
    return {"object": "EmailSent", "tracking_id": sent.tracking_id, **made}


def _draft_named(call: Call) -> Filed | None:
    """The draft that is sent, if it is one."""
    name = call.text("draft_id")
    if name is None:
        return None
    for one in call.mail.box.filed:
        if one.role == "drafts" and name in (one.uid, email_id(call.mail, one)):
            return one
    raise not_found("Draft")


def _draft(call: Call) -> Json:
    """Write an e-mail that is not sent yet."""
    made = call.world.draft_letter(call.mail.box, sender_of(call), words_of(call))
    return {"object": "DraftCreated", "draft_id": email_id(call.mail, made)}


def _update(call: Call) -> Json:
    """Mark an e-mail as read or unread, or move it."""
    account, one = _there(call)
    unread, folders = call.body.get("unread"), call.body.get("folders")
    if unread is not None and not isinstance(unread, bool):
        raise ApiError("invalid_parameters", "unread must be true or false.")
    if folders is not None:
        one.folders = _places(account, folders)
    if unread is not None:
        one.read_at = None if unread else call.world.clock.now()
    return {"object": "EmailUpdated"}


def _places(account: MailAccount, given: object) -> list[str]:
    """Where an e-mail shall lie; only Google lets it lie in several folders."""
    if not isinstance(given, list) or not given or not all(isinstance(one, str) for one in given):
        raise ApiError("invalid_parameters", "folders must be names of folders.")
    if len(given) > 1 and account.type != "GOOGLE_OAUTH":
        raise ApiError("invalid_parameters", "This account takes only one folder.")
    known = {key: name for name in FOLDERS for key in (name, folder_id(account, name))}
    if not set(given) <= set(known):
        raise not_found("Folder")
    return [known[one] for one in given]


def _delete(call: Call) -> Json:
    account, one = _there(call)
    call.world.throw_away(account.box, one)
    return {"object": "EmailDeleted"}


def _folders(call: Call) -> Json:
    """The folders of one mailbox, or of all."""
    named = call.named_account()
    found = call.tenant.mail_account(named) if named else None
    accounts = [found] if found else [] if named else list(call.tenant.mail_accounts.values())
    items = [
        folder_json(account, name, seen_in(call.tenant, account)) for account in accounts for name in FOLDERS
    ]
    return {"object": "FolderList", "items": items, "cursor": None}


def _folder(call: Call) -> Json:
    """One folder: by its id, or by its name if the account is named too."""
    wanted, account_id = call.path("folder_id"), call.named_account()
    accounts = [_named(call, account_id)] if account_id else list(call.tenant.mail_accounts.values())
    for account in accounts:
        for name in FOLDERS:
            if wanted == folder_id(account, name) or (account_id and wanted == name):
                return folder_json(account, name, seen_in(call.tenant, account))
    raise not_found("Folder")
