"""Administration of what the service has: webhooks listed and mended, conversations found in one walk."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy import text
from unipile_desk import FRIEND, KEY, ME, STRANGER, Desk

from crowd import a_lead, observe
from inbox_desk import Desk as InboxDesk
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.people import Seen
from overture.providers.unipile.provider import Unipile
from product import API_KEY, MakeApp, add_account

BASE = "https://app.example"
SECRET = "a-secret-of-thirty-two-characters!"
HOOKS = "/api/v1/admin/webhooks"


@pytest.fixture
def changes() -> dict[str, Any]:
    """What this test sets otherwise."""
    return {}


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk, changes: dict[str, Any]) -> AsyncIterator[App]:
    usual = {
        "unipile_dsn": desk.sandbox.url,
        "unipile_api_key": SecretStr(KEY),
        "unipile_webhook_secret": SecretStr(SECRET),
        "unipile_notify_url": BASE,
    }
    made = await make_app(**{**usual, **changes})
    provider = Unipile(made.settings, made.clock, made.rng)
    await add_account(made, "mira")
    yield replace(made, providers={**made.providers, provider.name: provider})
    await provider.close()


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    headers = {"X-API-Key": API_KEY}
    async with httpx2.AsyncClient(transport=transport, base_url="http://t", headers=headers) as made:
        yield made


def hook(desk: Desk, source: str, url: str, **more: Any) -> str:
    made = desk.post("/webhooks", account_id=None, source=source, request_url=url, **more)
    assert made.status == 201
    return str(made.json["webhook_id"])


async def told(app: App, kind: str) -> list[dict[str, Any]]:
    async with app.sessions() as db:
        query = text("select data from events where type = :kind order by id")
        return [data for (data,) in await db.execute(query, {"kind": kind})]


async def test_misdirected_and_double_webhooks_are_mended_and_those_of_others_left(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    """What the field had: messages sent to the address of relations, so that no reply was ever noticed."""
    wrong = hook(desk, "messaging", f"{BASE}/webhooks/unipile/users", name="overture-messaging")
    twice = [hook(desk, "users", f"{BASE}/webhooks/unipile/users") for _ in range(2)]
    foreign = hook(desk, "messaging", "https://crm.example/hooks")

    before = (await client.get(HOOKS)).json()
    assert before["missing"] == ["users", "messaging", "account_status"]  # none has our secret
    assert {one["webhook_id"]: (one["is_ours"], one["is_right"]) for one in before["data"]} == {
        wrong: (True, False),
        **dict.fromkeys(twice, (True, False)),
        foreign: (False, False),
    }

    mended = await client.post(f"{HOOKS}/fix")
    again = (await client.post(f"{HOOKS}/fix")).json()

    assert mended.status_code == 200
    assert len(mended.json()["created"]) == 3
    assert set(mended.json()["deleted"]) == {wrong, *twice}
    assert (mended.json()["foreign"], again["kept"]) == ([foreign], mended.json()["created"])
    assert (again["created"], again["deleted"]) == ([], [])
    after = await client.get(HOOKS)
    assert (after.json()["missing"], SECRET in after.text) == ([], False)
    assert {one["request_url"] for one in after.json()["data"] if one["is_right"]} == {
        f"{BASE}/webhooks/unipile/{name}" for name in ("users", "messaging", "accounts")
    }
    assert [(one["by"], len(one["created"])) for one in await told(app, "admin.webhooks_fixed")] == [
        ("api", 3),
        ("api", 0),
    ]


async def test_one_source_is_registered_once_and_deleted(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    first = await client.post(HOOKS, json={"source": "messaging"})
    second = await client.post(HOOKS, json={"source": "messaging"})
    (made,) = first.json()["created"]

    assert (first.status_code, second.status_code, second.json()["kept"]) == (201, 200, [made])
    gone = await client.delete(f"{HOOKS}/{made}")
    missing = await client.delete(f"{HOOKS}/{made}")
    assert (gone.status_code, missing.status_code, missing.json()["code"]) == (204, 404, "webhook_not_found")
    assert [one["webhook_id"] for one in await told(app, "admin.webhook_deleted")] == [made]


@pytest.mark.parametrize(
    ("changes", "base_url", "code"),
    [
        ({"unipile_webhook_secret": None}, None, "webhook_secret_missing"),
        ({}, "http://app.example", "webhook_address_unusable"),
        ({"unipile_webhook_secret": SecretStr("short")}, None, "webhook_address_unusable"),
        ({"unipile_dsn": None}, None, "unipile_not_configured"),
    ],
)
async def test_webhooks_that_could_not_be_taken_are_not_made(
    client: httpx2.AsyncClient, desk: Desk, base_url: str | None, code: str
) -> None:
    answer = await client.post(f"{HOOKS}/fix", json={"base_url": base_url} if base_url else {})

    assert (answer.status_code, answer.json()["code"]) == (409, code)
    assert desk.send("GET", "/webhooks").json["items"] == []


async def test_what_the_service_refuses_is_told_and_logged(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    desk.fault("status", "webhooks", times=9, body={"type": "insufficient_permissions"})

    answer = await client.post(f"{HOOKS}/fix")

    assert (answer.status_code, answer.json()["code"]) == (503, "unipile_unavailable")
    (event,) = await told(app, "admin.webhooks_fixed")
    assert (event["by"], event["error"]) == ("api", "insufficient_permissions")


async def backfilled(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/v1/admin/backfill/conversations", json={"handles": ["mira"]})
    assert answer.json()["status"] == "completed", answer.text
    found: dict[str, Any] = answer.json()["result"]["accounts"]["mira"]
    return found


async def test_connected_leads_get_their_conversation_in_one_walk(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    people = [one["slug"] for one in desk.admin.post("/populate", count=6, connected_to=ME)]
    for slug in (FRIEND, *people[:3]):
        desk.admin.post(f"/people/{slug}/reply", account=ME, text=f"Hello from {slug}")
    inside = InboxDesk(app, "mira", desk.account)
    await inside.connect()
    leads = {
        slug: await a_lead(app, linkedin_slug=slug, linkedin_profile_id=desk.id_of(slug))
        for slug in (FRIEND, *people[2:])
    }
    stranger = await a_lead(app, linkedin_slug=STRANGER, linkedin_profile_id=desk.id_of(STRANGER))
    for lead in leads.values():
        await observe(app, "mira", lead, Seen("connected", app.now() - timedelta(days=9), "test"))
    desk.admin.delete("/unipile/journal")

    first = await backfilled(client)
    calls = [one["endpoint"] for one in desk.admin.get("/unipile/journal")]
    second = await backfilled(client)

    assert (first["wanted"], first["found"], first["unmatched"], first["threads"]) == (5, 2, 3, 4)
    assert first["nobodys"] == 2
    assert len(first["unmatched_sample"]) == 3
    assert (calls.count("chats"), calls.count("messages"), len(calls)) == (1, 2, 4)  # and the account once
    assert (second["wanted"], second["found"], second["unmatched"]) == (3, 0, 3)
    known = {one.lead_id: one.service_thread_id for one in await inside.conversations()}
    assert set(known) == {leads[FRIEND].id, leads[people[2]].id}
    assert stranger.id not in known
    assert all(known.values())
    assert {one.text for one in await inside.messages()} == {
        f"Hello from {FRIEND}",
        f"Hello from {people[2]}",
    }


async def test_a_known_conversation_gets_the_name_it_has_at_the_service(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hello")
    inside = InboxDesk(app, "mira", desk.account)
    await inside.connect()
    lead = await a_lead(app, linkedin_slug=FRIEND, linkedin_profile_id=desk.id_of(FRIEND))
    await observe(app, "mira", lead, Seen("connected", app.now(), "test"))
    await backfilled(client)
    async with app.sessions.begin() as db:  # as a reading of the channel's own pages leaves it
        await db.execute(text("update conversations set service_thread_id = null"))

    found = await backfilled(client)

    assert (found["wanted"], found["named"]) == (0, 1)
    assert (await inside.conversation()).service_thread_id is not None
