"""What every request meets: the key, the id, the limits, and one shape for every refusal."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import httpx2
import pytest
import structlog
from sqlalchemy import text

from overture.db import About, append_events
from overture.entrypoints.api import create_api
from overture.entrypoints.api.catalogue import PROBLEMS
from overture.entrypoints.bootstrap import App
from product import API_KEY, MakeApp

JSON = {"Content-Type": "application/json"}


def is_problem(answer: httpx2.Response, status: int, code: str) -> bool:
    body = answer.json()
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"] == body["request_id"]
    assert all(body[name] for name in ("type", "title", "detail", "instance", "fix"))
    assert (answer.status_code, body["status"], body["code"]) == (status, status, code)
    return True


async def test_health_needs_no_key(client: httpx2.AsyncClient) -> None:
    for path in ("/health", "/api/v1/health"):
        answer = await client.get(path, headers={"X-API-Key": ""})

        assert answer.status_code == 200
        told = {"status": "ok", "database": "ok", "version": "0.1.0", "worker": "embedded"}
        punctual = {"planner": "on_time", "planner_behind_since": None}
        assert answer.json() == {**told, "kill_switch": "off", **punctual}


async def test_health_names_a_planner_that_left_something_undone(
    client: httpx2.AsyncClient, app: App
) -> None:
    """The server answers and yet no campaign moves: that must be seen from outside."""
    since = app.now() - timedelta(hours=1)
    async with app.sessions.begin() as db:
        await append_events(db, [(since, "run.completed", About(), {})])

    told = (await client.get("/health")).json()

    assert (told["status"], told["planner"]) == ("ok", "behind")
    assert datetime.fromisoformat(told["planner_behind_since"]) == since


@pytest.mark.parametrize("key", ["", "ov_test_ke", "ov_test_keyy", "ÿ"])
@pytest.mark.parametrize("path", ["/api/v1/runs", "/api/v1/nothing"])
async def test_without_the_key_nothing_is_told(client: httpx2.AsyncClient, key: str, path: str) -> None:
    answer = await client.get(path, headers=[(b"X-API-Key", key.encode("latin-1"))])

    assert is_problem(answer, 401, "unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("ApiKey")


async def test_a_body_is_not_looked_at_before_the_key(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/runs", content=b"{", headers={"X-API-Key": "", **JSON})

    assert is_problem(answer, 401, "unauthorized")


async def test_the_callers_request_id_is_kept(client: httpx2.AsyncClient) -> None:
    kept = await client.get("/api/v1/nothing", headers={"X-Request-Id": "mine-1"})
    replaced = await client.get("/api/v1/nothing", headers={"X-Request-Id": "x" * 500})

    assert kept.json()["request_id"] == "mine-1"
    assert replaced.json()["request_id"].startswith("req_")


async def test_unknown_addresses_and_methods_are_problems(client: httpx2.AsyncClient) -> None:
    unknown = await client.get("/api/v1/nothing")
    wrong = await client.put("/api/v1/accounts/ada", json={})

    assert is_problem(unknown, 404, "not_found")
    assert is_problem(wrong, 405, "method_not_allowed")
    assert wrong.headers["Allow"] == "DELETE, GET, PATCH"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "malformed_json"),
        (b"\xff\xfe{", JSON, 400, "malformed_json"),
        (b'{"priority": ' + b"9" * 5000 + b"}", JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b'{"a": NaN}', JSON, 400, "malformed_json"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (b"{}", {}, 415, "unsupported_media_type"),
        (b'{"a": "' + b"x" * 300_000 + b'"}', JSON, 413, "payload_too_large"),
        (b"", JSON, 422, "validation_error"),
        (b"[]", JSON, 422, "validation_error"),
        (b"null", JSON, 422, "validation_error"),
        (b'{"a\\u0000": 1}', JSON, 422, "validation_error"),
    ],
)
async def test_a_body_that_cannot_be_taken_is_a_problem(
    client: httpx2.AsyncClient, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    assert is_problem(await client.post("/api/v1/runs", content=body, headers=headers), status, code)


async def test_a_body_without_a_length_is_cut_off_too(client: httpx2.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(400):
            yield b"x" * 1000

    answer = await client.post("/api/v1/runs", content=chunks(), headers=JSON)

    assert is_problem(answer, 413, "payload_too_large")


@pytest.mark.parametrize(
    "query",
    [
        "status=sleeping",
        "status=pending,",
        "limit=0",
        "limit=201",
        "limit=" + "9" * 5000,
        "handle=%00",
        "tag=%00",
        "type=fly",
        "created_from=2031-01-01T00:00:00",
        "created_until=yesterday",
        "cursor=garbage",
        "cursor=" + "A" * 32,
        "cursor=%00%ff",
        "colour=red",
    ],
)
async def test_a_wrong_query_is_a_problem(client: httpx2.AsyncClient, query: str) -> None:
    answer = await client.get(f"/api/v1/runs?{query}")

    assert is_problem(answer, 422, "validation_error")
    assert answer.json()["errors"][0]["location"] == "query"


@pytest.mark.parametrize("part", ["%00", "a%00b", "%ff%fe", "run_", "A", "..", "x" * 5000])
async def test_a_wrong_path_is_a_problem(client: httpx2.AsyncClient, part: str) -> None:
    for path in (f"/api/v1/runs/{part}", f"/api/v1/accounts/{part}"):
        answer = await client.get(path)

        assert answer.status_code in (404, 422)
        assert answer.headers["Content-Type"] == "application/problem+json"


async def test_a_database_that_is_away_is_an_outage(
    app: App, client: httpx2.AsyncClient, make_app: MakeApp
) -> None:
    nowhere = "postgresql+psycopg://nobody@/nothing?host=/nonexistent"
    from dataclasses import replace

    from overture.db import connect

    engine, sessions = connect(nowhere)
    away = create_api(replace(app, engine=engine, sessions=sessions))
    transport = httpx2.ASGITransport(app=away, raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://t", headers={"X-API-Key": API_KEY}
    ) as lost:
        for path in ("/health", "/api/v1/runs", "/api/v1/accounts"):
            answer = await lost.get(path)

            assert is_problem(answer, 503, "database_unavailable")
            assert answer.headers["Retry-After"]


async def test_a_bug_of_ours_is_told_by_its_id_only(app: App) -> None:
    api = create_api(app)

    @api.get("/api/v1/broken")
    async def broken() -> None:
        raise ZeroDivisionError("inner secret")

    transport = httpx2.ASGITransport(app=api, raise_app_exceptions=False)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://t", headers={"X-API-Key": API_KEY}
    ) as caller:
        with structlog.testing.capture_logs() as logged:
            answer = await caller.get("/api/v1/broken")

    assert is_problem(answer, 500, "internal_error")
    assert "secret" not in answer.text
    assert [entry["event"] for entry in logged if entry["log_level"] == "error"] == ["http.broken"]


async def test_every_code_has_its_page(client: httpx2.AsyncClient) -> None:
    for code in PROBLEMS:
        answer = await client.get(f"/problems/{code.replace('_', '-')}")

        assert answer.status_code == 200
        assert PROBLEMS[code].fix in answer.text
    assert is_problem(await client.get("/problems/no-such-code"), 404, "not_found")


async def test_the_schema_is_served_and_every_operation_declares_its_problems(
    client: httpx2.AsyncClient,
) -> None:
    schema = (await client.get("/openapi.json")).json()

    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            declared = operation["responses"]
            refusals = [answer for status, answer in declared.items() if status >= "4"]
            assert all(list(answer["content"]) == ["application/problem+json"] for answer in refusals), path
            assert {"500", "503"} <= set(declared)
    touchpoint = schema["components"]["schemas"]["NewRun"]["properties"]["touchpoint"]
    assert touchpoint["discriminator"]["propertyName"] == "type"
    assert "HTTPValidationError" not in json.dumps(schema)


async def test_many_requests_at_once_are_all_answered(client: httpx2.AsyncClient, account: str) -> None:
    answers = await asyncio.gather(*(client.get("/api/v1/accounts") for _ in range(60)))

    assert {answer.status_code for answer in answers} == {200}


async def test_nothing_is_kept_of_a_refused_request(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    body = {"handle": account, "touchpoint": {"type": "enrich"}}
    await client.post("/api/v1/runs", json=body, headers={"Idempotency-Key": "k"})

    async with app.sessions() as db:
        rows = await db.scalar(
            text("select (select count(*) from runs) + (select count(*) from idempotency_keys)")
        )
    assert rows == 0
