"""The page on which a user logs in by himself, and the word that is sent when he has."""

import secrets
from datetime import datetime, timedelta
from html import escape
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from overture_sandbox.linkedin.auth import world_of
from overture_sandbox.unipile.accounts import asked, connected, solved
from overture_sandbox.unipile.call import INSTANT, Call
from overture_sandbox.unipile.delivery import office_of
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.forms import read_form
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.tenant import HostedLink, Tenant, tenant_of
from overture_sandbox.world import Checkpoint

Json = dict[str, Any]
PATH: Final = "/unipile/hosted"
LONGEST: Final = timedelta(days=1)  # every link dies at the daily restart, whatever was asked for
PAGE: Final = """<!doctype html><html lang="en">
<head><meta charset="utf-8"><title>Connect your account</title></head>
<body><main><h1>Connect your LinkedIn account</h1>{notice}
<form method="post">{fields}<button type="submit">{button}</button></form>
<form method="post"><button type="submit" name="cancel" value="true">Cancel</button></form>
</main></body></html>"""
LOGIN: Final = (
    '<label>Email <input name="username" required></label>'
    '<label>Password <input name="password" type="password" required></label>'
)
CODE: Final = '<label>Code <input name="code" required></label>'


def doors() -> list[Door]:
    """The route that makes a link."""
    return [Door("POST", "/hosted/accounts/link", "hosted", _link, "nothing")]


def routes() -> list[BaseRoute]:
    """The page itself."""
    return [
        Route(f"{PATH}/{{token}}", _page),
        Route(f"{PATH}/{{token}}", _submit, methods=["POST"]),
    ]


def _link(call: Call) -> Json:
    kind = call.needed("type")
    call.needed("api_url")
    expires = call.needed("expiresOn")
    if kind not in ("create", "reconnect") or INSTANT.match(expires) is None:
        raise ApiError("invalid_parameters", "type or expiresOn is invalid.")
    if kind == "create" and not call.body.get("providers"):
        raise ApiError("missing_parameters", "providers is required.")
    if kind == "reconnect" and call.tenant.account(call.needed("reconnect_account")) is None:
        raise not_found("Account")
    now = call.world.clock.now()
    until = min(datetime.fromisoformat(expires), now + LONGEST)
    if until <= now:
        raise ApiError("invalid_parameters", "expiresOn is in the past.")
    link = HostedLink(f"p{secrets.token_urlsafe(24)}", dict(call.body), until)
    call.tenant.links[link.token] = link
    return {
        "object": "HostedAuthUrl",
        "url": f"{call.request.url.scheme}://{call.request.url.netloc}{PATH}/{link.token}",
    }


async def _page(request: Request) -> Response:
    tenant = tenant_of(world_of(request))
    link = _usable(tenant, request)
    return _expired() if link is None else _form(LOGIN, "Connect")


async def _submit(request: Request) -> Response:
    """Log in, or give the code that was asked for."""
    tenant = tenant_of(world_of(request))
    link = _usable(tenant, request)
    if link is None:
        return _expired()
    fields = read_form(request.headers.get("content-type", ""), await request.body()).fields
    if "cancel" in fields:
        return _given_up(link)
    try:
        if link.account_id is not None:
            return _done(tenant, link, solved(tenant, link.account_id, str(fields.get("code", ""))))
        return _logged_in(tenant, link, fields)
    except ApiError as error:
        notice = f"<p role='alert'>{escape(str(error.body()['title']))}</p>"
        return _form(CODE if link.account_id else LOGIN, "Connect", notice)


def _logged_in(tenant: Tenant, link: HostedLink, fields: Json) -> Response:
    opened = tenant.world.sign_in(str(fields.get("username", "")), str(fields.get("password", "")), "/feed/")
    if opened is None:
        raise ApiError("invalid_credentials")
    again = str(link.wanted.get("reconnect_account", ""))
    known = tenant.account(again)
    if known is not None and known.username != opened.username:
        raise ApiError("wrong_account")
    account_id = again or tenant.mint()
    if isinstance(opened, Checkpoint):
        asked(tenant, opened, account_id, is_reconnect=known is not None)
        link.account_id = account_id
        return _form(CODE, "Go on")
    return _done(tenant, link, connected(tenant, tenant.world.logins[opened.username], opened, account_id))


def _done(tenant: Tenant, link: HostedLink, made: Json) -> Response:
    """Tell who asked to be told, and lead the user back."""
    link.is_used = True
    url = link.wanted.get("notify_url")
    status = "RECONNECTED" if made["object"] == "AccountReconnected" else "CREATION_SUCCESS"
    if isinstance(url, str) and url:
        body = {"status": status, "account_id": made["account_id"], "name": link.wanted.get("name")}
        office_of(tenant).notify(url, body)
    back = link.wanted.get("success_redirect_url")
    if isinstance(back, str) and back:
        return RedirectResponse(back, 303)
    return HTMLResponse("<h1>Your account is connected</h1>")


def _given_up(link: HostedLink) -> Response:
    """The user does not want to; nobody is told, he is only led back."""
    link.is_used = True
    back = link.wanted.get("failure_redirect_url")
    if isinstance(back, str) and back:
        return RedirectResponse(back, 303)
    return HTMLResponse("<h1>Your account was not connected</h1>")


def _usable(tenant: Tenant, request: Request) -> HostedLink | None:
    link = tenant.links.get(str(request.path_params["token"]))
    if link is None or link.is_used or link.expires_at < tenant.world.clock.now():
        return None
    return link


def _form(fields: str, button: str, notice: str = "") -> Response:
    return HTMLResponse(PAGE.format(fields=fields, button=button, notice=notice))


def _expired() -> Response:
    return HTMLResponse("<h1>This link has expired</h1>", 410)
