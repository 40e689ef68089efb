"""Webhooks brought to what they should be: one for each source, at our address, with our secret."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from overture.providers.unipile.client.dsn import is_loopback
from overture.providers.unipile.client.errors import NotFound, UnipileError
from overture.providers.unipile.client.models.webhooks import Webhook
from overture.providers.unipile.client.resources.webhooks import AUTH_HEADER, NewWebhook, Webhooks
from overture.providers.unipile.client.vocabulary import DEFAULT_EVENTS, WebhookSource

SHORTEST_SECRET: Final = 16
RECEIVERS: Final[Mapping[WebhookSource, str]] = {
    "users": "/webhooks/unipile/users",
    "messaging": "/webhooks/unipile/messaging",
    "account_status": "/webhooks/unipile/accounts",
}
"""Below the base URL, where each source is received."""


class BadReceiver(ValueError):
    """Deliveries must not go to this address, or not with this secret."""


@dataclass(frozen=True)
class Receivers:
    """Where our deliveries go and how they are known to be Unipile's."""

    base_url: str
    secret: str = field(repr=False)
    paths: Mapping[WebhookSource, str] = field(default_factory=lambda: dict(RECEIVERS))
    name: str = "overture"
    auth_header: str = AUTH_HEADER

    def __post_init__(self) -> None:
        parts = urlsplit(self.base_url)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise BadReceiver("webhooks need a full URL")
        if parts.scheme == "http" and not is_loopback(parts.hostname):
            raise BadReceiver("deliveries and their secret may not travel unencrypted: use https")
        if parts.username is not None or parts.query or parts.fragment:
            raise BadReceiver("the base URL has no user, query or fragment")
        if len(self.secret) < SHORTEST_SECRET or not self.secret.isascii() or not self.secret.isprintable():
            raise BadReceiver(f"the secret needs at least {SHORTEST_SECRET} printable ASCII characters")

    def wanted(self) -> list[NewWebhook]:
        """The webhooks there should be."""
        base = self.base_url.rstrip("/")
        return [
            NewWebhook(
                source=source,
                request_url=base + path,
                secret=self.secret,
                events=DEFAULT_EVENTS[source],
                name=f"{self.name}-{source}",
                auth_header=self.auth_header,
            )
            for source, path in self.paths.items()
        ]


@dataclass(frozen=True)
class Reconciled:
    """What was done about the webhooks, by id; `foreign` ones are others' and were left alone."""

    kept: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
    deleted: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Whether everything was as it should be."""
        return not self.created and not self.deleted


async def ensure_webhooks(webhooks: Webhooks, receivers: Receivers) -> Reconciled:
    """Create what is missing, then delete what is ours but wrong or double: no event falls in between."""
    wanted = receivers.wanted()
    there = await webhooks.iter().all()
    ours = [webhook for webhook in there if is_ours(webhook, wanted)]
    kept: list[str] = []
    created: list[str] = []
    for one in wanted:
        fitting = [webhook.id for webhook in ours if fits(webhook, one)]
        if fitting:
            kept.append(fitting[0])
        else:
            created.append(await _create(webhooks, one))
    doomed = [webhook.id for webhook in ours if webhook.id not in kept]
    for webhook_id in doomed:
        await _delete(webhooks, webhook_id)
    foreign = tuple(webhook.id for webhook in there if webhook not in ours)
    return Reconciled(tuple(kept), tuple(created), tuple(doomed), foreign)


def is_ours(webhook: Webhook, wanted: Sequence[NewWebhook]) -> bool:
    """Whether we made it: it bears one of our names, or points at one of our addresses."""
    if webhook.name and any(webhook.name == one.name for one in wanted):
        return True
    place = _place(webhook.request_url)
    return place is not None and any(place == _place(one.request_url) for one in wanted)


def fits(webhook: Webhook, wanted: NewWebhook) -> bool:
    """Whether it delivers all that is wanted, as it is wanted; what the list does not show is believed."""
    return (
        webhook.request_url == wanted.request_url
        and webhook.inferred_source in (wanted.source, None)
        and webhook.enabled is not False
        and webhook.format in ("json", None)
        and not webhook.account_ids
        and not webhook.data
        and (webhook.events is None or set(wanted.events) <= set(webhook.events))
        and _headers_fit(webhook, wanted)
    )


def _headers_fit(webhook: Webhook, wanted: NewWebhook) -> bool:
    if webhook.headers is None:
        return True
    shown = {header.key.lower(): header.value.get_secret_value() for header in webhook.headers}
    secret = shown.get(wanted.auth_header.lower(), "")
    is_json = shown.get("content-type", "").startswith("application/json")
    return is_json and hmac.compare_digest(secret.encode(), wanted.secret.encode())


def _place(url: str | None) -> tuple[str, int | None, str] | None:
    """Where a URL leads, whatever its scheme, slashes and capitals."""
    try:
        parts = urlsplit(url or "")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not host:
        return None
    path = "/".join(part for part in parts.path.split("/") if part)
    return host, None if port in (80, 443) else port, path


async def _create(webhooks: Webhooks, wanted: NewWebhook) -> str:
    """Create it; in doubt, or without an id in the answer, the list tells whether it is there now."""
    try:
        answer = await webhooks.create(wanted)
        if answer.webhook_id or answer.dry_run:
            return answer.webhook_id or "dry run"
        failure = None
    except UnipileError as error:
        if not error.indeterminate:
            raise
        failure = error
    async for webhook in webhooks.iter():
        if fits(webhook, wanted):
            return webhook.id
    raise failure or BadReceiver("Unipile says it made the webhook, but does not list it")


async def _delete(webhooks: Webhooks, webhook_id: str) -> None:
    try:
        await webhooks.delete(webhook_id)
    except NotFound:
        return  # another process was faster
