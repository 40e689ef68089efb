"""A query parameter the address does not take is refused, and nothing is done."""

import re
from typing import Any

import httpx2
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import SecretStr
from sqlalchemy import text

from overture.entrypoints.api import create_api
from overture.entrypoints.api.build import describe_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.api.queries import parameters_of
from overture.entrypoints.bootstrap import App
from product import MakeApp

API = describe_api(ROUTERS)
OPERATIONS = {
    (method.upper(), path): operation
    for path, operations in API.openapi()["paths"].items()
    if path.startswith("/api/v1/") and path != "/api/v1/health"
    for method, operation in operations.items()
}
JSON = {"Content-Type": "application/json"}
REFUSED = [("/~0colour", "query", "extra_forbidden")]
SECRET = "a-secret-of-thirty-two-characters!"
MESSAGE = {"type": "message", "public_identifier": "grace-hopper", "message": "Hello"}


def an_address(path: str) -> str:
    """The address of something that need not be there."""
    return re.sub(r"\{(\w+?)(_id)?\}", "some", path)


async def test_every_address_refuses_a_parameter_it_does_not_take(client: httpx2.AsyncClient) -> None:
    wrong = {}
    for method, path in OPERATIONS:
        content = b"{}" if method in ("POST", "PUT", "PATCH") else b""
        answer = await client.request(
            method, f"{an_address(path)}?~colour=green", content=content, headers=JSON
        )
        told = answer.json()
        errors = [(one["pointer"], one["location"], one["code"]) for one in told.get("errors", ())]
        if (answer.status_code, told.get("code"), errors) != (422, "validation_error", REFUSED):
            wrong[method, path] = told

    assert not wrong
    assert len(OPERATIONS) > 100
    assert answer.headers["content-type"] == "application/problem+json"
    assert "nothing was done" in told["detail"]
    assert "Leave it out" in told["fix"]


def test_what_the_schema_declares_is_known() -> None:
    known = {
        (method, context.path): set(parameters_of(context.original_route.dependant))
        for context in iter_route_contexts(API.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    }
    declared = {
        key: {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
        for key, operation in OPERATIONS.items()
    }

    assert {key: known[key] for key in declared} == declared
    assert declared["GET", "/api/v1/leads"] > {"limit", "cursor", "suppressed"}


async def refused(client: httpx2.AsyncClient, method: str, address: str, **body: Any) -> dict[str, Any]:
    """Why it was refused."""
    answer = await client.request(method, address, **body)
    assert answer.status_code == 422, answer.text
    told: dict[str, Any] = answer.json()
    return told


async def test_a_run_is_not_rehearsed_by_a_query_but_never_acts_for_it(
    client: httpx2.AsyncClient, account: str
) -> None:
    wanted = {"handle": account, "touchpoint": MESSAGE}
    told = await refused(client, "POST", "/api/v1/runs?dry_run=true", json=wanted)
    runs = (await client.get("/api/v1/runs")).json()["data"]

    assert told["fix"] == "`dry_run` belongs into the body."
    assert told["errors"] == [
        {
            "pointer": "/dry_run",
            "location": "query",
            "code": "extra_forbidden",
            "detail": "is no query parameter here. `dry_run` belongs into the body.",
        }
    ]
    assert runs == []


async def test_nobody_is_erased_who_was_to_be_erased_in_a_rehearsal(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/api/v1/leads", json={"email": "ada@x.test"})).json()
    lead_id = made["lead"]["lead_id"]
    address = f"/api/v1/leads/{lead_id}"
    told = await refused(client, "DELETE", f"{address}?confirm={lead_id}&dry_run=true")
    lead = (await client.get(address)).json()

    assert told["fix"] == "Leave it out if you mean it: this cannot be rehearsed."
    assert lead["erased_at"] is None
    assert lead["identities"] == [{"kind": "email", "value": "ada@x.test"}]


async def test_an_import_is_not_taken_back_in_what_was_to_be_a_rehearsal(
    client: httpx2.AsyncClient, app: App
) -> None:
    file = (await client.post("/api/v1/imports?name=a.csv", content=b"email\nbob@x.test\n")).json()
    address = f"/api/v1/imports/{file['import_id']}"
    await refused(client, "POST", f"{address}/rollback?dry_run=true")
    await refused(client, "POST", f"{address}/start?dry_run=true", json={})
    async with app.sessions() as db:
        kinds = (await db.scalars(text("select type from events where type like 'import.%'"))).all()

    assert (await client.get(address)).json()["state"] == file["state"]
    assert not {"import.started", "import.rolled_back"} & set(kinds)


async def test_a_rehearsal_that_there_is_stays_one(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/v1/leads?dry_run=true", json={"email": "ada@x.test"})
    misspelt = await refused(client, "POST", "/api/v1/leads?dryrun=true", json={"email": "ada@x.test"})

    assert (answer.status_code, answer.json()["dry_run"]) == (200, True)
    assert misspelt["fix"] == "Leave it out: here are `dry_run`."
    assert (await client.get("/api/v1/leads")).json()["data"] == []


@pytest.mark.parametrize("address", ["/health", "/api/v1/health", "/metrics"])
async def test_monitors_may_add_what_they_like(client: httpx2.AsyncClient, address: str) -> None:
    answer = await client.get(f"{address}?t=1")

    assert answer.status_code == 200


async def test_services_may_add_what_they_like(make_app: MakeApp) -> None:
    app = await make_app(unipile_webhook_secret=SecretStr(SECRET))
    transport = httpx2.ASGITransport(app=create_api(app, ROUTERS, FILES), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url="http://overture.test") as outside:
        report = await outside.post("/webhooks/unipile/connected?state=x&utm=1", json={"status": "OK"})
        proof = {"Unipile-Auth": SECRET}
        delivery = await outside.post("/webhooks/unipile/messaging?utm=1", json={"a": 1}, headers=proof)

    assert report.json()["code"] == "connect_state_invalid"  # judged by its state, not by what came with it
    assert delivery.status_code == 200
