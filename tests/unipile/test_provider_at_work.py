"""Unipile accounts in the product: connected over the API, at work by runs, watched; the ledger judges."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx2
import pytest
from hook_receiver import Receiver, open_receiver
from sqlalchemy import text
from unipile_desk import FAR, FRIEND, ME, STRANGER, Desk
from unipile_house import added, asked, client_of, open_house, over

from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.entrypoints.unipile_health import ask_all, unipile_of
from product import MakeApp
from waiting import eventually

OTHER: Final = {"username": "tomas@sandbox.test", "password": "pw"}
BASE: Final = "/api/v1/accounts/unipile"


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    made = Desk(open_sandbox.sandbox).connect(premium=True)
    made.admin.post("/logins", slug=FAR, **OTHER)
    return made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with open_receiver() as made:
        yield made


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk, hook: Receiver) -> AsyncIterator[App]:
    notify = hook.url.removesuffix("/hook")
    patience = timedelta(seconds=5)
    async with open_house(make_app, desk, unipile_timeout=patience, unipile_notify_url=notify) as made:
        yield made


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as made:
        yield made


def signed_in(url: str, **fields: str) -> int:
    """The owner fills in the page they were led to."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.hostname or "", parts.port or 0, timeout=20)
    try:
        form = {"content-type": "application/x-www-form-urlencoded"}
        connection.request("POST", parts.path, urlencode(fields), form)
        return connection.getresponse().status
    finally:
        connection.close()


async def test_an_account_is_connected_by_a_link(
    client: httpx2.AsyncClient, desk: Desk, hook: Receiver
) -> None:
    fresh = await added(client, "tomas")
    assert fresh["standing"]["state"] == "not_signed_in"
    link = (await client.post(f"{BASE}/connect-link", json={"handle": "tomas"})).json()
    assert signed_in(link["url"], **OTHER) == 200
    (told,) = hook.wait(1)
    (made,) = desk.admin.get("/unipile/journal", endpoint="hosted")
    address = urlsplit(made["form"]["notify_url"])

    forged = await client.post(address.path, params={"state": "made-up"}, content=told.raw)
    taken = await client.post(address.path, params=parse_qs(address.query), content=told.raw)
    again = await client.post(address.path, params=parse_qs(address.query), content=told.raw)
    shown = (await client.get("/api/v1/accounts/tomas")).json()

    assert link["kind"] == "create"
    assert (forged.status_code, forged.json()["code"]) == (409, "connect_state_invalid")
    assert (taken.status_code, again.status_code) == (200, 200)
    assert (shown["external_id"], shown["state"], shown["reported"]) == (
        told.json["account_id"],
        "active",
        "OK",
    )


