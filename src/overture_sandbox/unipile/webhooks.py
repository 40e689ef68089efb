"""Webhooks: making, listing and deleting them."""

from typing import Any, Final
from urllib.parse import urlsplit

from overture_sandbox.unipile.call import Call, stamp
from overture_sandbox.unipile.errors import ApiError, not_found
from overture_sandbox.unipile.gate import Door
from overture_sandbox.unipile.paging import Filters, page_after
from overture_sandbox.unipile.tenant import Account, MailAccount, Webhook, type_of

Json = dict[str, Any]
EVENTS: Final[dict[str, tuple[str, ...]]] = {
    "messaging": (
        *("message_received", "message_read", "message_reaction", "message_edited"),
        *("message_deleted", "message_delivered"),
    ),
    "users": ("new_relation",),
    "account_status": (
        *("creation_success", "creation_fail", "deleted", "reconnected", "sync_success", "error"),
        *("credentials", "permissions", "stopped", "ok", "connecting"),
    ),
    "email": ("mail_received", "mail_sent", "mail_moved"),
    "email_tracking": ("mail_opened", "mail_link_clicked"),
    "calendar_event": ("calendar_event_created", "calendar_event_updated", "calendar_event_deleted"),
}
USUAL: Final[dict[str, tuple[str, ...]]] = {
    "messaging": ("message_received",),
    "users": ("new_relation",),
    "account_status": EVENTS["account_status"][:-3],
    "email": ("mail_received",),
    "email_tracking": ("mail_opened",),
    "calendar_event": EVENTS["calendar_event"],
}


def doors() -> list[Door]:
    """The routes about webhooks."""
    return [
        Door("POST", "/webhooks", "webhooks", _create, "nothing", 201),
        Door("GET", "/webhooks", "webhooks", _list, "nothing"),
        Door("DELETE", "/webhooks/{webhook_id}", "webhooks", _delete, "nothing"),
    ]


def _create(call: Call) -> Json:
    source, url = call.needed("source"), call.needed("request_url")
    if source not in EVENTS:
        raise ApiError("invalid_parameters", "source is unknown.")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise ApiError("invalid_parameters", "request_url must be an address.")
    made = Webhook(
        id=call.tenant.mint(),
        source=source,
        request_url=url,
        events=_events(call, source),
        name=call.text("name"),
        format="form" if call.text("format") == "form" else "json",
        account_ids=[str(one) for one in _list_of(call, "account_ids")],
        enabled=call.body.get("enabled", True) is not False,
        headers=_pairs(call, "headers", "key", "value"),
        data=_pairs(call, "data", "name", "key"),
    )
    call.tenant.webhooks[made.id] = made
    return {"object": "WebhookCreated", "webhook_id": made.id}


def _list_of(call: Call, name: str) -> list[Any]:
    value = call.body.get(name) or []
    if not isinstance(value, list):
        raise ApiError("invalid_parameters", f"{name} must be an array.")
    return value


def _events(call: Call, source: str) -> list[str]:
    given = _list_of(call, "events")
    for one in given:
        if one not in EVENTS[source]:
            raise ApiError("invalid_parameters", f"events: {one} is no event of {source}.")
    return [str(one) for one in given] or list(USUAL[source])


def _pairs(call: Call, name: str, *keys: str) -> list[dict[str, str]]:
    given = _list_of(call, name)
    for one in given:
        if not isinstance(one, dict) or not all(isinstance(one.get(key), str) for key in keys):
            raise ApiError("invalid_parameters", f"{name} must be objects of {' and '.join(keys)}.")
    return [{key: one[key] for key in keys} for one in given]


def _list(call: Call) -> Json:
    rows = list(call.tenant.webhooks.values())
    page = page_after(call, rows, Filters({}, lambda one: str(one.id)), stamp)
    return {"object": "WebhookList", "items": [_json(call, one) for one in page.rows], "cursor": page.cursor}


def _json(call: Call, one: Webhook) -> Json:
    """A webhook as it is listed: nothing says which source it listens to."""
    accounts = [found for found in map(call.tenant.anyone, one.account_ids) if found is not None]
    return {
        "object": "Webhook",
        "id": one.id,
        "account_ids": [_account_json(call, each) for each in accounts],
        "enabled": one.enabled,
        **({"name": one.name} if one.name else {}),
        "request_url": one.request_url,
        "format": one.format,
        "headers": one.headers,
        "data": one.data,
        "events": one.events,
        "type": "AUTO",
    }


def _account_json(call: Call, one: Account | MailAccount) -> Json:
    name = one.box.address if isinstance(one, MailAccount) else call.tenant.owner(one).full_name
    return {"id": one.id, "name": name, "type": type_of(one).removesuffix("_OAUTH")}


def _delete(call: Call) -> Json:
    if call.tenant.webhooks.pop(call.path("webhook_id"), None) is None:
        raise not_found("Webhook")
    return {"object": "WebhookDeleted"}
