"""The product with accounts at the sandbox's Unipile: put together, asked over HTTP, a campaign in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import httpx2
from pydantic import SecretStr
from unipile_desk import KEY, Desk

from overture.accounts import NO_LIMITS, Limits, WorkingHours
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.providers.unipile.provider import Unipile
from product import API_KEY, MakeApp
from waiting import eventually

FREE: Final = {
    "working_hours": WorkingHours.always().model_dump(mode="json"),
    "ramp": "off",
    "limits": Limits.model_validate({**NO_LIMITS, "min_gap_s": 0}).model_dump(mode="json"),
}
SOON: Final = timedelta(milliseconds=100)


@asynccontextmanager
async def open_house(make_app: MakeApp, desk: Desk, **settings: Any) -> AsyncIterator[App]:
    """The product, whose one provider is this workspace."""
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_confirm=(0.0, 0.05, 0.2),
        **settings,
    )
    provider = Unipile(made.settings, made.clock, made.rng, read_back_lag=SOON)
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@asynccontextmanager
async def client_of(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of its API."""
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(transport=transport, base_url="http://o.test", headers=headers) as made:
        yield made


async def asked(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    """What a request that goes well brings."""
    answer = await client.post(f"/api/v1{path}", json=body or None)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def added(client: httpx2.AsyncClient, handle: str = "mira", **more: Any) -> dict[str, Any]:
    """An account that may act at any hour."""
    return await asked(client, "/accounts", **{"handle": handle, "provider": "unipile", **FREE, **more})


async def submitted(client: httpx2.AsyncClient, touchpoint: dict[str, Any], **more: Any) -> str:
    """The address of a run of this touchpoint."""
    made = await asked(client, "/runs", handle="mira", touchpoint=touchpoint, **more)
    return f"/api/v1/runs/{made['run_id']}"


async def over(client: httpx2.AsyncClient, touchpoint: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A run of this touchpoint, once it is over."""
    return await ended(client, await submitted(client, touchpoint, **more))


async def ended(client: httpx2.AsyncClient, address: str) -> dict[str, Any]:
    """A run, once it is over."""

    async def is_over() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(address)).json()
        return run if run["completed_at"] else None

    return await eventually(is_over)


async def a_campaign(client: httpx2.AsyncClient, desk: Desk, sequence: dict[str, Any], **lead: Any) -> str:
    """A campaign that has started, of one account and one lead."""
    await added(client, external_id=desk.account)
    known = await asked(client, "/leads", **lead)
    settings = {"accounts": {"mira": 1}, "approvals": {"mode": "none"}}
    campaign = await asked(client, "/campaigns", name="First", sequence=sequence, settings=settings)
    number = str(campaign["campaign_id"])
    await asked(client, f"/campaigns/{number}/publish")
    await asked(client, "/enrollments", campaign_id=number, lead_ids=[known["lead"]["lead_id"]])
    await asked(client, f"/campaigns/{number}/start")
    return number


async def enrollment_over(client: httpx2.AsyncClient, campaign: str) -> dict[str, Any]:
    """How the campaign's one lead ended."""

    async def is_over() -> dict[str, Any] | None:
        (one,) = (await client.get("/api/v1/enrollments", params={"campaign": campaign})).json()["data"]
        return dict(one) if one["finished_at"] else None

    return await eventually(is_over, patience=60)