async def test_what_a_report_says_counts_for_nothing_until_unipile_confirms_it(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    await added(client, "tomas")
    await client.post(f"{BASE}/connect-link", json={"handle": "tomas"})
    (made,) = desk.admin.get("/unipile/journal", endpoint="hosted")
    address = urlsplit(made["form"]["notify_url"])

    lie = {"status": "CREATION_SUCCESS", "account_id": "no-such-account"}
    told = await client.post(address.path, params=parse_qs(address.query), json=lie)
    shown = (await client.get("/api/v1/accounts/tomas")).json()

    assert told.status_code == 409
    assert shown["external_id"] is None


async def test_an_account_stays_who_it_is_until_it_is_deleted_there(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    await added(client, "tomas", external_id=desk.account)
    link = (await client.post(f"{BASE}/connect-link", json={"handle": "tomas"})).json()
    (made,) = desk.admin.get("/unipile/journal", endpoint="hosted")
    address = urlsplit(made["form"]["notify_url"])
    told = {"status": "CREATION_SUCCESS"}
    stranger = (await client.post(f"{BASE}/connect", json={"handle": "tomas", **OTHER})).json()
    desk.send("DELETE", f"/accounts/{desk.account}")
    again = (await client.post(f"{BASE}/connect", json={"handle": "tomas", **OTHER})).json()
    late = await client.post(
        address.path, params=parse_qs(address.query), json={**told, "account_id": desk.account}
    )

    assert link["kind"] == "reconnect"
    assert stranger["reason"] == "wrong_account"
    assert again["external_id"] not in (None, desk.account)
    assert (late.status_code, late.json()["code"]) == (409, "unipile_other_account")


async def test_an_account_is_connected_by_password_through_a_checkpoint(
    client: httpx2.AsyncClient, desk: Desk
) -> None:
    await added(client, "tomas")
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="totp")

    wrong = await client.post(f"{BASE}/connect", json={"handle": "tomas", **OTHER, "password": "no"})
    asked = (await client.post(f"{BASE}/connect", json={"handle": "tomas", **OTHER})).json()
    waiting = (await client.get("/api/v1/accounts/tomas/login")).json()
    elsewhere = await client.post("/api/v1/accounts/tomas/login/answer", json={"code": "000000"})
    missed = await client.post(f"{BASE}/checkpoint", json={"handle": "tomas", "code": "000000"})
    again = await client.post(f"{BASE}/checkpoint", json={"handle": "tomas", "resend": True})
    code = desk.admin.get("/checkpoints")[-1]["code"]
    done = (await client.post(f"{BASE}/checkpoint", json={"handle": "tomas", "code": code})).json()
    shown = (await client.get("/api/v1/accounts/tomas")).json()

    assert (wrong.status_code, wrong.json()["reason"]) == (409, "invalid_credentials")
    assert (asked["status"], asked["checkpoint"]["kind"]) == ("checkpoint", "totp")
    assert (waiting["state"], waiting["challenge"]["kind"]) == ("needs_attention", "totp")
    assert waiting["next_action"]["path"] == f"{BASE}/checkpoint"
    assert elsewhere.json()["code"] == "answer_does_not_fit"
    assert (missed.status_code, missed.json()["reason"]) == (409, "invalid_checkpoint_solution")
    assert again.status_code == 200
    assert (done["status"], done["external_id"]) == ("connected", shown["external_id"])
    assert shown["state"] == "active"


async def test_who_connects_an_account_with_a_token_is_named(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, "tomas")
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="totp")
    issued = await asked(client, "/admin/tokens", name="grafana", scopes=["write"])
    client.headers = {"Authorization": f"Bearer {issued['token']}"}

    await asked(client, "/accounts/unipile/connect", handle="tomas", **OTHER)
    code = desk.admin.get("/checkpoints")[-1]["code"]
    await asked(client, "/accounts/unipile/checkpoint", handle="tomas", code=code)

    async with app.sessions() as db:
        rows = await db.execute(text("select type, data->>'by' from events order by id"))
        told = [tuple(row) for row in rows if row[0] in ("account.needs_attention", "account.active")]
    assert told == [("account.needs_attention", "token:grafana"), ("account.active", "token:grafana")]


async def test_a_yes_on_the_phone_lets_the_account_in(client: httpx2.AsyncClient, desk: Desk) -> None:
    await added(client, "tomas")
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="app_approval")
    await client.post(f"{BASE}/connect", json={"handle": "tomas", **OTHER})
    early = await client.post(f"{BASE}/checkpoint", json={"handle": "tomas", "approved": True})
    desk.admin.post("/checkpoints/approve", account=OTHER["username"])

    done = await client.post(f"{BASE}/checkpoint", json={"handle": "tomas", "approved": True})

    assert early.status_code == 409
    assert done.json()["status"] == "connected"


async def test_one_account_there_is_one_account_here(client: httpx2.AsyncClient, desk: Desk) -> None:
    await added(client, external_id=desk.account)
    twice = await client.post(
        "/api/v1/accounts", json={"handle": "mira2", "provider": "unipile", "external_id": desk.account}
    )
    listed = (await client.get(f"{BASE}/remote")).json()["data"]

    assert (twice.status_code, twice.json()["code"]) == (409, "external_id_taken")
    assert [(one["external_id"], one["handle"]) for one in listed] == [(desk.account, "mira")]


async def test_no_password_is_kept_or_told(client: httpx2.AsyncClient, app: App, desk: Desk) -> None:
    await added(client, "tomas")
    secret = {"handle": "tomas", "username": OTHER["username"], "password": "canary-password"}

    refused = await client.post(f"{BASE}/connect", json=secret)
    shown = await client.get("/api/v1/accounts/tomas")

    assert "canary-password" not in refused.text + shown.text
    assert shown.json()["credentials"] == []


