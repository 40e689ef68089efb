"""Mailboxes as accounts: connecting one by its password, and what is said about one."""

from typing import Any, Final

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError
from overture_sandbox.unipile.tenant import MailAccount
from overture_sandbox.world.letters import Mailbox

Json = dict[str, Any]
SERVERS: Final = (("imap_host", str), ("imap_port", int), ("smtp_host", str), ("smtp_port", int))
ENCRYPTIONS: Final = ("tls", "ssl", "starttls", "default")


def mail_account_json(account: MailAccount) -> Json:
    """A mailbox as lists of accounts show it."""
    address = account.box.address
    mail: Json = {"id": account.id, "username": address}
    if account.type == "MAIL":
        domain = address.rpartition("@")[2]
        usual = {
            "imap_host": f"imap.{domain}",
            "imap_port": 993,
            "smtp_host": f"smtp.{domain}",
            "smtp_port": 465,
        }
        mail = {**usual, **account.servers, "imap_user": address, "smtp_user": address}
    return {
        "object": "Account",
        "type": account.type,
        "id": account.id,
        "name": address,
        "created_at": stamp(account.created_at),
        "connection_params": {"mail": mail},
        "groups": [],
        "sources": [{"id": f"{account.id}_MAILS", "status": account.status}],
    }


def connect_mailbox(call: Call) -> Json:
    """Connect by the password of the mail server; the same mailbox again is the same account."""
    box, servers = _opened(call, call.needed("imap_user")), _servers(call)
    found = next((one for one in call.tenant.mail_accounts.values() if one.box is box), None)
    if found is None:
        found = call.tenant.connect_mail(box, "MAIL")
    else:
        call.tenant.resume(found)
    found.servers = servers
    return {"object": "AccountCreated", "account_id": found.id}


def reconnect_mailbox(call: Call, account: MailAccount) -> Json:
    """The same for an account that is known; only its passwords are given."""
    if call.needed("provider") != account.type:
        raise ApiError("wrong_account")
    if account.type != "MAIL":
        raise ApiError("feature_not_implemented", "The sandbox has no consent page of this provider.")
    if _opened(call, call.text("imap_user") or account.box.address) is not account.box:
        raise ApiError("wrong_account")
    call.tenant.resume(account)
    return {"object": "AccountReconnected", "account_id": account.id}


def restart_mailbox(call: Call, account: MailAccount) -> Json:
    """Start a stopped mailbox again; one without a password cannot be helped so."""
    if account.status == "CREDENTIALS":
        return {"object": "AccountFailedToRestart"}
    call.tenant.set_status(account, "CONNECTING")
    call.tenant.set_status(account, "OK")
    return {"object": "AccountRestarted"}


def _opened(call: Call, address: str) -> Mailbox:
    box = call.world.mailbox(address)
    passwords = {call.needed("imap_password"), call.text("smtp_password") or call.needed("imap_password")}
    if box is None or passwords != {box.password}:
        raise ApiError("invalid_credentials")
    return box


def _servers(call: Call) -> Json:
    """Where the mailbox is said to be."""
    servers: Json = {name: call.body.get(name) for name, _ in SERVERS}
    for name, kind in SERVERS:
        if servers[name] is None:
            raise ApiError("missing_parameters", f"{name} is required.")
        if not isinstance(servers[name], kind):
            raise ApiError("invalid_parameters", f"{name} is invalid.")
    encryption = call.text("imap_encryption")
    if encryption not in (None, *ENCRYPTIONS):
        raise ApiError("invalid_parameters", "imap_encryption is invalid.")
    return servers | ({"imap_encryption": encryption} if encryption else {})
