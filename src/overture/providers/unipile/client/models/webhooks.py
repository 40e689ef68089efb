"""Webhooks of the workspace; their headers carry our secret."""

from typing import Any

from pydantic import SecretStr

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag
from overture.providers.unipile.client.vocabulary import DEFAULT_EVENTS


class WebhookHeader(Lenient):
    """A header Unipile sends along with each delivery."""

    key: str
    value: SecretStr = SecretStr("")


class WebhookAccount(Lenient):
    """An account a webhook is restricted to."""

    id: str | None = None
    name: str | None = None
    type: str | None = None


class Webhook(Lenient):
    """One webhook; of what source it is only its events tell."""

    id: str
    name: str | None = None
    request_url: str | None = None
    enabled: Flag = None
    format: str | None = None
    type: str | None = None
    source: str | None = None  # not in today's answers
    events: list[str] | None = None
    headers: list[WebhookHeader] | None = None
    account_ids: list[WebhookAccount | str] | None = None
    data: list[dict[str, Any]] | None = None

    @property
    def inferred_source(self) -> str | None:
        """The source its events belong to; None when there are none, or they are unknown."""
        if self.source:
            return self.source
        for source, known in DEFAULT_EVENTS.items():
            if self.events and set(self.events) & set(known):
                return source
        return None


class WebhookCreated(Done):
    """A webhook exists now."""

    webhook_id: str | None = None