async def test_runs_go_out_once_and_know_their_own_words(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    before = (await client.get("/api/v1/accounts/mira")).json()["created_at"]
    async with background(app, worker=True):
        invited = await over(client, {"type": "connect", "public_identifier": STRANGER, "note": "Hello"})
        desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
        first = {"type": "message", "public_identifier": STRANGER, "message": "Thank you"}
        thanked = await over(client, first, look_since=before)
        second = {"type": "message", "public_identifier": STRANGER, "message": "And a question"}
        asked = await over(client, second, look_since=before)

    for run in (invited, thanked, asked):
        assert (run["status"], run["effect"]) == ("completed", "confirmed"), run["error"]
    assert len(thanked["evidence"]) == 2
    assert thanked["evidence"][1]["facts"]["message_urn"] == thanked["result"]["message_urn"]
    assert desk.kinds(kind="message", account=ME) == ["message", "message"]
    assert desk.kinds(kind="invite") == ["invite"]


async def test_a_reply_since_the_plan_stops_the_run(client: httpx2.AsyncClient, app: App, desk: Desk) -> None:
    await added(client, external_id=desk.account)
    body = {"type": "message", "public_identifier": FRIEND, "message": "Hello Jonas"}
    made = await client.post("/api/v1/runs", json={"handle": "mira", "touchpoint": body})
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="I was faster")

    async def ended() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(f"/api/v1/runs/{made.json()['run_id']}")).json()
        return run if run["completed_at"] else None

    async with background(app, worker=True):
        run = await eventually(ended)

    assert (run["status"], run["error_code"], run["effect"]) == ("failed", "replied_already", "none")
    assert desk.kinds(kind="message", account=ME) == []


async def test_a_limit_rests_invitations_and_longer_the_next_time(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    desk.fault("status", "invite", status=422, body={"type": "limit_exceeded"})
    body = {"type": "connect", "public_identifier": STRANGER}
    made = await client.post("/api/v1/runs", json={"handle": "mira", "touchpoint": body})

    async def rests() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(f"/api/v1/runs/{made.json()['run_id']}")).json()
        return run if run["wait_reason"] == "provider_cooldown" else None

    async with background(app, worker=True):
        run = await eventually(rests)
    shown = (await client.get("/api/v1/accounts/mira")).json()

    assert (run["status"], run["error_code"]) == ("pending", "weekly_limit")
    assert shown["state"] == "active"
    assert desk.kinds(kind="invite") == []


async def test_the_health_of_accounts_is_asked_for_and_followed(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    provider = unipile_of(app)
    assert provider is not None

    async def told() -> tuple[str, str | None, str | None]:
        await ask_all(app, provider.workspace.client)
        shown = (await client.get("/api/v1/accounts/mira")).json()
        return shown["state"], shown["state_reason"], shown["reported"]

    assert await told() == ("active", None, "OK")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    assert await told() == ("needs_attention", "reported_credentials", "CREDENTIALS")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="OK")
    assert await told() == ("active", None, "OK")
    desk.send("DELETE", f"/accounts/{desk.account}")
    assert await told() == ("needs_attention", "reported_deleted", "DELETED")


async def test_the_health_is_asked_for_beside_the_planner(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    quick = replace(
        app, settings=app.settings.model_copy(update={"unipile_health_every": timedelta(milliseconds=50)})
    )

    async def is_ill() -> bool:
        return bool((await client.get("/api/v1/accounts/mira")).json()["state"] == "needs_attention")

    async with background(quick, worker=False, planner=True):
        desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
        await eventually(is_ill)


async def test_an_account_that_was_turned_away_goes_on_when_it_is_well_again(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    provider = unipile_of(app)
    assert provider is not None
    await ask_all(app, provider.workspace.client)

    async def state() -> tuple[str, str | None]:
        shown = (await client.get("/api/v1/accounts/mira")).json()
        return shown["state"], shown["state_reason"]

    body = {"type": "enrich", "public_identifier": FRIEND}
    async with background(app, worker=True):
        desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
        turned_away = await over(client, body)
        assert await state() == ("needs_attention", "reported_credentials")
        desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="OK")
        await ask_all(app, provider.workspace.client)
        assert await state() == ("active", None)

        desk.fault("status", "user", body={"type": "disconnected_account"}, times=1)
        cut_off = await over(client, body)
        await ask_all(app, provider.workspace.client)
        assert await state() == ("needs_attention", "login")

    codes = {turned_away["error_code"], cut_off["error_code"]}
    assert codes == {"account_needs_login"}


async def test_a_stopped_account_is_started_again(client: httpx2.AsyncClient, desk: Desk) -> None:
    await added(client, external_id=desk.account)
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="STOPPED")

    started = await client.post(f"{BASE}/restart", json={"handle": "mira"})
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    refused = await client.post(f"{BASE}/restart", json={"handle": "mira"})
    shown = (await client.get("/api/v1/accounts/mira")).json()

    assert (started.status_code, started.json()["status"]) == (200, "OK")
    assert (refused.status_code, refused.json()["reason"]) == (409, "CREDENTIALS")
    assert (shown["state"], shown["state_reason"]) == ("needs_attention", "reported_credentials")
