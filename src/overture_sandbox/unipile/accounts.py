"""Accounts: connecting, checkpoints, reconnecting, restarting, and what is said about one."""

from datetime import timedelta
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.mail_accounts import (
    connect_mailbox,
    mail_account_json,
    reconnect_mailbox,
    restart_mailbox,
)
from overture_sandbox.unipile.paging import Filters, page_after
from overture_sandbox.unipile.tenant import Account, Intent, MailAccount, Tenant
from overture_sandbox.world import Checkpoint, Login, WebSession

Json = dict[str, Any]
INTENT_LIFE: Final = timedelta(minutes=5)
CHECKPOINTS: Final[dict[str, Json]] = {
    "email_pin": {"type": "OTP"},
    "sms_pin": {"type": "2FA", "source": "SMS"},
    "totp": {"type": "2FA", "source": "APP"},
    "app_approval": {"type": "IN_APP_VALIDATION"},
    "captcha": {"type": "CAPTCHA", "public_key": "SANDBOX-0000", "data": "{}"},
    "other": {"type": "PHONE_REGISTER"},
}
SYNC_STEPS: Final = {"SYNC_DONE": "SYNC_STARTED", "SYNC_STARTED": "SYNC_RUNNING", "SYNC_RUNNING": "SYNC_DONE"}


def doors() -> list[Door]:
    """The routes about accounts."""
    return [
        Door("GET", "/accounts", "accounts", _list, "nothing"),
        Door("POST", "/accounts", "connect", _connect, "nothing", 201),
        Door("POST", "/accounts/checkpoint", "checkpoint", _solve, "nothing", 201),
        Door("POST", "/accounts/checkpoint/resend", "checkpoint.resend", _resend, "nothing"),
        Door("GET", "/accounts/{account_id}", "account", _show, "nothing", whose=_named),
        Door("DELETE", "/accounts/{account_id}", "account.delete", _delete, "nothing", whose=_named),
        Door("POST", "/accounts/{account_id}", "reconnect", _reconnect, "nothing", 201, _named),
        Door("POST", "/accounts/{account_id}/restart", "restart", _restart, "nothing", whose=_named),
        Door("GET", "/accounts/{account_id}/sync", "sync", _sync, whose=_linkedin_named),
    ]


def account_json(tenant: Tenant, account: Account) -> Json:
    """An account as lists show it; how it stands is only said by its sources."""
    me = tenant.owner(account)
    params: Json = {
        "id": me.profile_id,
        "publicIdentifier": me.slug,
        "username": me.full_name,
        "premiumId": None,
        "premiumContractId": None,
        "premiumFeatures": [*(["premium"] if me.premium else []), *account.products],
        "organizations": [],
    }
    if account.proxy:
        params["proxy"] = account.proxy
    names = [account.id, *(f"{account.id}_{product.upper()}" for product in account.products)]
    return {
        "object": "Account",
        "type": "LINKEDIN",
        "id": account.id,
        "name": me.full_name,
        "created_at": stamp(account.created_at),
        "connection_params": {"im": params},
        "groups": [],
        "sources": [{"id": f"{name}_MESSAGING", "status": account.status} for name in names],
    }


def _named(call: Call) -> Account | MailAccount:
    found = call.tenant.anyone(call.path("account_id"))
    if found is None:
        raise not_found("Account")
    return found


def _linkedin_named(call: Call) -> Account:
    found = _named(call)
    if isinstance(found, MailAccount):
        raise ApiError("invalid_account")
    return found


def _json(tenant: Tenant, one: Account | MailAccount) -> Json:
    return mail_account_json(one) if isinstance(one, MailAccount) else account_json(tenant, one)


def _list(call: Call) -> Json:
    accounts = [*call.tenant.accounts.values(), *call.tenant.mail_accounts.values()]
    page = page_after(call, accounts, Filters({}, lambda one: str(one.id)), stamp)
    items = [_json(call.tenant, one) for one in page.rows]
    return {"object": "AccountList", "items": items, "cursor": page.cursor}


def _show(call: Call) -> Json:
    return _json(call.tenant, call.found_mail or call.account)


def _delete(call: Call) -> Json:
    call.tenant.delete(call.found_mail or call.account)
    return {"object": "AccountDeleted"}


def _connect(call: Call) -> Json | Response:
    """Connect by password or cookie: done, or a checkpoint first."""
    if call.needed("provider") == "MAIL":
        return connect_mailbox(call)
    return _sign_in(call, call.tenant.mint(), None)


