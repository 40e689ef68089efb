"""The demo at Unipile: the sandbox's workspace, accounts connected by the product's own doors, webhooks."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import httpx2

from overture.core.clock import Clock
from overture.entrypoints.demo.clients import NotOver, Overture, Sandbox, Unexpected
from overture.entrypoints.demo.lineup import PASSWORD, Lineup, username

DOORS: Final = "/api/v1/accounts/unipile"
SIGN_IN_LIMIT: Final = timedelta(seconds=30)
POLL: Final = timedelta(milliseconds=50)
SELDOM: Final = {"RELATIONS_EVERY": "PT24H", "INBOX_EVERY": "PT24H"}
"""Where everything comes by webhooks, it is read once a day to be sure."""
PACE: Final = {"UNIPILE_CONFIRM": "0,0.2,0.5,1.5", "UNIPILE_TIMEOUT": "PT10S"}
"""The times of the real service, scaled down."""
SECRET_BYTES: Final = 32


async def settings_there(sandbox: Sandbox, site: str, lineup: Lineup) -> Mapping[str, str]:
    """What the product has to know of the workspace: address, key, and the secret deliveries come with."""
    is_told_all = all(sender.is_at_unipile for sender in lineup.values())
    found = await sandbox.ask("GET", "/unipile")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    return {
        "UNIPILE_DSN": site,
        "UNIPILE_API_KEY": str(found["api_key"]),
        "UNIPILE_WEBHOOK_SECRET": secret,
        **PACE,
        **(SELDOM if is_told_all else {}),
    }


async def listen(overture: Overture) -> None:
    """Have the workspace's webhooks come to the product's receivers, where it was asked."""
    await overture.ask("POST", "/api/v1/admin/webhooks/fix")


async def connect(overture: Overture, lineup: Lineup, clock: Clock) -> list[str]:
    """Sign the accounts in that act through Unipile: the first by a link, others by password; says how."""
    told: list[str] = []
    for handle in (handle for handle, sender in lineup.items() if sender.is_at_unipile):
        if told:
            await by_password(overture, handle)
            told.append(f"{handle} is connected at Unipile by password")
        else:
            await by_link(overture, handle, clock)
            told.append(f"{handle} is connected at Unipile by a link")
    return told


async def by_password(overture: Overture, handle: str) -> None:
    """Give Unipile the password."""
    body = {"handle": handle, "username": username(handle), "password": PASSWORD}
    found = await overture.ask("POST", f"{DOORS}/connect", body)
    if found["status"] != "connected":
        raise Unexpected(f"The account {handle} was not connected at Unipile: {found}")


async def by_link(overture: Overture, handle: str, clock: Clock) -> None:
    """Be the owner, who follows a link and signs in on the page there; Unipile reports it."""
    link = await overture.ask("POST", f"{DOORS}/connect-link", {"handle": handle})
    form = {"username": username(handle), "password": PASSWORD}
    # trust_env: a proxy of the environment has no way to our own machine
    async with httpx2.AsyncClient(trust_env=False) as owner:
        answer = await owner.post(link["url"], data=form)
    if answer.is_error:
        raise Unexpected(f"The page of the link was answered {answer.status_code}.")
    give_up = clock.monotonic() + SIGN_IN_LIMIT.total_seconds()
    while (await overture.ask("GET", f"/api/v1/accounts/{handle}"))["external_id"] is None:
        if clock.monotonic() > give_up:
            raise NotOver(f"The sign-in of {handle} by link was not reported.")
        await clock.sleep(POLL)
