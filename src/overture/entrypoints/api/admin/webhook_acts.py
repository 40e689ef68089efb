"""Webhooks at Unipile, listed and mended; the API's routes and the command line call these."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from overture.core.errors import Conflict, NotFound, Refused
from overture.db import append_event
from overture.entrypoints.api.admin.webhook_shapes import Source, WebhookList, WebhooksMended, WebhookView
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.api.unipile_acts import client_of, unavailable
from overture.entrypoints.bootstrap import App
from overture.providers.unipile import client as api
from overture.providers.unipile.client.models.webhooks import Webhook
from overture.providers.unipile.client.reconcile import (
    RECEIVERS,
    BadReceiver,
    Receivers,
    ensure_webhooks,
    fits,
    is_ours,
)
from overture.providers.unipile.client.resources.webhooks import NewWebhook
from overture.providers.unipile.provider import Unipile


async def listed(app: App, base_url: str) -> WebhookList:
    """Every webhook of the workspace beside what is wanted."""
    client = client_of(app)
    wanted = receivers(app, base_url, None).wanted()
    async with told():
        there = await client.webhooks.iter().all()
    views = [view_of(one, wanted) for one in there]
    delivered = {one.source for one in views if one.is_right}
    missing: list[Source] = [one for one in ("users", "messaging", "account_status") if one not in delivered]
    return WebhookList(data=views, missing=missing)


async def ensure(app: App, base_url: str, sources: Sequence[Source] | None, by: str) -> WebhooksMended:
    """Bring the webhooks of these sources, or all, to what they should be."""
    client, wanted = client_of(app), receivers(app, base_url, sources)
    try:
        async with told():
            found = await ensure_webhooks(client.webhooks, wanted)
    except Refused as error:  # some of it may be done: the next time goes on from there
        await note(app, {"error": error.facts.get("reason") or error.code, "by": by})
        raise
    mended = WebhooksMended(
        kept=list(found.kept),
        created=list(found.created),
        deleted=list(found.deleted),
        foreign=list(found.foreign),
    )
    await note(app, {**mended.model_dump(), "by": by})
    return mended


async def note(app: App, what: dict[str, object]) -> None:
    """Have it in the log."""
    async with app.sessions.begin() as db:
        data = {"provider": Unipile.name, **what}
        await append_event(db, app.now(), "admin.webhooks_fixed", data=data)


async def delete(app: App, webhook_id: str, by: str) -> None:
    """Delete one."""
    client = client_of(app)
    try:
        async with told():
            await client.webhooks.delete(webhook_id)
    except api.NotFound as error:
        entry = PROBLEMS["webhook_not_found"]
        raise NotFound("webhook_not_found", entry.meaning, fix=entry.fix) from error
    async with app.sessions.begin() as db:
        data = {"provider": Unipile.name, "webhook_id": webhook_id, "by": by}
        await append_event(db, app.now(), "admin.webhook_deleted", data=data)


def receivers(app: App, base_url: str, sources: Sequence[Source] | None) -> Receivers:
    """Where deliveries of these sources go; refuses an address or a secret they must not go to."""
    secret = app.settings.unipile_webhook_secret
    if secret is None or not secret.get_secret_value():
        raise refused("webhook_secret_missing")
    paths = {source: path for source, path in RECEIVERS.items() if sources is None or source in sources}
    try:
        return Receivers(
            base_url,
            secret.get_secret_value(),
            paths=paths,
            auth_header=app.settings.unipile_webhook_header,
        )
    except BadReceiver as error:
        raise refused("webhook_address_unusable", str(error)) from error


def refused(code: str, reason: str | None = None) -> Conflict:
    """The refusal of a code, in the catalogue's words."""
    entry = PROBLEMS[code]
    facts = {"reason": reason} if reason is not None else {}
    return Conflict(code, entry.meaning, fix=entry.fix, **facts)


def view_of(one: Webhook, wanted: Sequence[NewWebhook]) -> WebhookView:
    """A webhook as it is shown: never with the values of its headers."""
    return WebhookView(
        webhook_id=one.id,
        name=one.name,
        source=one.inferred_source,
        events=list(one.events or ()),
        request_url=one.request_url,
        is_enabled=one.enabled,
        accounts=[each if isinstance(each, str) else each.id or "" for each in one.account_ids or ()],
        headers=[each.key for each in one.headers or ()],
        is_ours=is_ours(one, wanted),
        is_right=any(fits(one, each) for each in wanted),
    )


@asynccontextmanager
async def told() -> AsyncIterator[None]:
    """Unipile's errors as a refusal."""
    try:
        yield
    except api.NotFound:
        raise
    except BadReceiver as error:
        raise refused("webhook_address_unusable", str(error)) from error
    except api.UnipileError as error:
        raise unavailable(error.slug or type(error).__name__) from error
