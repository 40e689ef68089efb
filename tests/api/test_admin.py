"""Administration: jobs on demand, the days an account had, and the schema, each act in the log."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from sqlalchemy import text

from crowd import hello, over, submit
from overture.core.settings import Settings
from overture.db import migrate
from overture.db.migrate import SchemaAhead
from overture.entrypoints import jobs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs import JOBS
from overture.touchpoints import Connect
from waiting import eventually

ADMIN = "/api/v1/admin"
USAGE = "/api/v1/analytics/accounts/ada/rate-usage"


async def told(app: App, kind: str) -> list[dict[str, Any]]:
    async with app.sessions() as db:
        rows = await db.execute(
            text("select data from events where type = :kind order by id"), {"kind": kind}
        )
        return [data for (data,) in rows]


async def test_every_job_is_listed_with_what_came_of_it(client: httpx2.AsyncClient, account: str) -> None:
    before = (await client.get(f"{ADMIN}/reconcile")).json()["data"]
    done = (await client.post(f"{ADMIN}/backfill/rate-usage", json={"handles": ["ada"]})).json()
    after = (await client.get(f"{ADMIN}/reconcile")).json()["data"]

    assert [one["job"] for one in before] == list(JOBS)
    assert {(one["last"], one["held"]) for one in before} == {(None, None)}
    assert all(one["next_at"] for one in before)
    assert (done["status"], done["trigger"], done["by"], done["asked"]) == (
        "completed",
        "api",
        "api",
        {"handles": ["ada"], "days": 7},
    )
    (last,) = [one["last"] for one in after if one["job"] == "rate_usage"]
    assert last == done
    assert (await client.get(f"{ADMIN}/reconcile/jobs/rate_usage")).json()["data"] == [done]
    unknown = await client.get(f"{ADMIN}/reconcile/jobs/nothing")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "job_not_found")


@pytest.mark.parametrize("path", ["catch-up/messages", "backfill/conversations", "backfill/rate-usage"])
async def test_jobs_are_done_on_demand_and_are_in_the_log(
    client: httpx2.AsyncClient, app: App, account: str, path: str
) -> None:
    done = await client.post(f"{ADMIN}/{path}")
    strange = await client.post(f"{ADMIN}/{path}", json={"handles": ["nobody"]})
    wrong = await client.post(f"{ADMIN}/{path}", json={"handles": ["ada"], "colour": "red"})

    assert (done.status_code, done.json()["status"], list(done.json()["result"]["accounts"])) == (
        200,
        "completed",
        ["ada"],
    )
    assert (strange.status_code, strange.json()["code"]) == (404, "account_not_found")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "validation_error")
    (event,) = await told(app, "job.finished")
    assert (event["job"], event["by"], event["result"]) == (done.json()["job"], "api", done.json()["result"])


async def test_the_same_job_is_not_done_twice_at_once(client: httpx2.AsyncClient, app: App) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def waits(_: object) -> dict[str, object]:
        begun.set()
        await may_end.wait()
        return {}

    slow = jobs.Job("messages", "It waits.", waits)
    doing = asyncio.create_task(jobs.do(app, slow, trigger="api", by="test"))
    await begun.wait()
    refused = await client.post(f"{ADMIN}/catch-up/messages")
    may_end.set()
    await doing

    assert (refused.status_code, refused.json()["code"]) == (409, "job_under_way")
    assert (await client.post(f"{ADMIN}/catch-up/messages")).status_code == 200


@pytest.mark.usefixtures("worker")
async def test_days_are_counted_from_runs_and_what_was_written_wrong_is_put_right(
    client: httpx2.AsyncClient, app: App, account: str
) -> None:
    submitted = [
        await submit(app, Connect(public_identifier="lea-1")),
        await submit(app, Connect(public_identifier="lea-2"), dry_run=True),
        await submit(app, hello("lea-3")),
    ]

    async def are_over() -> bool:
        return all([await over(app, run) for run in submitted])

    await eventually(are_over)

    shown = (await client.get(USAGE)).json()
    assert (shown["zone"], len(shown["days"])) == ("UTC", 7)
    today = shown["days"][-1]
    assert (today["invites_sent"], today["messages_sent"], today["written"]) == (1, 1, "none")
    assert today["categories"] == {
        "invite": {"done": 1, "unknown": 0},
        "message": {"done": 1, "unknown": 0},
    }
    assert shown["invites_per_day"] == 25  # the ceiling: this account has no limit of its own
    assert shown["limits_per_day"]["message"] == shown["messages_per_day"]
    assert [one["invites_sent"] for one in shown["days"][:-1]] == [0] * 6

    first = (await client.post(f"{ADMIN}/backfill/rate-usage")).json()["result"]["accounts"]["ada"]
    assert (first["written"], first["corrected"], first["unlike_the_log"]) == (2, [], [])
    assert (await client.get(USAGE)).json()["days"][-1]["written"] == "same"

    async with app.sessions.begin() as db:
        await db.execute(text("update daily_usage set done = 9 where category = 'invite'"))
    assert (await client.get(USAGE)).json()["days"][-1]["written"] == "other"
    again = (await client.post(f"{ADMIN}/backfill/rate-usage")).json()["result"]

    wrong = {"day": today["day"], "category": "invite", "written": 9, "counted": 1}
    assert (again["corrected"], again["accounts"]["ada"]["corrected"]) == (1, [wrong])
    assert await told(app, "account.usage_corrected") == [{"days": [wrong]}]
    assert (await client.get(USAGE)).json()["days"][-1]["written"] == "same"


async def test_days_are_those_of_the_accounts_zone_and_bounded(
    client: httpx2.AsyncClient, account: str
) -> None:
    changed = await client.patch("/api/v1/accounts/ada", json={"zone": "Pacific/Kiritimati"})
    assert changed.status_code == 200
    shown = (await client.get(USAGE, params={"days": 2})).json()

    assert (shown["zone"], len(shown["days"])) == ("Pacific/Kiritimati", 2)
    assert (await client.get(USAGE, params={"days": 91})).status_code == 422
    assert (await client.get("/api/v1/analytics/accounts/nobody/rate-usage")).status_code == 404


async def test_a_current_schema_is_left_alone(client: httpx2.AsyncClient, app: App) -> None:
    shown = (await client.get(f"{ADMIN}/migrations/status")).json()
    upgraded = await client.post(f"{ADMIN}/migrations/upgrade")

    assert (shown["state"], shown["present"], shown["pending"]) == ("current", shown["newest"], [])
    assert (upgraded.status_code, upgraded.json()["changed"]) == (200, False)
    assert await told(app, "admin.schema_upgraded") == []


async def test_a_schema_that_is_behind_is_upgraded_once(client: httpx2.AsyncClient, app: App) -> None:
    newest = (await client.get(f"{ADMIN}/migrations/status")).json()["newest"]
    await asyncio.to_thread(migrate.downgrade, app.database_url, "0008")
    behind = (await client.get(f"{ADMIN}/migrations/status")).json()

    upgraded = (await client.post(f"{ADMIN}/migrations/upgrade")).json()
    again = (await client.post(f"{ADMIN}/migrations/upgrade")).json()

    assert (behind["state"], behind["present"], behind["pending"][0]) == ("behind", "0008", "0009")
    assert (upgraded["was"], upgraded["present"], upgraded["changed"]) == ("0008", newest, True)
    assert again["changed"] is False
    assert await told(app, "admin.schema_upgraded") == [{"from": "0008", "to": newest, "by": "api"}]


async def test_a_schema_of_a_newer_version_is_not_touched(
    client: httpx2.AsyncClient, app: App, make_settings: Callable[..., Settings]
) -> None:
    async with app.sessions.begin() as db:
        await db.execute(text("update alembic_version set version_num = '9999'"))

    shown = (await client.get(f"{ADMIN}/migrations/status")).json()
    refused = await client.post(f"{ADMIN}/migrations/upgrade")

    assert (shown["state"], shown["present"], shown["pending"]) == ("ahead", "9999", [])
    assert (refused.status_code, refused.json()["code"], refused.json()["present"]) == (
        409,
        "schema_ahead",
        "9999",
    )
    with pytest.raises(SchemaAhead, match="9999"):
        await asyncio.to_thread(migrate.ensure_current, app.database_url)


async def test_a_leads_stage_set_by_hand_is_in_the_log(client: httpx2.AsyncClient, app: App) -> None:
    lead = (await client.post("/api/v1/leads", json={"email": "a@b.example"})).json()["lead"]["lead_id"]
    asked = {"stage": "CONNECTED", "why": "they told us on the phone"}

    changed = await client.post(f"/api/v1/leads/{lead}/stage", json=asked)

    assert changed.status_code == 200
    (event,) = await told(app, "lead.stage_changed")
    assert (event["to"], event["manual"], event["by"]) == ("CONNECTED", True, "api")