def _reconnect(call: Call) -> Json | Response:
    """The same for an account that is known; it has to be the same person's."""
    if call.found_mail is not None:
        return reconnect_mailbox(call, call.found_mail)
    return _sign_in(call, call.account.id, call.account)


def _sign_in(call: Call, account_id: str, known: Account | None) -> Json | Response:
    if call.needed("provider") != "LINKEDIN":
        raise ApiError("feature_not_implemented", "The sandbox only knows LinkedIn and mailboxes.")
    opened = _opened(call)
    login = call.world.logins[opened.username]
    if known is not None and login.username != known.username:
        raise ApiError("wrong_account")
    if isinstance(opened, Checkpoint):
        return asked(call.tenant, opened, account_id, is_reconnect=known is not None)
    made = connected(call.tenant, login, opened, account_id)
    found = call.tenant.accounts[made["account_id"]]
    if isinstance(call.body.get("proxy"), dict):
        found.proxy = {"source": "USER", **call.body["proxy"]}
    return made


def _opened(call: Call) -> WebSession | Checkpoint:
    token = call.text("access_token")
    opened = (
        call.world.session(token)
        if token
        else call.world.sign_in(call.needed("username"), call.needed("password"), "/feed/")
    )
    if opened is None:
        raise ApiError("invalid_credentials")
    return opened


def connected(tenant: Tenant, login: Login, session: WebSession, account_id: str) -> Json:
    """The login is through: a new account, or a known one again."""
    found = tenant.account(account_id)
    if found is not None:
        tenant.reconnect(found, session)
        return {"object": "AccountReconnected", "account_id": found.id}
    same = next((one for one in tenant.accounts.values() if one.username == login.username), None)
    if same is not None:  # the same person again is the same account
        account_id = same.id
        tenant.reconnect(same, session)
    else:
        tenant.connect(login, session, account_id)
    return {"object": "AccountCreated", "account_id": account_id}


def asked(tenant: Tenant, checkpoint: Checkpoint, account_id: str, *, is_reconnect: bool) -> Response:
    """A checkpoint, which can be solved for a few minutes."""
    until = tenant.world.clock.now() + INTENT_LIFE
    tenant.intents[account_id] = Intent(
        account_id, checkpoint.username, checkpoint.token, until, is_reconnect
    )
    body = {"object": "Checkpoint", "account_id": account_id, "checkpoint": CHECKPOINTS[checkpoint.kind]}
    return JSONResponse(body, 202)


def open_checkpoint(tenant: Tenant, account_id: str) -> Checkpoint:
    """The checkpoint a login waits for."""
    intent = tenant.intents.get(account_id)
    if intent is None:
        raise not_found("Account")
    checkpoint = tenant.world.checkpoints[intent.token]
    if intent.expires_at < tenant.world.clock.now():
        checkpoint.state = "expired"
    if checkpoint.state != "open":
        del tenant.intents[account_id]
        raise ApiError("checkpoint_error")
    return checkpoint


def _solve(call: Call) -> Json:
    account_id, code = call.needed("account_id"), call.needed("code")
    return solved(call.tenant, account_id, code)


def solved(tenant: Tenant, account_id: str, code: str) -> Json:
    """A code is given, or a look is taken whether the owner has said yes on the phone."""
    checkpoint = open_checkpoint(tenant, account_id)
    session = tenant.world.pass_approved(checkpoint) or tenant.world.try_code(checkpoint, code)
    if session is None:
        raise ApiError("invalid_checkpoint_solution")
    del tenant.intents[account_id]
    login = tenant.world.logins[checkpoint.username]
    return connected(tenant, login, session, account_id)


def _resend(call: Call) -> Json:
    account_id = call.needed("account_id")
    open_checkpoint(call.tenant, account_id)
    return {"object": "CheckpointResend", "account_id": account_id, "success": True}


def _restart(call: Call) -> Json:
    """Start a stopped account again; one without a session cannot be helped so."""
    if call.found_mail is not None:
        return restart_mailbox(call, call.found_mail)
    account = call.account
    if account.status == "CREDENTIALS" or not account.session.is_alive:
        return {"object": "AccountFailedToRestart"}
    call.tenant.set_status(account, "CONNECTING")
    call.tenant.set_status(account, "OK")
    return {"object": "AccountRestarted"}


def _sync(call: Call) -> Json:
    """Start fetching anew, or say how far it is: a call after its end starts it again."""
    account = call.account
    account.sync = SYNC_STEPS[account.sync]
    if account.sync == "SYNC_DONE":
        call.tenant.tell(account.id, "SYNC_SUCCESS")
    return {"object": "AccountResync", "status": account.sync}
