"""Tokens: made with the key alone, opening what their scopes say and no longer than they live."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import jwt
import pytest
from sqlalchemy import text

from overture.core import crypto
from overture.core.clock import ManualClock
from overture.entrypoints.api.tokens import Mint, TokenUnusable, needed
from overture.entrypoints.bootstrap import App
from product import API_KEY, MakeApp, add_account
from waiting import eventually

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEY = {"X-API-Key": API_KEY}
TALK = {"type": "message", "public_identifier": "prisca-hollowell-sbx", "message": "Hello"}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
async def app(make_app: MakeApp, clock: ManualClock) -> App:
    return await make_app(clock=clock)


async def issue(client: httpx2.AsyncClient, *scopes: str, **more: Any) -> str:
    answer = await client.post("/api/v1/admin/tokens", json={"name": "grafana", "scopes": scopes, **more})
    assert answer.status_code == 201, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return str(answer.json()["token"])


async def ask(
    client: httpx2.AsyncClient, token: str, path: str, method: str = "GET", **more: Any
) -> tuple[int, str | None]:
    """Status and code of a request with a token and no key."""
    request = client.build_request(method, path, **more)
    del request.headers["X-API-Key"]
    request.headers["Authorization"] = f"Bearer {token}"
    answer = await client.send(request)
    is_json = answer.content and "json" in answer.headers.get("Content-Type", "")
    body = answer.json() if is_json else {}
    return answer.status_code, body.get("code")


async def test_a_token_opens_what_its_scopes_say(client: httpx2.AsyncClient) -> None:
    reads, writes, admins = (
        await issue(client, "read"),
        await issue(client, "write"),
        await issue(client, "admin"),
    )
    refused = (403, "insufficient_scope")

    assert await ask(client, reads, "/api/v1/runs") == (200, None)
    assert await ask(client, reads, "/metrics") == (200, None)
    assert await ask(client, reads, "/api/v1/leads", "POST", json={"email": "a@b.example"}) == refused
    assert await ask(client, reads, "/api/v1/admin/reconcile") == refused
    assert (await ask(client, writes, "/api/v1/leads", "POST", json={"email": "a@b.example"}))[0] == 201
    assert await ask(client, writes, "/api/v1/runs") == refused
    assert await ask(client, writes, "/api/v1/admin/backfill/rate-usage", "POST") == refused
    assert await ask(client, admins, "/api/v1/admin/reconcile") == (200, None)
    assert await ask(client, admins, "/api/v1/admin/backfill/rate-usage", "POST") == (200, None)
    assert await ask(client, admins, "/api/v1/runs") == refused


ADMINISTRATION = (
    ("GET", "/api/v1/admin/reconcile"),
    ("GET", "/api/v1/admin/reconcile/jobs/messages"),
    ("POST", "/api/v1/admin/catch-up/messages"),
    ("POST", "/api/v1/admin/backfill/conversations"),
    ("POST", "/api/v1/admin/backfill/rate-usage"),
    ("GET", "/api/v1/admin/migrations/status"),
    ("POST", "/api/v1/admin/migrations/upgrade"),
    ("GET", "/api/v1/admin/webhooks"),
    ("POST", "/api/v1/admin/webhooks"),
    ("POST", "/api/v1/admin/webhooks/fix"),
    ("DELETE", "/api/v1/admin/webhooks/we_1"),
    ("GET", "/api/v1/admin/reconcile/connections"),
    ("POST", "/api/v1/admin/reconcile/connections"),
)


async def test_administration_needs_its_own_scope(client: httpx2.AsyncClient) -> None:
    token = await issue(client, "read", "write")

    for method, path in ADMINISTRATION:
        assert await ask(client, token, path, method) == (403, "insufficient_scope"), path
        unkeyed = await client.request(method, path, headers={"X-API-Key": "wrong"})
        assert (unkeyed.status_code, unkeyed.json()["code"]) == (401, "unauthorized"), path


async def test_no_token_makes_tokens(client: httpx2.AsyncClient) -> None:
    token = await issue(client, "read", "write", "admin")
    wish = {"name": "more", "scopes": ["admin"]}

    assert await ask(client, token, "/api/v1/admin/tokens", "POST", json=wish) == (403, "insufficient_scope")


async def test_a_token_ends(client: httpx2.AsyncClient, clock: ManualClock) -> None:
    token = await issue(client, "read", minutes=10)
    clock.advance(timedelta(minutes=10) - timedelta(seconds=1))
    assert (await ask(client, token, "/api/v1/runs"))[0] == 200

    clock.advance(timedelta(seconds=1))
    assert await ask(client, token, "/api/v1/runs") == (401, "token_expired")


async def test_a_key_that_is_wrong_is_not_helped_by_a_token(client: httpx2.AsyncClient) -> None:
    token = await issue(client, "read")
    headers = {"X-API-Key": "wrong", "Authorization": f"Bearer {token}"}

    answer = await client.get("/api/v1/runs", headers=headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


async def test_what_was_done_with_a_token_is_in_the_log_under_its_name(
    client: httpx2.AsyncClient, app: App
) -> None:
    token = await issue(client, "admin")
    await ask(client, token, "/api/v1/admin/backfill/rate-usage", "POST")

    async with app.sessions() as db:
        rows = await db.execute(text("select type, data from events order by id"))
        told = [(kind, data["by"], data.get("scopes")) for kind, data in rows]
    assert told == [
        ("admin.token_issued", "api", ["admin"]),
        ("job.finished", "token:grafana", None),
    ]


async def test_what_a_token_does_to_people_and_campaigns_is_under_its_name(
    client: httpx2.AsyncClient, app: App
) -> None:
    token = await issue(client, "write")
    lead = (await client.post("/api/v1/leads", json={"email": "ada@hollow.test"})).json()["lead"]["lead_id"]
    campaign = (await client.post("/api/v1/campaigns", json={"name": "Wells"})).json()
    draft = f"/api/v1/campaigns/{campaign['campaign_id']}"
    stage = {"stage": "CONNECTED", "why": "met at the fair"}

    assert await ask(client, token, f"/api/v1/leads/{lead}/stage", "POST", json=stage) == (200, None)
    assert await ask(client, token, f"{draft}/duplicate", "POST", json={"name": "More wells"}) == (201, None)
    assert await ask(client, token, draft, "PATCH", json={"name": "Deep wells"}) == (200, None)
    assert await ask(client, token, f"{draft}/archive", "POST") == (200, None)

    wanted = ("lead.stage_changed", "campaign.created", "campaign.changed", "campaign.archived")
    async with app.sessions() as db:
        rows = await db.execute(text("select type, data->>'by' from events order by id"))
        told = [(kind, by) for kind, by in rows if kind in wanted]
    assert told == [
        ("campaign.created", "api"),
        ("lead.stage_changed", "token:grafana"),
        ("campaign.created", "token:grafana"),
        ("campaign.changed", "token:grafana"),
        ("campaign.archived", "token:grafana"),
    ]


async def under_names(app: App, *kinds: str) -> list[tuple[str, str | None]]:
    """The events of these kinds, each with who is named."""
    async with app.sessions() as db:
        rows = await db.execute(text("select type, data->>'by' from events order by id"))
        return [(kind, by) for kind, by in rows if kind.startswith(kinds)]


async def test_what_a_token_does_to_accounts_is_under_its_name(client: httpx2.AsyncClient, app: App) -> None:
    token = await issue(client, "write")
    base = "/api/v1/accounts"
    kinds = ("account.changed", "account.paused", "account.active", "account.removed")

    assert await ask(client, token, base, "POST", json={"handle": "ada"}) == (201, None)
    assert await ask(client, token, f"{base}/ada", "PATCH", json={"zone": "Europe/Berlin"}) == (200, None)
    assert await ask(client, token, f"{base}/ada/pause", "POST") == (200, None)
    assert await ask(client, token, f"{base}/ada/resume", "POST") == (200, None)
    assert await ask(client, token, f"{base}/ada", "DELETE") == (204, None)

    assert await under_names(app, *kinds) == [(kind, "token:grafana") for kind in kinds]


async def test_what_a_token_does_to_runs_is_under_its_name(client: httpx2.AsyncClient, app: App) -> None:
    token = await issue(client, "write")
    await add_account(app, "ada")
    body = {"handle": "ada", "touchpoint": TALK, "not_before": "2030-01-01T00:00:00Z"}
    run = f"/api/v1/runs/{(await client.post('/api/v1/runs', json=body)).json()['run_id']}"

    assert await ask(client, token, f"{run}/cancel", "POST") == (200, None)
    assert await ask(client, token, f"{run}/retry", "POST") == (200, None)
    async with app.sessions.begin() as db:
        await db.execute(text("update runs set status = 'held', effect = 'unknown', intended_at = :now,"
                              " next_at = null, wait_reason = 'outcome_unknown', admitted_at = null,"
                              " lease_until = null, worker = null"), {"now": NOW})  # fmt: skip
    found = {"outcome": "not_delivered"}
    assert await ask(client, token, f"{run}/resolve", "POST", json=found) == (200, None)

    assert await under_names(app, "run.cancelled", "run.retried", "run.resolved") == [
        (f"run.{what}", "token:grafana") for what in ("cancelled", "retried", "resolved")
    ]


async def test_what_a_token_does_to_schedules_is_under_its_name(client: httpx2.AsyncClient, app: App) -> None:
    token = await issue(client, "write")
    await add_account(app, "ada")
    body = {"handle": "ada", "touchpoint": TALK, "cron": "0 9 * * *"}

    assert await ask(client, token, "/api/v1/schedules", "POST", json=body) == (201, None)
    (made,) = (await client.get("/api/v1/schedules")).json()["data"]
    schedule = f"/api/v1/schedules/{made['schedule_id']}"
    assert await ask(client, token, f"{schedule}/pause", "POST") == (200, None)
    assert await ask(client, token, f"{schedule}/resume", "POST") == (200, None)
    assert await ask(client, token, schedule, "DELETE") == (204, None)

    assert await under_names(app, "schedule.") == [
        (f"schedule.{what}", "token:grafana") for what in ("created", "paused", "resumed", "removed")
    ]


async def test_what_a_token_imports_is_under_its_name(client: httpx2.AsyncClient, app: App) -> None:
    token = await issue(client, "write")
    file = b"First name,LinkedIn\nAda,https://www.linkedin.com/in/ada-hollow-sbx/\n"
    sent = {"content": file, "headers": {"Content-Type": "text/csv"}}

    assert await ask(client, token, "/api/v1/imports", "POST", **sent) == (201, None)
    (made,) = (await client.get("/api/v1/imports")).json()["data"]
    async with app.sessions() as db:
        assert await db.scalar(text("select by from imports")) == "token:grafana"

    async def is_now(state: str) -> bool:
        found = (await client.get(f"/api/v1/imports/{made['import_id']}")).json()
        return bool(found["state"] == state)

    start = f"/api/v1/imports/{made['import_id']}/start"
    assert (await ask(client, token, start, "POST"))[0] == 202
    await eventually(lambda: is_now("finished"))
    back = f"/api/v1/imports/{made['import_id']}/rollback"
    assert (await ask(client, token, back, "POST"))[0] == 202

    async def is_back() -> bool:
        return bool(await under_names(app, "import.rolled_back"))

    await eventually(is_back)
    assert await under_names(app, "import.rolled_back") == [("import.rolled_back", "token:grafana")]


def test_words_that_are_no_tokens_of_ours_are_refused(tmp_path: Any) -> None:
    ring = crypto.load_or_create(tmp_path / "keys")
    mint, another = Mint(ring, "ov_key"), Mint(ring, "ov_changed_key")
    good, bearer = mint.issue("ada", {"read"}, NOW, timedelta(hours=1), "tok_1")
    head, body, sign = good.split(".")
    forged = jwt.encode(
        {"scope": "admin", "exp": 2**40}, "guess-guess-guess-guess-guess-guess", algorithm="HS256"
    )
    unsigned = jwt.encode({"scope": "admin", "exp": 2**40}, "", algorithm="none")

    assert mint.read(good, NOW) == bearer
    for word in ("", "x", "a.b.c", good[:-2], f"{head}.{body}.", f"{head}.{sign}.{body}", forged, unsigned):
        with pytest.raises(TokenUnusable, match="unauthorized"):
            mint.read(word, NOW)
    with pytest.raises(TokenUnusable, match="unauthorized"):
        another.read(good, NOW)  # the API key was changed


def test_a_rotated_key_file_keeps_tokens(tmp_path: Any) -> None:
    path = tmp_path / "keys"
    good, bearer = Mint(crypto.load_or_create(path), "ov_key").issue(
        "ada", {"read"}, NOW, timedelta(hours=1), "t"
    )

    assert Mint(crypto.add_key(path), "ov_key").read(good, NOW) == bearer


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", "/api/v1/runs", "read"),
        ("HEAD", "/metrics", "read"),
        ("POST", "/api/v1/runs", "write"),
        ("DELETE", "/api/v1/leads/x", "write"),
        ("GET", "/api/v1/admin/webhooks", "admin"),
        ("GET", "/api/v1/administrators", "read"),
        ("POST", "/api/v1/admin/tokens", None),
        ("GET", "/api/v1/admin/tokens/x", None),
    ],
)
def test_what_addresses_need(method: str, path: str, scope: str | None) -> None:
    assert needed(method, path) == scope
