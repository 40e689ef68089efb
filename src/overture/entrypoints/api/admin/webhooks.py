"""Routes of the webhooks registered at Unipile: listed, made, deleted, and mended as a whole."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Request, Response, status
from pydantic import HttpUrl

from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.admin import webhook_acts as acts
from overture.entrypoints.api.admin.webhook_shapes import (
    NewWebhookWish,
    WebhookAddress,
    WebhookList,
    WebhooksMended,
)
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.system import WRITE
from overture.entrypoints.bootstrap import App

router = APIRouter(prefix="/api/v1/admin/webhooks", tags=["admin"], dependencies=[needs_key])

WebhookIdPath = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9_-]{1,100}$", description="Its id at the service.", examples=["we_123"])
]


@router.get("", responses=declared(409))
async def list_webhooks(app: Product, request: Request) -> WebhookList:
    """Every webhook of the workspace, and whether it is ours and right; secrets are not shown."""
    return await acts.listed(app, base_of(app, request, None))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={**declared(*WRITE, 409), 200: {"model": WebhooksMended, "description": "It was there."}},
)
async def register_webhook(
    app: Product, by: By, request: Request, response: Response, wish: NewWebhookWish
) -> WebhooksMended:
    """Have one source delivered here; one that is there and right is left as it is, a wrong one replaced."""
    made = await acts.ensure(app, base_of(app, request, wish.base_url), (wish.source,), by)
    response.status_code = status.HTTP_201_CREATED if made.created else status.HTTP_200_OK
    return made


@router.post("/fix", responses=declared(*WRITE, 409))
async def fix_webhooks(
    app: Product, by: By, request: Request, wish: Annotated[WebhookAddress | None, Body()] = None
) -> WebhooksMended:
    """Bring the webhooks to what they should be: one for each source, at its address, with our secret.

    Missing ones are made before wrong and double ones are deleted; those of others are left alone.
    """
    return await acts.ensure(app, base_of(app, request, wish.base_url if wish else None), None, by)


@router.delete("/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT, responses=declared(404, 409))
async def delete_webhook(app: Product, by: By, webhook_id: WebhookIdPath) -> None:
    """Delete a webhook, ours or not."""
    await acts.delete(app, webhook_id, by)


def base_of(app: App, request: Request, given: HttpUrl | None) -> str:
    """Where this server is reached from outside: as given, as set, or as it was asked now."""
    return str(given or app.settings.unipile_notify_url or request.base_url).rstrip("/")
