"""Arranging the Unipile face: its accounts, how it behaves, what it delivered, and what it was asked."""

from collections import Counter
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.admin_fields import FieldError, converted, one_of
from overture_sandbox.admin_requests import Body, admin, found_login
from overture_sandbox.unipile import office_of, tenant_of
from overture_sandbox.unipile.tenant import Account, MailAccount, Tenant
from overture_sandbox.world import World

STATUSES = ("OK", "STOPPED", "ERROR", "CREDENTIALS", "PERMISSIONS", "CONNECTING")
PRODUCTS = ("sales_navigator", "recruiter")
PREMIUM_NOTE = 300
PREMIUM_FIELDS = ("premium", "products", "inmail_credits", "invites_per_day")


def unipile_routes() -> list[BaseRoute]:
    """What an operator may do with the face."""
    return [
        Route("/_sbx/unipile", admin(_show)),
        Route("/_sbx/unipile", admin(_settings), methods=["PATCH"]),
        Route("/_sbx/unipile/accounts", admin(_connect), methods=["POST"]),
        Route("/_sbx/unipile/accounts/{id}", admin(_change), methods=["PATCH"]),
        Route("/_sbx/unipile/accounts/{id}/status", admin(_status), methods=["POST"]),
        Route("/_sbx/unipile/office", admin(_office)),
        Route("/_sbx/unipile/deliveries", admin(_deliveries)),
        Route("/_sbx/unipile/journal", admin(_journal)),
        Route("/_sbx/unipile/journal", admin(_forget), methods=["DELETE"]),
        Route("/_sbx/unipile/invariants", admin(_invariants)),
    ]


def _show(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """How the face stands: its key, settings, accounts, webhooks, and whether all is delivered."""
    tenant = tenant_of(world)
    return JSONResponse(
        {
            "api_key": world.unipile_key,
            "settings": asdict(tenant.settings),
            "accounts": [_account(one) for one in tenant.accounts.values()],
            "mailboxes": [_mailbox(one) for one in tenant.mail_accounts.values()],
            "webhooks": [asdict(one) for one in tenant.webhooks.values()],
            "is_idle": office_of(tenant).is_idle,
        }
    )


def _account(one: Account) -> dict[str, object]:
    shown = {key: value for key, value in vars(one).items() if key != "session"}
    return {**shown, "created_at": one.created_at.isoformat()}


def _mailbox(one: MailAccount) -> dict[str, object]:
    return {"id": one.id, "address": one.box.address, "type": one.type, "status": one.status}


def _settings(request: Request, world: World, body: Body) -> Response:
    """Change how the face behaves; it holds until the world begins again."""
    tenant = tenant_of(world)
    for name, value in converted(type(tenant.settings), body).items():
        setattr(tenant.settings, name, value)
    return _show(request, world, body)


def _connect(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Connect `account` as if its owner had logged in long ago; the rest as for a change."""
    tenant, login = tenant_of(world), found_login(world, body)
    found = next((one for one in tenant.accounts.values() if one.username == login.username), None)
    made = found or tenant.connect(login, world.open_session(login))
    _set(tenant, made, {name: value for name, value in body.items() if name != "account"})
    return JSONResponse(_account(made), 201)


def _change(request: Request, world: World, body: Body) -> Response:
    """`premium`, `products`, `inmail_credits`, `invites_per_day` of an account."""
    tenant = tenant_of(world)
    found = _found(request, tenant)
    _set(tenant, found, body)
    return JSONResponse(_account(found))


def _set(tenant: Tenant, account: Account, body: Body) -> None:
    for name in body:
        if name not in PREMIUM_FIELDS:
            raise FieldError(name, f"is not one of {', '.join(PREMIUM_FIELDS)}")
    login = tenant.login(account)
    products = body.get("products", account.products)
    if not isinstance(products, list) or not set(products) <= set(PRODUCTS):
        raise FieldError("products", f"must be a list of {', '.join(PRODUCTS)}")
    account.products = products
    _pay(tenant, account, body.get("premium", True if products else None))
    for name, thing in (("inmail_credits", login), ("invites_per_day", account)):
        if name in body:
            value = body[name]
            if not isinstance(value, int) or isinstance(value, bool):
                raise FieldError(name, "must be a whole number")
            setattr(thing, name, value)


def _pay(tenant: Tenant, account: Account, premium: object) -> None:
    """Let its owner have Premium, which every product brings, and the longer notes that come with it."""
    if premium is None:
        return
    owner, login = tenant.owner(account), tenant.login(account)
    owner.premium = bool(premium)
    if owner.premium:
        login.note_limit = max(login.note_limit, PREMIUM_NOTE)


def _status(request: Request, world: World, body: Body) -> Response:
    """The account's source stands at `status` now; everybody who listens is told."""
    tenant = tenant_of(world)
    mailbox = tenant.mail_account(request.path_params["id"])
    found = mailbox or _found(request, tenant)
    tenant.set_status(found, one_of(body, "status", STATUSES))  # type: ignore[arg-type]
    office_of(tenant)
    return JSONResponse(_mailbox(found) if isinstance(found, MailAccount) else _account(found))


def _found(request: Request, tenant: Tenant) -> Account:
    name = request.path_params["id"]
    found = tenant.account(name)
    if found is None:
        raise FieldError("id", f"there is no account {name}")
    return found


def _office(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Whether all is delivered that is due, how much went out so far, and when something is due next."""
    office = office_of(tenant_of(world))
    next_at = office.next_at.isoformat() if office.next_at else None
    return JSONResponse({"is_idle": office.is_idle, "attempts": office.attempts, "next_at": next_at})


def _deliveries(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Every delivery with its attempts, of one `?event=` if given, and whether all is done."""
    office, wanted = office_of(tenant_of(world)), request.query_params.get("event")
    shown = [one.as_json() for one in office.deliveries if wanted in (None, one.event.name)]
    return JSONResponse({"is_idle": office.is_idle, "deliveries": shown})


def _journal(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """Every request with its fields, of one `?endpoint=` if given; oldest first."""
    wanted = request.query_params.get("endpoint")
    return JSONResponse([one for one in tenant_of(world).journal if wanted in (None, one["endpoint"])])


def _forget(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    tenant_of(world).journal.clear()
    return JSONResponse({"journal": 0})


def _invariants(request: Request, world: World, body: Body) -> Response:  # noqa: ARG001
    """What may never happen, by the ledger: the same words to the same person twice, two open invitations."""
    said = Counter(
        (one.account, one.target or one.address, one.text)
        for one in world.ledger.entries()
        if one.kind in ("message", "inmail", "email") and one.via == "unipile"
    )
    asked = Counter((one.inviter_id, one.invitee_id) for one in world.invitations if one.state == "pending")
    twice = [{"account": who, "target": whom} for (who, whom, _), count in said.items() if count > 1]
    return JSONResponse(
        {
            "same_text_twice": twice,
            "invited_twice": [list(pair) for pair, count in asked.items() if count > 1],
        }
    )
