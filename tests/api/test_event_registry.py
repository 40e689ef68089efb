"""The registry of events: whatever the product writes into its log is in it, with the keys of its data."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from sqlalchemy import select

import overture
from fakes import ScriptedProvider
from overture.core.event_types import EVENT_TYPES
from overture.db import Event
from overture.entrypoints.bootstrap import App
from overture.entrypoints.openapi import DOCS
from waiting import eventually

WRITERS = {"append_event", "append_events", "tell", "told", "changed"}
KIND = re.compile(
    r"(run|account|schedule|import|system|approval|campaign|enrollment|touch|suppression|lead)\.\w+"
)
REQUIRED = {
    "connection_request_sent",
    "connection_accepted",
    "connection_accepted_historical",
    "message_sent",
    "message_received",
}


def written() -> Iterator[str]:
    """Every type that is given literally to a function that writes events."""
    for path in Path(overture.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(node.func, "id", None) if isinstance(node, ast.Call) else None
            if name in WRITERS:
                yield from (
                    one.value
                    for one in ast.walk(node)
                    if isinstance(one, ast.Constant)
                    and isinstance(one.value, str)
                    and KIND.fullmatch(one.value)
                )


def test_every_type_that_is_written_is_in_the_registry() -> None:
    found = set(written())

    assert {"run.created", "account.removed", "campaign.published", "system.kill_switch"} <= found, (
        "blind search"
    )
    assert found <= set(EVENT_TYPES)
    assert set(EVENT_TYPES) >= REQUIRED


@pytest.mark.parametrize("kind", sorted(EVENT_TYPES))
def test_every_type_is_documented_with_its_keys(kind: str) -> None:
    text = (DOCS / "reference" / "events.md").read_text()

    (row,) = [line for line in text.splitlines() if line.startswith(f"| `{kind}` |")]
    assert all(f"`{key}`: {means}" in row for key, means in EVENT_TYPES[kind].data.items())


async def test_what_the_touchpoint_layer_tells_has_the_keys_it_promises(
    client: httpx2.AsyncClient, app: App, account: str, provider: ScriptedProvider, worker: None
) -> None:
    message = {"type": "message", "public_identifier": "prisca-hollowell-sbx", "message": "Hello"}
    schedule = {"handle": "ada", "touchpoint": {"type": "sync_relations"}, "cron": "0 9 * * *"}

    async def post(path: str, body: object = None) -> httpx2.Response:
        answer = await client.post(f"/api/v1{path}", json=body or {})
        assert answer.status_code < 300, answer.text
        return answer

    assert (await client.patch("/api/v1/accounts/ada", json={"zone": "Europe/Rome"})).status_code == 200
    made = (await post("/schedules", schedule)).json()["schedule_id"]
    await post(f"/schedules/{made}/pause")
    await post(f"/schedules/{made}/resume")
    await client.delete(f"/api/v1/schedules/{made}")
    await post("/accounts/ada/pause", {"reason": "lunch"})
    called_back = (await post("/runs", {"handle": "ada", "touchpoint": message})).json()["run_id"]
    await post(f"/runs/{called_back}/cancel")
    await post("/accounts/ada/resume")
    run = (await post("/runs", {"handle": "ada", "touchpoint": message})).json()["run_id"]

    async def is_over() -> bool:
        return bool((await client.get(f"/api/v1/runs/{run}")).json()["status"] in ("completed", "failed"))

    await eventually(is_over)
    await post("/system/kill_switch", {"scope": "global", "on": True, "reason": "a test"})

    async with app.sessions() as db:
        told = [(one.type, set(one.data)) for one in await db.scalars(select(Event))]
    for kind, keys in told:
        assert keys <= set(EVENT_TYPES[kind].data), kind
    kinds = {kind for kind, _ in told}
    assert {"run.created", "run.intended", "run.cancelled", "account.paused", "schedule.removed"} <= kinds
    assert {"account.active", "account.changed", "system.kill_switch"} <= kinds
