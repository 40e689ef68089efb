"""A campaign with a Unipile account: invited, accepted, written to, answered, and then left alone."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from unipile_desk import KEY, ME, STRANGER, Desk

from overture.accounts import NO_LIMITS, Limits, WorkingHours
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.unipile.provider import Unipile
from product import API_KEY, MakeApp
from waiting import eventually

SEQUENCE: dict[str, Any] = {
    "name": "classic",
    "steps": [
        {"id": "invite", "channel": "linkedin", "touchpoint": {"type": "connect"}},
        {
            "id": "accepted",
            "wait_for": {"condition": "connected", "timeout": "14 days", "on_timeout": "end", "then": "next"},
        },
        {
            "id": "hello",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, hello!"},
        },
        {
            "id": "again",
            "channel": "linkedin",
            "delay": "3 days",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, once more."},
        },
    ],
}


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_confirm=(0.0, 0.05, 0.2),
        act_window=timedelta(seconds=4),
        planner_tick=timedelta(milliseconds=50),
        inbox_tick=timedelta(milliseconds=50),
        relations_every=timedelta(seconds=1),
        inbox_every=timedelta(seconds=1),
    )
    provider = Unipile(made.settings, made.clock, made.rng, read_back_lag=timedelta(milliseconds=100))
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://overture.test", headers=headers
    ) as made:
        yield made


async def asked(client: httpx2.AsyncClient, path: str, **body: Any) -> dict[str, Any]:
    answer = await client.post(f"/api/v1{path}", json=body or None)
    assert answer.is_success, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_a_campaign_runs_as_with_any_other_account(
    client: httpx2.AsyncClient, app: App, desk: Desk, record_property: Callable[[str, object], None]
) -> None:
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
    lead = await asked(client, "/leads", linkedin_slug=STRANGER, first_name="Prisca")
    campaign = await asked(
        client,
        "/campaigns",
        name="First",
        sequence=SEQUENCE,
        settings={"accounts": {"mira": 1}, "approvals": {"mode": "none"}},
    )
    number = campaign["campaign_id"]
    await asked(client, f"/campaigns/{number}/publish")
    await asked(client, "/enrollments", campaign_id=number, lead_ids=[lead["lead"]["lead_id"]])
    await asked(client, f"/campaigns/{number}/start")

    async def happened(kind: str, count: int) -> bool:
        return len(desk.kinds(kind=kind, account=ME)) >= count

    async with background(app, worker=True, planner=True):
        await eventually(lambda: happened("invite", 1))
        desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
        await eventually(lambda: happened("message", 1), patience=60)
        desk.admin.post(f"/people/{STRANGER}/reply", account=ME, text="Yes, tell me more")

        async def ended() -> dict[str, Any] | None:
            rows = await client.get("/api/v1/enrollments", params={"campaign": number})
            (one,) = rows.json()["data"]
            return dict(one) if one["finished_at"] else None

        enrollment = await eventually(ended, patience=60)

    assert enrollment["reason"] == "replied"
    looked, sent = last_look_and_send(desk)
    record_property("race_window_ms", (sent - looked) / timedelta(milliseconds=1))
    assert timedelta(0) <= sent - looked < app.settings.act_window
    messages = desk.admin.ledger(kind="message", account=ME)
    assert [(one["target"], one["text"]) for one in messages] == [(STRANGER, "Hi Prisca, hello!")]
    assert [one["target"] for one in desk.admin.ledger(kind="invite")] == [STRANGER]
    assert desk.admin.get("/unipile/invariants") == {"same_text_twice": [], "invited_twice": []}


def last_look_and_send(desk: Desk) -> tuple[datetime, datetime]:
    """When the thread was looked at last before the message, and when that went out."""
    calls = desk.admin.get("/unipile/journal")
    sends = ("message.send", "chat.start")
    (at,) = [index for index, call in enumerate(calls) if call["endpoint"] in sends]
    looks = [call["at"] for call in calls[:at] if call["endpoint"] in ("attendee.chats", "messages")]
    looked, sent = datetime.fromisoformat(looks[-1]), datetime.fromisoformat(calls[at]["at"])
    return looked, sent
