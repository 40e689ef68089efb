"""A campaign whose account is disconnected for a while: who answered meanwhile gets no follow-up."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from unipile_desk import FRIEND, KEY, ME, Desk, open_desk

from overture.accounts import NO_LIMITS, Limits, WorkingHours
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.unipile.provider import Unipile
from product import API_KEY, MakeApp
from waiting import eventually

SEQUENCE: dict[str, Any] = {
    "name": "two words",
    "steps": [
        {
            "id": "hello",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, hello!"},
        },
        {
            "id": "again",
            "channel": "linkedin",
            "delay": "1min",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, once more."},
        },
    ],
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        made.sandbox.reset()
        yield Desk(made.sandbox).connect(premium=True)


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_confirm=(0.0, 0.05, 0.2),
        unipile_health_every=timedelta(milliseconds=200),
        planner_tick=timedelta(milliseconds=50),
        inbox_tick=timedelta(milliseconds=50),
    )
    provider = Unipile(made.settings, made.clock, made.rng, read_back_lag=timedelta(milliseconds=100))
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(transport=transport, base_url="http://t", headers=headers) as made:
        yield made


async def asked(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body or None)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def a_campaign(client: httpx2.AsyncClient, desk: Desk) -> str:
    await asked(
        client,
        "/accounts",
        handle="mira",
        provider="unipile",
        external_id=desk.account,
        working_hours=WorkingHours.always().model_dump(mode="json"),
        ramp="off",
        limits=Limits.model_validate({**NO_LIMITS, "min_gap_s": 0}).model_dump(mode="json"),
    )
    lead = await asked(client, "/leads", linkedin_slug=FRIEND, first_name="Jonas")
    campaign = await asked(
        client,
        "/campaigns",
        name="First",
        sequence=SEQUENCE,
        settings={"accounts": {"mira": 1}, "approvals": {"mode": "none"}},
    )
    number = str(campaign["campaign_id"])
    await asked(client, f"/campaigns/{number}/publish")
    await asked(client, "/enrollments", campaign_id=number, lead_ids=[lead["lead"]["lead_id"]])
    await asked(client, f"/campaigns/{number}/start")
    return number


async def test_who_answered_while_the_account_was_away_is_left_alone(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    """Neither webhooks nor readings of the inbox tell of it: the return of the account alone does."""
    number = await a_campaign(client, desk)
    status = f"/unipile/accounts/{desk.account}/status"

    async def is_sent() -> bool:
        return "message" in desk.kinds(kind="message", account=ME)

    async def is_in(state: str) -> bool:
        return bool((await client.get("/api/v1/accounts/mira")).json()["state"] == state)

    async def ended() -> dict[str, Any] | None:
        rows = await client.get("/api/v1/enrollments", params={"campaign": number})
        (one,) = rows.json()["data"]
        return dict(one) if one["finished_at"] else None

    async with background(app, worker=True, planner=True):
        await eventually(is_sent)
        desk.admin.post(status, status="CREDENTIALS")
        await eventually(lambda: is_in("needs_attention"))
        desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Yes, tell me more")
        desk.admin.post(status, status="OK")
        enrollment = await eventually(ended, patience=30)

    assert enrollment["reason"] == "replied"
    sent = desk.admin.ledger(kind="message", account=ME)
    assert [(one["target"], one["text"]) for one in sent] == [(FRIEND, "Hi Jonas, hello!")]
    jobs = (await client.get("/api/v1/admin/reconcile/jobs/messages")).json()["data"]
    assert "reconnect" in {one["trigger"] for one in jobs}
    assert sum(one["result"]["accounts"]["mira"]["new"] for one in jobs) >= 1
