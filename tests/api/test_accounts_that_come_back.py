"""An account that was removed and is added again is the same one, unless it is said to be another."""

from typing import Any

import httpx2
import pytest

from fakes import ScriptedProvider
from overture.entrypoints.bootstrap import App
from waiting import eventually

ACCOUNTS, RUNS = "/api/v1/accounts", "/api/v1/runs"
ALWAYS = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}
NEW: dict[str, Any] = {
    "handle": "grace",
    "working_hours": ALWAYS,
    "limits": {"invite": {"per_day": 1}, "min_gap_s": 0},
    "ramp": "off",
}


async def invite(client: httpx2.AsyncClient, who: str) -> dict[str, Any]:
    """An invitation that was submitted, once it is over or waits."""
    asked = {"handle": "grace", "touchpoint": {"type": "connect", "public_identifier": who}}
    made = await client.post(RUNS, json=asked)
    assert made.status_code == 201, made.text

    async def settled() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(made.headers["Location"])).json()
        return (
            run if run["completed_at"] or (run["waiting_for"] or {}).get("reason") == "daily_quota" else None
        )

    return await eventually(settled)


async def come_back(client: httpx2.AsyncClient, **more: object) -> None:
    """Remove the account and add it again."""
    assert (await client.delete(f"{ACCOUNTS}/grace")).status_code == 204
    assert (await client.post(ACCOUNTS, json=NEW | more)).status_code == 201


async def test_its_limits_go_on_counting(client: httpx2.AsyncClient, worker: None) -> None:
    await client.post(ACCOUNTS, json=NEW)
    assert (await invite(client, "prisca"))["effect"] == "confirmed"
    await come_back(client)

    waits = await invite(client, "jonas")
    assert (waits["status"], waits["waiting_for"]["reason"]) == ("pending", "daily_quota")


async def test_whom_it_invited_is_not_forgotten(
    client: httpx2.AsyncClient, provider: ScriptedProvider, worker: None
) -> None:
    free = {"limits": {"min_gap_s": 0}}
    await client.post(ACCOUNTS, json=NEW | free)
    await invite(client, "prisca")
    await come_back(client, **free)

    assert (await invite(client, "prisca"))["error_code"] == "invite_cooldown"
    assert len(provider.sent) == 1


async def test_another_account_of_the_same_handle_begins_anew(
    client: httpx2.AsyncClient, worker: None
) -> None:
    await client.post(ACCOUNTS, json=NEW)
    await invite(client, "prisca")
    await come_back(client, as_new=True)

    assert (await invite(client, "jonas"))["effect"] == "confirmed"


@pytest.mark.parametrize("called", ["acc-1", None])
async def test_it_is_known_by_what_the_service_calls_it_or_else_by_its_handle(
    client: httpx2.AsyncClient, app: App, called: str | None
) -> None:
    await client.post(ACCOUNTS, json=NEW | {"external_id": "acc-1"})
    await client.delete(f"{ACCOUNTS}/grace")
    handle = "hopper" if called else "grace"
    await client.post(ACCOUNTS, json=NEW | {"handle": handle, "external_id": called})

    told = (await client.get("/api/v1/events", params={"type": "account.created"})).json()["data"]
    assert [one["data"]["came_back"] for one in told] == [True, False]  # the latest first
    assert (await client.get(f"{ACCOUNTS}/{handle}")).json()["state"] == "active"
