"""Schedules through the API: made, checked, listed, paused, removed."""

from typing import Any

import httpx2
import pytest

from overture.entrypoints.bootstrap import App
from product import add_account

BODY = {
    "handle": "ada",
    "touchpoint": {"type": "sync_relations"},
    "cron": "0 9 * * MON-FRI",
    "zone": "Europe/Berlin",
}


async def made(client: httpx2.AsyncClient, **changes: object) -> Any:
    answer = await client.post("/api/v1/schedules", json={**BODY, **changes})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_schedule_tells_its_next_five_times(client: httpx2.AsyncClient, account: str) -> None:
    schedule = await made(client)

    assert len(schedule["next_fires"]) == 5
    assert schedule["state"] == "active"
    assert schedule["next_fires"][0].rstrip("Z").replace("+00:00", "") in schedule["next_step"]
    shown = (await client.get(f"/api/v1/schedules/{schedule['schedule_id']}")).json()
    assert shown == schedule


async def test_a_dry_run_changes_nothing(client: httpx2.AsyncClient, account: str) -> None:
    answer = await client.post("/api/v1/schedules?dry_run=true", json=BODY)

    assert answer.status_code == 200
    assert len(answer.json()["next_fires"]) == 5
    assert (await client.get("/api/v1/schedules")).json()["data"] == []


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"cron": "* * *"}, "/cron"),
        ({"cron": "0 0 30 2 *"}, "/cron"),
        ({"zone": "Berlin"}, "/zone"),
        ({"missed": "some"}, "/missed"),
        ({"touchpoint": {"type": "search"}}, "/touchpoint/keywords"),
    ],
    ids=["three fields", "never", "no zone", "no policy", "no keywords"],
)
async def test_what_is_wrong_is_named(
    client: httpx2.AsyncClient, account: str, change: dict[str, object], pointer: str
) -> None:
    answer = await client.post("/api/v1/schedules", json={**BODY, **change})

    assert answer.status_code == 422
    assert pointer in [error["pointer"] for error in answer.json()["errors"]]


async def test_lists_go_on_by_cursor(client: httpx2.AsyncClient, account: str) -> None:
    ids = [(await made(client))["schedule_id"] for _ in range(3)]

    first = (await client.get("/api/v1/schedules?limit=2")).json()
    rest = (await client.get(f"/api/v1/schedules?limit=2&cursor={first['page']['next_cursor']}")).json()

    seen = [one["schedule_id"] for one in first["data"] + rest["data"]]
    assert seen == ids[::-1]
    assert rest["page"]["has_more"] is False


async def test_paused_it_has_no_next_time_and_says_how_to_go_on(
    client: httpx2.AsyncClient, account: str
) -> None:
    path = f"/api/v1/schedules/{(await made(client))['schedule_id']}"

    paused = (await client.post(f"{path}/pause")).json()
    assert (paused["state"], paused["next_fires"]) == ("paused", [])
    assert "resume" in paused["next_step"]
    assert len((await client.post(f"{path}/resume")).json()["next_fires"]) == 5


async def test_removed_it_is_not_found(client: httpx2.AsyncClient, account: str) -> None:
    path = f"/api/v1/schedules/{(await made(client))['schedule_id']}"

    assert (await client.delete(path)).status_code == 204
    assert (await client.get(path)).json()["code"] == "schedule_not_found"
    assert (await client.get("/api/v1/schedules")).json()["data"] == []


async def test_the_schedules_of_a_removed_account_stop_with_that_reason(
    app: App, client: httpx2.AsyncClient
) -> None:
    await add_account(app, "ada")
    path = f"/api/v1/schedules/{(await made(client))['schedule_id']}"

    assert (await client.delete("/api/v1/accounts/ada")).status_code == 204
    shown = (await client.get(path)).json()
    assert (shown["state"], shown["state_reason"]) == ("paused", "account_removed")
    assert (await client.post(f"{path}/resume")).status_code == 404
