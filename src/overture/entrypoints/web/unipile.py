"""What the page of a Unipile account has beside others: its sign-in, checks to answer, its webhooks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request, Response
from pydantic import ValidationError
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import inbox
from overture.accounts import Account
from overture.core.errors import Invalid
from overture.entrypoints.api import unipile_acts
from overture.entrypoints.api.admin import webhook_acts
from overture.entrypoints.api.admin.webhooks import base_of
from overture.entrypoints.api.unipile import NOTIFY_PATH
from overture.entrypoints.api.unipile_shapes import CheckpointAnswer, ConnectView, LinkWish
from overture.entrypoints.bootstrap import App
from overture.entrypoints.unipile_health import unipile_of
from overture.entrypoints.web.guard import Form
from overture.entrypoints.web.home import BY
from overture.entrypoints.web.render import app_of, go, show
from overture.entrypoints.web.words import Chip
from overture.inbox import EndpointHealth, WebhookDelivery
from overture.providers.unipile.provider import Unipile

router = APIRouter(prefix="/accounts")

SPAN: Final = timedelta(days=7)
BEHIND: Final = timedelta(minutes=5)
REPORTED: Final[Mapping[str, Chip]] = {
    "OK": Chip("circle-check", "good", "OK", "Unipile can act for it."),
    "SYNC_SUCCESS": Chip("circle-check", "good", "OK", "Unipile can act for it."),
    "RECONNECTED": Chip("circle-check", "good", "Reconnected", "Unipile can act for it again."),
    "CREATION_SUCCESS": Chip("circle-check", "good", "Connected", "Unipile can act for it."),
    "CONNECTING": Chip("loader-2", "busy", "Connecting", "Unipile is signing it in."),
    "CREDENTIALS": Chip("key", "bad", "Sign-in is over", "Its owner has to sign in again: make a link."),
    "PERMISSIONS": Chip("lock", "bad", "Permissions are missing", "Its owner gives them at Unipile."),
    "ERROR": Chip("alert-triangle", "bad", "Error", "Restart it; if that does not help, sign in again."),
    "STOPPED": Chip("player-stop", "bad", "Stopped", "Unipile has stopped it: restart it."),
    "DELETED": Chip("trash", "bad", "Deleted there", "Unipile has it no more: make a link."),
    "CREATION_FAIL": Chip("circle-x", "bad", "Not connected", "The sign-in failed: make a link."),
}
"""What Unipile says of an account, and what to do about it."""
ASKS: Final = ("needs_pin", "needs_totp", "needs_app_approval", "needs_challenge")
"""States of an account in which Unipile may wait for an answer."""
ADDRESSES: Final[Mapping[str, str]] = {
    "users": "New connections",
    "messaging": "Messages",
    "accounts": "Account states",
}


@dataclass(frozen=True)
class Deliveries:
    """How webhooks fare: of this account, and of each address."""

    is_open: bool
    """Whether a secret is set: without one no delivery is taken."""
    last_at: datetime | None
    """When the last one about this account came."""
    endpoints: list[EndpointHealth]
    lag: timedelta
    is_behind: bool


async def deliveries_of(app: App, db: AsyncSession, account: Account) -> Deliveries | None:
    """How webhooks fare for an account of Unipile; None of any other."""
    if account.provider != Unipile.name:
        return None
    now = app.now()
    found = await inbox.health(db, now, SPAN)
    secret = app.settings.unipile_webhook_secret
    query = select(func.max(WebhookDelivery.received_at)).where(
        WebhookDelivery.service_account == account.external_id, WebhookDelivery.received_at >= now - SPAN
    )
    return Deliveries(
        is_open=secret is not None and bool(secret.get_secret_value()),
        last_at=await db.scalar(query) if account.external_id is not None else None,
        endpoints=found.endpoints,
        lag=found.lag,
        is_behind=found.lag > BEHIND,
    )


def is_set_up(app: App) -> bool:
    """Whether a workspace is set up at Unipile."""
    return unipile_of(app) is not None


def reported(word: str | None) -> Chip | None:
    """What Unipile says of an account, as it is shown."""
    return None if word is None else REPORTED.get(word, Chip("help-circle", "warn", word))


@router.post("/{handle}/unipile/link")
async def make_link(request: Request, handle: str) -> Response:
    """A link for the account's owner to sign in by, shown to be opened or sent."""
    app = app_of(request)
    wish = LinkWish(handle=handle)
    link = await unipile_acts.make_link(app, wish, f"{base_of(app, request, None)}{NOTIFY_PATH}")
    return show(request, "unipile_link.html", link=link, handle=handle)


@router.post("/{handle}/unipile/checkpoint")
async def answer_check(request: Request, handle: str, form: Form) -> Response:
    """What the owner says to the check LinkedIn asks for."""
    given: dict[str, object] = {"handle": handle}
    given |= {"code": form["code"]} if form.get("code") else {form.get("say", "approved"): True}
    try:
        answer = CheckpointAnswer.model_validate(given)
    except ValidationError:
        raise Invalid(
            "validation_error", "The form holds no answer.", fix="Type the code, or press one of the buttons."
        ) from None
    told = await unipile_acts.answer(app_of(request), answer, BY)
    return go(request, f"/accounts/{handle}", said_of(told, is_resent=answer.resend))


def said_of(told: ConnectView, *, is_resent: bool) -> str:
    """What came of an answer."""
    if told.status == "connected":
        return "It is connected."
    return "The code was sent again." if is_resent else "LinkedIn asks for one thing more."


@router.post("/{handle}/unipile/restart")
async def restart(request: Request, handle: str) -> Response:
    """Have Unipile start it again."""
    found = await unipile_acts.restart(app_of(request), handle)
    return go(request, f"/accounts/{handle}", f"It is started again; Unipile says: {found.status}.")


@router.post("/{handle}/unipile/webhooks")
async def look_at_webhooks(request: Request, handle: str) -> Response:
    """The webhooks as Unipile has them now: missing, misdirected, and those of others."""
    app = app_of(request)
    base = base_of(app, request, None)
    found = await webhook_acts.listed(app, base)
    return show(request, "unipile_webhooks.html", found=found, handle=handle, base=base)


@router.post("/{handle}/unipile/webhooks/fix")
async def fix_webhooks(request: Request, handle: str) -> Response:
    """Bring them to what they should be."""
    app = app_of(request)
    done = await webhook_acts.ensure(app, base_of(app, request, None), None, BY)
    says = f"{len(done.created)} made, {len(done.deleted)} wrong ones deleted, {len(done.kept)} were right."
    return go(request, f"/accounts/{handle}", says)
