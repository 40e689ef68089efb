"""Receivers of webhooks: proof first, stored raw and once, then 200; nothing is lost and nothing forged."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote, urlencode

import httpx2
import pytest
from pydantic import SecretStr

from inbox_desk import Desk
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from product import API_KEY, MakeApp, add_account

SECRET = "a-secret-of-thirty-two-characters!"
GIVEN = {"Unipile-Auth": SECRET, "Content-Type": "application/json"}


@pytest.fixture
def auth() -> dict[str, Any]:
    """How deliveries prove where they come from."""
    return {}


@pytest.fixture
async def app(make_app: MakeApp, auth: dict[str, Any]) -> App:
    found = await make_app(**{"unipile_webhook_secret": SecretStr(SECRET), "webhook_simulate": True, **auth})
    await add_account(found, "ada")
    return found


@pytest.fixture
async def desk(app: App) -> Desk:
    found = Desk(app)
    await found.connect()
    return found


@pytest.fixture
async def outside(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    """Somebody without a key."""
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://overture.test") as made:
        yield made


async def deliver(
    outside: httpx2.AsyncClient, body: bytes, headers: dict[str, str] | None = None, to: str = "messaging"
) -> httpx2.Response:
    """Send a body to a receiver."""
    return await outside.post(
        f"/webhooks/unipile/{to}", content=body, headers=GIVEN if headers is None else headers
    )


async def test_a_delivery_is_stored_raw_once_and_answered(outside: httpx2.AsyncClient, desk: Desk) -> None:
    body = json.dumps(desk.message(1, "Hello")).encode()

    first, second = await deliver(outside, body), await deliver(outside, body)

    assert (first.status_code, first.json()["status"]) == (200, "stored")
    assert (second.status_code, second.json()) == (200, {"status": "known"})
    (one,) = await desk.deliveries()
    assert (one.body, one.state, one.endpoint, one.source) == (body, "received", "messaging", "messaging")


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET[:-1], f"{SECRET} "])
async def test_a_wrong_secret_is_refused_and_nothing_is_kept(
    outside: httpx2.AsyncClient, desk: Desk, given: str | None
) -> None:
    headers = {"Content-Type": "application/json"} | ({"Unipile-Auth": given} if given is not None else {})
    if given is not None and given.endswith(" "):
        headers["Unipile-Auth"] = f"x{given}"

    answer = await deliver(outside, json.dumps(desk.message(1, "Hello")).encode(), headers)

    assert (answer.status_code, answer.json()["code"]) == (401, "webhook_signature_invalid")
    assert await desk.deliveries() == []


@pytest.mark.parametrize(
    "auth", [{"unipile_webhook_secret": None}, {"unipile_webhook_secret": SecretStr("")}]
)
async def test_without_a_secret_everything_is_refused(outside: httpx2.AsyncClient, desk: Desk) -> None:
    for given in ("", SECRET):
        answer = await deliver(outside, b"{}", {"Unipile-Auth": given})
        assert (answer.status_code, answer.json()["code"]) == (503, "webhook_secret_unset")
    assert await desk.deliveries() == []


@pytest.mark.parametrize("auth", [{"unipile_webhook_header": "X-My-Secret"}])
async def test_the_header_has_the_name_it_was_given(outside: httpx2.AsyncClient, desk: Desk) -> None:
    body = json.dumps(desk.message(1, "Hello")).encode()

    assert (await deliver(outside, body, {"X-My-Secret": SECRET})).status_code == 200
    assert (await deliver(outside, body, {"Unipile-Auth": SECRET})).status_code == 401


@pytest.mark.parametrize("auth", [{"unipile_webhook_auth": "legacy_hmac"}])
async def test_old_deployments_sign_the_body(outside: httpx2.AsyncClient, desk: Desk) -> None:
    body = json.dumps(desk.message(1, "Hello")).encode()
    sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    assert (await deliver(outside, body + b" ", {"X-Unipile-Signature": sign})).status_code == 401
    assert (await deliver(outside, body, {"Unipile-Auth": SECRET})).status_code == 401
    assert (await deliver(outside, body, {"X-Unipile-Signature": sign})).status_code == 200


@pytest.mark.parametrize("auth", [{"unipile_webhook_auth": "v2"}])
async def test_version_two_signs_body_and_time(app: App, outside: httpx2.AsyncClient, desk: Desk) -> None:
    body = json.dumps(desk.message(1, "Hello")).encode()

    def signed(at: int) -> dict[str, str]:
        sign = hmac.new(SECRET.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        return {"unipile-signature": f"t={at},v0={sign}"}

    now = int(app.now().timestamp())
    assert (await deliver(outside, body, signed(now - 3600))).status_code == 401
    assert (await deliver(outside, body, GIVEN)).status_code == 401
    assert (await deliver(outside, body, signed(now))).status_code == 200


@pytest.mark.parametrize("shape", ["json_as_form", "form", "encoded"])
async def test_a_body_is_read_for_what_it_is(outside: httpx2.AsyncClient, desk: Desk, shape: str) -> None:
    payload = desk.message(1, "Hello & bye = so long")
    as_json = json.dumps(payload)
    body = {
        "json_as_form": as_json,
        "form": urlencode(
            {key: json.dumps(one) if isinstance(one, dict | list) else one for key, one in payload.items()}
        ),
        "encoded": quote(as_json),
    }[shape]

    answer = await deliver(
        outside, body.encode(), {**GIVEN, "Content-Type": "application/x-www-form-urlencoded"}
    )
    await desk.turn()

    assert answer.status_code == 200
    assert [one.text for one in await desk.messages()] == ["Hello & bye = so long"]


async def test_what_cannot_be_read_is_kept_and_said_to_be_so(outside: httpx2.AsyncClient, desk: Desk) -> None:
    answer = await deliver(outside, b"\xff\x00 nothing")

    assert (answer.status_code, answer.json()["code"]) == (400, "delivery_unreadable")
    assert await desk.states() == [("dead", "unreadable")]


async def test_an_unknown_type_and_an_unknown_account_are_taken(
    outside: httpx2.AsyncClient, desk: Desk
) -> None:
    moon = await deliver(outside, b'{"event": "moon_phase", "account_id": "unipile-ada"}')
    stranger = await deliver(
        outside, json.dumps({**desk.relation(1), "account_id": "nobody"}).encode(), to="users"
    )
    await desk.turn()

    assert (moon.status_code, stranger.status_code) == (200, 200)
    assert sorted(await desk.states()) == [("dead", "unknown_type"), ("unmatched", "unknown_account")]


async def test_more_than_a_megabyte_is_too_much(outside: httpx2.AsyncClient, desk: Desk) -> None:
    fits = json.dumps(desk.message(1, "x" * (900 * 1024), key="long")).encode()

    answer = await deliver(outside, b'{"x": "' + b"y" * (1024 * 1024) + b'"}')

    assert (answer.status_code, answer.json()["code"]) == (413, "delivery_too_large")
    assert (await deliver(outside, fits)).status_code == 200


async def test_health_and_figures_tell_how_deliveries_fare(
    outside: httpx2.AsyncClient, client: httpx2.AsyncClient, desk: Desk
) -> None:
    await deliver(outside, json.dumps(desk.message(1, "Hello")).encode(), to="users")  # misdirected
    await deliver(outside, json.dumps(desk.status("OK")).encode(), to="accounts")
    await desk.turn()

    assert (await outside.get("/webhooks/status")).status_code == 401
    for address in ("/webhooks/status", "/api/v1/webhooks/status"):
        found = (await client.get(address)).json()
        assert (found["status"], found["lag_seconds"]) == ("ok", 0)
        of = {one["endpoint"]: one for one in found["endpoints"]}
        assert (of["users"]["counts"], of["users"]["misdirected"]) == ({"applied": 1}, 1)
        assert of["accounts"]["last_applied_at"] is not None
        assert of["messaging"]["last_received_at"] is None
    figures = (await client.get("/metrics")).text
    assert 'overture_webhook_deliveries{source="messaging",state="applied"} 1' in figures
    assert "overture_webhook_apply_lag_seconds 0" in figures
    assert 'overture_inbox_received{channel="linkedin",kind="reply"} 1' in figures


async def test_deliveries_are_listed_shown_and_applied_once_more(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    await desk.take(desk.message(1, "One"), desk.message(1, "Two"), b'{"event": "moon_phase"}')
    page = (await client.get("/api/v1/webhooks/deliveries", params={"limit": 2})).json()
    rest = await client.get(
        "/api/v1/webhooks/deliveries", params={"limit": 2, "cursor": page["page"]["next_cursor"]}
    )
    assert [len(page["data"]), len(rest.json()["data"])] == [2, 1]
    dead = (await client.get("/api/v1/webhooks/deliveries", params={"state": "dead"})).json()["data"]
    assert [one["error"] for one in dead] == ["unknown_type"]
    applied = rest.json()["data"][0]["delivery_id"]
    shown = (await client.get(f"/api/v1/webhooks/deliveries/{applied}")).json()
    assert json.loads(shown["body"])["message"] == "One"

    again = await client.post(f"/api/v1/webhooks/deliveries/{applied}/replay")
    assert (again.status_code, again.json()["state"]) == (200, "received")
    all_of_them = await client.post("/api/v1/webhooks/deliveries/replay", json={"state": "applied"})
    assert all_of_them.json() == {"replayed": 1}
    await desk.turn()

    assert len(await desk.messages()) == 2
    assert sorted(state for state, _ in await desk.states()) == ["applied", "applied", "dead"]
    missing = await client.get("/api/v1/webhooks/deliveries/whd_01kb3v6q2v8x0c5h2m9r4t7wze")
    assert (missing.status_code, missing.json()["code"]) == (404, "delivery_not_found")


async def test_deliveries_can_be_made_up_for_development(client: httpx2.AsyncClient, desk: Desk) -> None:
    asked = {"endpoint": "messaging", "payload": desk.message(1, "Hello")}

    made = await client.post("/api/v1/webhooks/simulate", json=asked)
    again = await client.post("/api/v1/webhooks/simulate", json=asked)
    await desk.turn()

    assert (made.status_code, made.json()["is_new"], again.json()["is_new"]) == (201, True, False)
    assert [one.text for one in await desk.messages()] == ["Hello"]


@pytest.mark.parametrize("auth", [{"webhook_simulate": False}])
async def test_nothing_is_made_up_unless_that_is_switched_on(client: httpx2.AsyncClient, desk: Desk) -> None:
    asked = {"endpoint": "messaging", "payload": desk.message(1, "Hello")}

    refused = await client.post("/api/v1/webhooks/simulate", json=asked, headers={"X-API-Key": API_KEY})

    assert (refused.status_code, refused.json()["code"]) == (409, "simulate_off")
    assert await desk.deliveries() == []
