"""Accounts over the API: made, shown, changed, paused, resumed, removed; secrets only ever go in."""

import asyncio

import httpx2
import pytest

from fakes import ScriptedProvider, uncertain_committed
from overture.accounts import by_handle, set_state
from overture.entrypoints.bootstrap import App
from waiting import eventually

ACCOUNTS = "/api/v1/accounts"
NEW = {
    "handle": "grace",
    "credentials": {"username": "grace@example.test", "password": "s3cret-canary"},
    "zone": "Europe/Berlin",
}


async def test_an_account_is_made_and_shown_without_its_secrets(client: httpx2.AsyncClient) -> None:
    made = await client.post(ACCOUNTS, json=NEW)
    shown = await client.get(made.headers["Location"])

    assert made.status_code == 201
    assert shown.json() == made.json()
    body = shown.json()
    assert (body["handle"], body["channel"], body["provider"]) == ("grace", "linkedin", "linkedin_browser")
    assert body["credentials"] == ["password", "username"]
    assert (body["state"], body["has_session"], body["next_step"]) == ("active", False, "Start a worker.")
    assert "canary" not in made.text


async def test_accounts_are_listed_by_handle(client: httpx2.AsyncClient) -> None:
    for handle in ("zoe", "ada"):
        await client.post(ACCOUNTS, json={"handle": handle})

    listed = (await client.get(ACCOUNTS)).json()["data"]

    assert [account["handle"] for account in listed] == ["ada", "zoe"]
    assert listed[0]["next_step"].startswith("Set its credentials")


async def test_a_change_leaves_what_it_does_not_name(client: httpx2.AsyncClient) -> None:
    await client.post(ACCOUNTS, json=NEW)

    changed = await client.patch(f"{ACCOUNTS}/grace", json={"limits": {"min_gap_s": 5}})

    assert changed.json()["limits"]["min_gap_s"] == 5
    assert changed.json()["zone"] == "Europe/Berlin"
    assert changed.json()["credentials"] == ["password", "username"]


async def test_pausing_and_resuming_say_why_and_what_next(client: httpx2.AsyncClient) -> None:
    await client.post(ACCOUNTS, json=NEW)

    paused = (await client.post(f"{ACCOUNTS}/grace/pause", json={"reason": "on holiday"})).json()
    resumed = (await client.post(f"{ACCOUNTS}/grace/resume")).json()

    assert (paused["state"], paused["state_reason"], paused["state_detail"]) == (
        "paused",
        "operator",
        "on holiday",
    )
    assert paused["next_step"] == "Resume it when it may act again."
    assert (resumed["state"], resumed["state_reason"]) == ("active", None)


@pytest.mark.parametrize("kind", ["login", "pin", "totp", "app_approval", "captcha", "something_new"])
async def test_every_need_has_a_next_step(client: httpx2.AsyncClient, app: App, kind: str) -> None:
    await client.post(ACCOUNTS, json=NEW)
    async with app.sessions.begin() as db:
        await set_state(db, await by_handle(db, "grace"), "needs_attention", app.now(), reason=kind)

    shown = (await client.get(f"{ACCOUNTS}/grace")).json()

    assert shown["next_step"].endswith(("goes on by itself.", "/grace/login."))
    assert shown["standing"]["next_action"]["cli"]


async def test_a_removed_account_is_gone_and_its_handle_free(client: httpx2.AsyncClient) -> None:
    await client.post(ACCOUNTS, json=NEW)

    removed = await client.delete(f"{ACCOUNTS}/grace")

    assert (removed.status_code, removed.content) == (204, b"")
    assert (await client.get(f"{ACCOUNTS}/grace")).status_code == 404
    assert (await client.post(ACCOUNTS, json=NEW)).status_code == 201


async def test_removing_cancels_what_waits(client: httpx2.AsyncClient) -> None:
    await client.post(ACCOUNTS, json=NEW)
    await client.post(f"{ACCOUNTS}/grace/pause")
    run = await client.post(
        "/api/v1/runs", json={"handle": "grace", "touchpoint": {"type": "enrich", "public_identifier": "ada"}}
    )

    assert (await client.delete(f"{ACCOUNTS}/grace")).status_code == 204
    assert (await client.get(run.headers["Location"])).json()["status"] == "cancelled"


async def test_an_account_with_an_unknown_outcome_is_not_removed(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script(None, uncertain_committed())
    provider.read_back_lag *= 1000
    touchpoint = {"type": "message", "public_identifier": "ada", "message": "hi"}
    run = await client.post("/api/v1/runs", json={"handle": account, "touchpoint": touchpoint})

    async def held() -> bool:
        return bool((await client.get(run.headers["Location"])).json()["status"] == "held")

    await eventually(held)
    refused = await client.delete(f"{ACCOUNTS}/{account}")

    assert (refused.status_code, refused.json()["code"]) == (409, "account_has_unsettled_runs")
    assert refused.json()["run_ids"] == [run.json()["run_id"]]


async def test_a_handle_is_given_once_even_at_the_same_moment(client: httpx2.AsyncClient) -> None:
    answers = await asyncio.gather(*(client.post(ACCOUNTS, json=NEW) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [201, *[409] * 7]
    assert {answer.json()["code"] for answer in answers if answer.status_code == 409} == {"handle_taken"}


@pytest.mark.parametrize(
    ("change", "code", "pointer"),
    [
        ({"provider": "carrier_pigeon"}, "unknown_provider", "/provider"),
        ({"credentials": {"pass_phrase": "x"}}, "unknown_credential", "/credentials/pass_phrase"),
        ({"credentials": {"password": ""}}, "validation_error", "/credentials/password"),
        ({"zone": "Mars/Base"}, "validation_error", "/zone"),
        ({"handle": "Not A Handle"}, "validation_error", "/handle"),
        ({"colour": "red"}, "validation_error", "/colour"),
        ({"limits": {"invite": {"per_day": -1}}}, "validation_error", "/limits/invite/per_day"),
        ({"working_hours": {"days": [0, 9]}}, "validation_error", "/working_hours/days/1"),
        ({"working_hours": {"days": [1, False]}}, "validation_error", "/working_hours/days/1"),
        ({"working_hours": {"days": [1, "2"]}}, "validation_error", "/working_hours/days/1"),
    ],
)
async def test_a_wrong_field_is_named(
    client: httpx2.AsyncClient, change: dict[str, object], code: str, pointer: str
) -> None:
    refused = await client.post(ACCOUNTS, json={**NEW, **change})

    assert (refused.status_code, refused.json()["code"]) == (422, code)
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]
    assert "canary" not in refused.text


async def test_a_change_with_unknown_credentials_changes_nothing(client: httpx2.AsyncClient) -> None:
    await client.post(ACCOUNTS, json=NEW)

    refused = await client.patch(f"{ACCOUNTS}/grace", json={"zone": "UTC", "credentials": {"pin": "1"}})

    assert refused.json()["code"] == "unknown_credential"
    assert (await client.get(f"{ACCOUNTS}/grace")).json()["zone"] == "Europe/Berlin"


@pytest.mark.parametrize("verb", ["get", "patch", "delete", "pause", "resume"])
async def test_an_unknown_account_is_not_found(client: httpx2.AsyncClient, verb: str) -> None:
    method, path = (verb.upper(), "") if verb in ("get", "patch", "delete") else ("POST", f"/{verb}")
    body: dict[str, str] | None = {} if verb == "patch" else None

    answer = await client.request(method, f"{ACCOUNTS}/nobody{path}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (404, "account_not_found")
