"""Routes of connecting accounts at Unipile: by a link, by credentials or cookie, through a checkpoint."""

from typing import Final

from fastapi import APIRouter, Request

from overture.core.errors import Refused
from overture.entrypoints.api import unipile_acts
from overture.entrypoints.api.access import By, Product, needs_key
from overture.entrypoints.api.problems import declared
from overture.entrypoints.api.unipile_shapes import (
    CheckpointAnswer,
    ConnectView,
    LinkView,
    LinkWish,
    RemoteAccount,
    RemoteList,
    SignIn,
    Which,
)

router = APIRouter(prefix="/api/v1/accounts/unipile", tags=["accounts"], dependencies=[needs_key])
notified = APIRouter(include_in_schema=False)

NOTIFY_PATH: Final = "/webhooks/unipile/connected"
ADDRESSES: Final = frozenset({NOTIFY_PATH})
"""Where a body of any type is taken and judged here."""
WRITE: Final = (400, 404, 409, 413, 415, 503)
BODY_LIMIT: Final = 64 * 1024


@router.post("/connect-link", responses=declared(*WRITE))
async def make_connect_link(app: Product, request: Request, wish: LinkWish) -> LinkView:
    """A link to a page on which the owner signs in; the account is connected once they have."""
    base = str(app.settings.unipile_notify_url or request.base_url).rstrip("/")
    return await unipile_acts.make_link(app, wish, f"{base}{NOTIFY_PATH}")


@router.post("/connect", responses=declared(*WRITE))
async def connect_unipile_account(app: Product, by: By, given: SignIn) -> ConnectView:
    """Connect, or connect again; `checkpoint` says when LinkedIn asks for something first."""
    return await unipile_acts.connect(app, given, by)


@router.post("/checkpoint", responses=declared(*WRITE))
async def answer_unipile_checkpoint(app: Product, by: By, given: CheckpointAnswer) -> ConnectView:
    """Answer what LinkedIn asks, within five minutes; another check may follow."""
    return await unipile_acts.answer(app, given, by)


@router.post("/restart", responses=declared(*WRITE))
async def restart_unipile_account(app: Product, which: Which) -> RemoteAccount:
    """Start an account again that Unipile has stopped; one that has to sign in again cannot be helped so."""
    return await unipile_acts.restart(app, which.handle)


@router.get("/remote", responses=declared(409, 503))
async def list_unipile_accounts(app: Product) -> RemoteList:
    """The workspace's LinkedIn accounts at Unipile, and which account here is which."""
    return await unipile_acts.remote(app)


@notified.post(NOTIFY_PATH)
async def unipile_connected(app: Product, request: Request, state: str = "") -> dict[str, str]:
    """Take the report of a sign-in by link; it counts for nothing until Unipile itself confirms it."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused("payload_too_large", "The report is too large.", fix="Nothing to do.")
    await unipile_acts.take_notice(app, state, bytes(body), request.headers.get("content-type", ""))
    return {"status": "taken"}
