"""Runs over the API: submitted, followed, listed, steered."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from fakes import PICTURE, ScriptedProvider, cannot_tell, fail, hang, uncertain_committed
from overture.core.errors import NotPossible
from overture.core.reasons import Reason
from overture.entrypoints.api.standing import SENTENCES
from overture.entrypoints.bootstrap import App
from waiting import eventually

RUNS = "/api/v1/runs"
MESSAGE = {"type": "message", "public_identifier": "grace-hopper", "message": "Hello"}
REQUIRED = [
    "run_id",
    "handle",
    "touchpoint_type",
    "touchpoint_input",
    "status",
    "result",
    "error",
    "started_at",
    "completed_at",
    "duration_ms",
    "tags",
    "created_at",
    "error_screenshot",
]


async def submit(client: httpx2.AsyncClient, **changes: object) -> dict[str, Any]:
    answer = await client.post(RUNS, json={"handle": "ada", "touchpoint": MESSAGE, **changes})
    assert answer.status_code == 201, answer.text
    run: dict[str, Any] = answer.json()
    return run


async def get(client: httpx2.AsyncClient, run: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = (await client.get(f"{RUNS}/{run['run_id']}")).json()
    return shown


async def when(client: httpx2.AsyncClient, run: dict[str, Any], **wanted: object) -> dict[str, Any]:
    async def look() -> dict[str, Any] | None:
        shown = await get(client, run)
        return shown if all(shown[name] == value for name, value in wanted.items()) else None

    return await eventually(look)


async def test_a_run_is_taken_performed_and_proved(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    answer = await client.post(RUNS, json={"handle": account, "touchpoint": MESSAGE, "tags": ["a"]})
    done = await when(client, answer.json(), status="completed")

    assert answer.headers["Location"] == f"{RUNS}/{done['run_id']}"
    assert (answer.json()["status"], answer.json()["waiting_for"]["reason"]) == ("pending", "ready")
    assert all(name in done for name in REQUIRED)
    assert (done["effect"], done["allowed_actions"], done["waiting_for"]) == ("confirmed", [], None)
    assert done["result"]["message_urn"] == "urn:li:msg:grace-hopper"
    assert [piece["source"] for piece in done["evidence"]] == ["write", "ledger"]
    steps = [step["step"] for step in done["attempts"][0]["steps"]]
    assert steps.index("intended") < steps.index("accepted") < steps.index("confirmed")
    assert len(provider.sent) == 1


TEXTS = [
    "line\r\nline\n\rend",
    "  trailing and leading \t ",
    "👩‍👩‍👧‍👦 👨🏽‍🚀",
    "e\u0301 vs \u00e9 \ufb01",
    "שלום \u202eעולם\u202c مرحبا",
    '"quotes" \\u0000 \\ back\u2028slash\u0085',
    "\ufeffBOM and \u200b zero width",
    "𝕊𝕠𝕞𝕖 𐍈",
]


@pytest.mark.parametrize("text", TEXTS)
async def test_a_text_arrives_byte_for_byte(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None, text: str
) -> None:
    run = await submit(client, touchpoint={**MESSAGE, "message": text})
    done = await when(client, run, status="completed")

    assert run["touchpoint_input"]["message"].encode() == text.encode()
    assert done["touchpoint_input"]["message"].encode() == text.encode()
    assert provider.sent[0].touchpoint.model_dump()["message"].encode() == text.encode()


async def test_the_same_key_gives_the_first_answer_again(
    client: httpx2.AsyncClient, account: str, worker: None
) -> None:
    body = {"handle": account, "touchpoint": MESSAGE, "not_before": None}
    first = await client.post(RUNS, json=body, headers={"Idempotency-Key": "k1"})
    await when(client, first.json(), status="completed")
    again = await client.post(RUNS, json=body, headers={"Idempotency-Key": "k1"})

    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert "Idempotent-Replayed" not in first.headers
    assert again.content == first.content
    assert again.headers["Location"] == first.headers["Location"]


async def test_twenty_at_once_with_one_key_make_one_run(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    body = {"handle": account, "touchpoint": MESSAGE}
    answers = await asyncio.gather(
        *(client.post(RUNS, json=body, headers={"Idempotency-Key": "same"}) for _ in range(20))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["run_id"] for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 19
    await when(client, answers[0].json(), status="completed")
    assert len(provider.sent) == 1
    assert len((await client.get(RUNS)).json()["data"]) == 1


async def test_a_key_is_not_used_for_two_requests(client: httpx2.AsyncClient, account: str) -> None:
    headers = {"Idempotency-Key": "k1"}
    await client.post(RUNS, json={"handle": account, "touchpoint": MESSAGE}, headers=headers)
    other = {**MESSAGE, "message": "Something else"}
    refused = await client.post(RUNS, json={"handle": account, "touchpoint": other}, headers=headers)

    assert (refused.status_code, refused.json()["code"]) == (422, "idempotency_key_reused")


async def test_a_refused_request_does_not_use_its_key_up(client: httpx2.AsyncClient, account: str) -> None:
    headers = {"Idempotency-Key": "k1"}
    refused = await client.post(RUNS, json={"handle": "nobody", "touchpoint": MESSAGE}, headers=headers)
    taken = await client.post(RUNS, json={"handle": account, "touchpoint": MESSAGE}, headers=headers)

    assert (refused.status_code, taken.status_code) == (404, 201)


async def test_the_same_instant_in_another_zone_is_the_same_request(
    client: httpx2.AsyncClient, account: str
) -> None:
    times = ("2031-01-01T12:00:00Z", "2031-01-01T13:00:00+01:00")
    answers = [
        await client.post(
            RUNS,
            json={"handle": account, "touchpoint": MESSAGE, "not_before": time},
            headers={"Idempotency-Key": "k1"},
        )
        for time in times
    ]

    assert answers[0].content == answers[1].content
    assert answers[0].json()["not_before"] == "2031-01-01T12:00:00Z"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"touchpoint": {**MESSAGE, "message": " \n"}}, "/touchpoint/message"),
        ({"touchpoint": {**MESSAGE, "message": "x" * 8001}}, "/touchpoint/message"),
        ({"touchpoint": {**MESSAGE, "mesage": "x"}}, "/touchpoint/mesage"),
        ({"touchpoint": {"type": "message", "public_identifier": "grace-hopper"}}, "/touchpoint/message"),
        ({"touchpoint": {"type": "fly"}}, "/touchpoint"),
        ({"touchpoint": {"type": "enrich"}}, "/touchpoint"),
        ({"touchpoint": {"type": "enrich", "url": "https://example.test/in/x"}}, "/touchpoint"),
        ({"touchpoint": None}, "/touchpoint"),
        ({"priority": 10}, "/priority"),
        ({"priority": "5"}, "/priority"),
        ({"priority": 10**400}, "/priority"),
        ({"dry_run": "yes"}, "/dry_run"),
        ({"not_before": "2031-01-01T12:00:00"}, "/not_before"),
        ({"not_before": 1900000000}, "/not_before"),
        ({"not_before": "0001-01-01T00:00:00+14:00"}, "/not_before"),
        ({"expires_at": "2001-01-01T12:00:00Z"}, "/expires_at"),
        ({"tags": [""]}, "/tags/0"),
        ({"tags": ["x"] * 21}, "/tags"),
        ({"handle": "a\u0000b"}, "/handle"),
        ({"tags": ["ok", "a\u0000b"]}, "/tags/1"),
        ({"touchpoint": {**MESSAGE, "message": "a\u0000b"}}, "/touchpoint/message"),
        (
            {"touchpoint": {"type": "visit", "url": "https://linkedin.com/in/ada/?a=\u0000"}},
            "/touchpoint/url",
        ),
        ({"touchpoint": {**MESSAGE, "message": "half \ud83d"}}, "/touchpoint/message"),
        ({"tags": ["\udc00"]}, "/tags/0"),
    ],
)
async def test_a_wrong_field_is_named(
    client: httpx2.AsyncClient, account: str, change: dict[str, object], pointer: str
) -> None:
    body = json.dumps({"handle": account, "touchpoint": MESSAGE, **change})  # escapes half characters too

    refused = await client.post(RUNS, content=body, headers={"Content-Type": "application/json"})

    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")
    assert pointer in [error["pointer"] for error in refused.json()["errors"]]
    assert (await client.get(RUNS)).json()["data"] == []


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
async def test_no_number_that_is_none_is_taken(client: httpx2.AsyncClient, account: str, number: str) -> None:
    body = (
        '{"handle":"ada","touchpoint":{"type":"visit","public_identifier":"grace","duration_s":'
        + number
        + "}}"
    )

    refused = await client.post(RUNS, content=body, headers={"Content-Type": "application/json"})

    assert refused.status_code in (400, 422)


@pytest.mark.parametrize("key", ["", "x" * 256, "k\u00e9y"])
async def test_a_bad_idempotency_key_is_refused(client: httpx2.AsyncClient, account: str, key: str) -> None:
    refused = await client.post(
        RUNS,
        json={"handle": account, "touchpoint": MESSAGE},
        headers=[(b"Idempotency-Key", key.encode("latin-1"))],
    )

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["location"] == "header"


async def test_a_provider_is_not_asked_for_what_it_cannot_do(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider
) -> None:
    provider.unsupported.add("message")

    refused = await client.post(RUNS, json={"handle": account, "touchpoint": MESSAGE})

    assert (refused.status_code, refused.json()["code"]) == (422, "touchpoint_not_supported")
    assert (await client.get(RUNS)).json()["data"] == []


async def test_a_run_of_an_unknown_account_is_not_taken(client: httpx2.AsyncClient) -> None:
    refused = await client.post(RUNS, json={"handle": "nobody", "touchpoint": MESSAGE})

    assert (refused.status_code, refused.json()["code"]) == (404, "account_not_found")


@pytest.mark.parametrize("verb", ["", "/cancel", "/retry", "/resolve", "/screenshot"])
async def test_an_unknown_run_is_not_found(client: httpx2.AsyncClient, verb: str) -> None:
    method = "GET" if verb in ("", "/screenshot") else "POST"
    body = {"outcome": "delivered"} if verb == "/resolve" else None

    answer = await client.request(method, f"{RUNS}/run_{'0' * 26}{verb}", json=body)

    assert (answer.status_code, answer.json()["code"]) == (404, "run_not_found")


async def test_what_a_run_waits_for_is_the_present_truth(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("grace-hopper", hang("prepare"))
    first = await submit(client)
    await when(client, first, status="running")
    second = await submit(client)
    busy = (await get(client, second))["waiting_for"]
    delayed = (await get(client, await submit(client, not_before="2031-01-01T12:00:00Z")))["waiting_for"]
    await client.post("/api/v1/accounts/ada/pause", json={"reason": "lunch"})
    paused = (await get(client, second))["waiting_for"]
    provider.let_go()

    assert (busy["reason"], busy["run_id"]) == ("account_busy", first["run_id"])
    assert (delayed["reason"], delayed["until"]) == ("delay", "2031-01-01T12:00:00Z")
    assert paused["reason"] == "account_paused"
    assert "lunch" in paused["sentence"]
    listed = (await client.get(RUNS, params={"status": "pending"})).json()["data"]
    assert {run["waiting_for"]["reason"] for run in listed} == {"account_paused"}


async def test_resuming_starts_what_waits(client: httpx2.AsyncClient, account: str, worker: None) -> None:
    await client.post("/api/v1/accounts/ada/pause")
    run = await submit(client)
    assert (await get(client, run))["waiting_for"]["reason"] == "account_paused"

    await client.post("/api/v1/accounts/ada/resume")

    await when(client, run, status="completed")


async def test_every_reason_has_a_sentence() -> None:
    assert set(SENTENCES) == set(Reason)


async def test_a_dry_run_sends_nothing(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    done = await when(client, await submit(client, dry_run=True), status="completed")

    assert (done["effect"], provider.sent) == ("none", [])
    assert (done["result"]["dry_run"], done["result"]["gate"]) == (True, {"allowed": True})


async def test_a_waiting_run_is_cancelled_at_once_and_only_once(
    client: httpx2.AsyncClient, account: str
) -> None:
    run = await submit(client, not_before="2031-01-01T12:00:00Z")

    cancelled = await client.post(f"{RUNS}/{run['run_id']}/cancel")
    again = await client.post(f"{RUNS}/{run['run_id']}/cancel")

    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_transition")
    assert (again.json()["current_state"], again.json()["allowed_actions"]) == ("cancelled", ["retry"])


async def test_a_failed_run_shows_its_screen_and_can_be_retried(
    client: httpx2.AsyncClient, account: str, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("grace-hopper", fail(NotPossible("not_connected", "You are not connected.")))
    run = await submit(client)
    failed = await when(client, run, status="failed")
    screen = await client.get(failed["error_screenshot"])
    provider.script("grace-hopper")
    retried = await client.post(f"{RUNS}/{run['run_id']}/retry")
    done = await when(client, run, status="completed")

    assert (failed["error_code"], failed["error"]) == ("not_connected", "You are not connected.")
    assert (failed["allowed_actions"], failed["attempts"][0]["ended_as"]) == (["retry"], "failed")
    assert (screen.headers["Content-Type"], screen.content) == ("image/png", PICTURE)
    assert retried.status_code == 200
    assert len(done["attempts"]) == 2


async def test_a_run_without_a_screen_has_none_to_show(client: httpx2.AsyncClient, account: str) -> None:
    run = await submit(client)

    answer = await client.get(f"{RUNS}/{run['run_id']}/screenshot")

    assert (answer.status_code, answer.json()["code"]) == (404, "screenshot_not_found")


@pytest.mark.parametrize(
    ("body", "status", "effect", "sent"),
    [
        ({"outcome": "delivered", "note": "seen it"}, "completed", "confirmed", 1),
        ({"outcome": "not_delivered"}, "failed", "absent", 1),
        ({"outcome": "not_delivered", "retry": True}, "completed", "confirmed", 2),
    ],
)
async def test_a_person_resolves_what_the_service_cannot_tell(  # noqa: PLR0917 - fixtures and cases
    client: httpx2.AsyncClient,
    account: str,
    provider: ScriptedProvider,
    worker: None,
    body: dict[str, object],
    status: str,
    effect: str,
    sent: int,
) -> None:
    provider.script("grace-hopper", cannot_tell(committed=True))
    run = await submit(client)
    held = await when(client, run, status="held", wait_reason="outcome_unknown")
    provider.script("grace-hopper")
    provider.read_back_lag = timedelta(days=1)  # so that the retry does not find the first one by itself
    resolved = await client.post(f"{RUNS}/{run['run_id']}/resolve", json=body)
    done = await when(client, run, status=status)

    assert (held["allowed_actions"], held["waiting_for"]["until"]) == (["resolve"], None)
    assert resolved.status_code == 200
    assert (done["effect"], len(provider.sent)) == (effect, sent)


async def test_what_arrived_is_not_retried(client: httpx2.AsyncClient, account: str) -> None:
    run = await submit(client)
    body = {"outcome": "delivered", "retry": True}

    refused = await client.post(f"{RUNS}/{run['run_id']}/resolve", json=body)

    assert (refused.status_code, refused.json()["code"]) == (422, "validation_error")


async def test_only_a_held_run_is_resolved(client: httpx2.AsyncClient, account: str) -> None:
    run = await submit(client)

    refused = await client.post(f"{RUNS}/{run['run_id']}/resolve", json={"outcome": "delivered"})

    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_transition")


async def test_held_runs_say_when_they_are_read_back(
    client: httpx2.AsyncClient, account: str, app: App, provider: ScriptedProvider, worker: None
) -> None:
    provider.script("grace-hopper", uncertain_committed())
    provider.read_back_lag = timedelta(hours=1)
    held = await when(client, await submit(client), status="held")

    assert held["waiting_for"]["reason"] == "waiting_reconcile"
    assert held["waiting_for"]["until"] == held["next_at"]
