"""Webhooks of the workspace: created, listed, deleted; there is no changing one."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import bounded, given
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.webhooks import Webhook, WebhookCreated
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, stored
from overture.providers.unipile.client.vocabulary import WebhookSource

AUTH_HEADER = "Unipile-Auth"


@dataclass(frozen=True)
class NewWebhook:
    """A webhook to be: it tells of all accounts, in JSON, and shows our secret in a header."""

    source: WebhookSource
    request_url: str
    secret: str = field(repr=False)
    events: Sequence[str] = ()
    name: str | None = None
    auth_header: str = AUTH_HEADER

    def body(self) -> dict[str, object]:
        """The fields of the request; payload keys are never renamed; no account named means all."""
        return given(
            source=self.source,
            request_url=self.request_url,
            name=self.name,
            format="json",
            enabled=True,
            events=list(self.events) or None,
            headers=[
                {"key": "Content-Type", "value": "application/json"},
                {"key": self.auth_header, "value": self.secret},
            ],
        )


class Webhooks(Resource):
    """Webhooks; the list shows their secrets in clear, so it is one itself."""

    async def create(self, webhook: NewWebhook) -> WebhookCreated:
        """Make a webhook."""
        path, kind = "/webhooks", Kind.STORED_WRITE
        call = Call("POST", path, kind, "webhooks.create", body=webhook.body(), answers="WebhookCreated")
        return await self._ask(WebhookCreated, call)

    async def list(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Webhook]:
        """One page of webhooks."""
        return await self._page(Webhook, self._list(limit), cursor)

    def iter(self, bounds: Bounds[Webhook] | None = None) -> Walk[Webhook]:
        """All webhooks of the workspace, those of others too."""
        return self._walk(Webhook, self._list(250), bounds)

    async def delete(self, webhook_id: str) -> Done:
        """Remove a webhook."""
        path, kind = f"/webhooks/{path_part(webhook_id)}", Kind.STORED_WRITE
        return await self._ask(Done, Call("DELETE", path, kind, "webhooks.delete", answers="WebhookDeleted"))

    def _list(self, limit: int | None) -> Call:
        return stored("/webhooks", "webhooks.list", limit=bounded(limit, 250))
