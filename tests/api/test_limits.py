"""Limits over the API: what an account may still do, lowered freely, raised only to the ceiling, audited."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

import fakes
from fakes import ScriptedProvider
from overture.core.errors import Throttled
from overture.db import Event
from overture.entrypoints.bootstrap import App
from waiting import eventually

ACCOUNTS = "/api/v1/accounts"
FREE = {"days": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}


async def add(client: httpx2.AsyncClient, **more: object) -> None:
    body = {"handle": "ada", "working_hours": FREE, **more}
    made = await client.post(ACCOUNTS, json=body)
    assert made.status_code == 201, made.text


async def limits(client: httpx2.AsyncClient) -> dict[str, Any]:
    found = await client.get(f"{ACCOUNTS}/ada/limits")
    assert found.status_code == 200, found.text
    body: dict[str, Any] = found.json()
    return body


async def told(app: App, kind: str) -> list[object]:
    async with app.sessions() as db:
        rows = await db.scalars(select(Event).where(Event.type == kind).order_by(Event.id))
        return [row.data["changed"] for row in rows]


async def ended(client: httpx2.AsyncClient, touchpoint: Mapping[str, object]) -> dict[str, Any]:
    """The run, once it is over or waits for later."""
    made = await client.post("/api/v1/runs", json={"handle": "ada", "touchpoint": touchpoint})
    assert made.status_code == 201, made.text

    async def look() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(made.headers["Location"])).json()
        waits = run["status"] == "pending" and run["wait_reason"] != "ready"
        return run if run["completed_at"] or waits else None

    return await eventually(look)


def window(body: Mapping[str, Any], kind: str, name: str) -> Mapping[str, Any]:
    found: list[Mapping[str, Any]] = body["actions"][kind]["windows"]
    return next(entry for entry in found if entry["window"] == name)


async def test_a_new_account_is_on_its_ramp(client: httpx2.AsyncClient) -> None:
    await add(client)
    body = await limits(client)

    assert (body["tier"], body["stage"]["name"], body["breaker"]["state"]) == ("basic", "ramp_1", "closed")
    assert body["clock"]["in_window"] is True
    assert body["inmail_balance"] == {"available": None, "reserve": 0, "read_at": None, "source": None}
    day, week = (window(body, "connect", name) for name in ("rolling_24h", "rolling_7d"))
    assert (day["limit"], day["ceiling"], day["is_ramp"], day["remaining"]) == (5, 25, True, 5)
    assert (week["limit"], week["ceiling"]) == (20, 100)
    assert window(body, "connect", "calendar_month")["limit"] == 5
    assert window(body, "message", "rolling_24h")["limit"] == 10
    assert body["actions"]["enrich"]["allowed"] is True


async def test_the_ramp_ends_by_its_date_or_by_the_operators_word(
    client: httpx2.AsyncClient, app: App
) -> None:
    await add(client, ramp="2020-01-31")
    assert (await limits(client))["stage"]["name"] == "full"

    await client.patch(f"{ACCOUNTS}/ada", json={"ramp": "off"})

    body = await limits(client)
    assert (body["stage"]["name"], window(body, "connect", "rolling_24h")["limit"]) == ("off", 20)
    changes = await told(app, "account.ramp_changed")
    assert changes[-1] == {"ramp": {"before": "2020-01-31", "after": "off"}}


@pytest.mark.parametrize(
    ("wanted", "pointer", "ceiling"),
    [
        ({"invite": {"per_day": 26}}, "/limits/invite/per_day", 25),
        ({"invite": {"per_week": 101}}, "/limits/invite/per_week", 100),
        ({"message": {"per_day": 51}}, "/limits/message/per_day", 50),
        ({"notes_per_month": 6}, "/limits/notes_per_month", 5),
    ],
)
async def test_no_limit_goes_above_its_ceiling(
    client: httpx2.AsyncClient, wanted: dict[str, Any], pointer: str, ceiling: int
) -> None:
    await add(client)
    refused = await client.patch(f"{ACCOUNTS}/ada", json={"limits": wanted})

    assert refused.status_code == 422
    problem = refused.json()
    assert problem["code"] == "limit_above_ceiling"
    assert problem["errors"][0]["pointer"] == pointer
    assert f"at most {ceiling}" in problem["errors"][0]["detail"]
    new = await client.post(ACCOUNTS, json={"handle": "bob", "limits": wanted})
    assert (new.status_code, new.json()["code"]) == (422, "limit_above_ceiling")


async def test_raising_is_written_down_and_lowering_is_free(client: httpx2.AsyncClient, app: App) -> None:
    await add(client, ramp="off")
    await client.patch(f"{ACCOUNTS}/ada", json={"limits": {"invite": {"per_day": 7}}})
    assert await told(app, "account.limits_raised") == []

    raised = await client.patch(f"{ACCOUNTS}/ada", json={"limits": {"invite": {"per_day": 25}}})

    assert raised.json()["limits"]["invite"] == {"per_day": 25, "per_week": 100}
    assert await told(app, "account.limits_raised") == [{"invite/per_day": {"before": 7, "after": 25}}]


async def test_a_paid_tier_has_a_higher_week_and_no_note_quota(client: httpx2.AsyncClient) -> None:
    await add(client, tier="premium", ramp="off", limits={"invite": {"per_week": 150}})
    body = await limits(client)

    assert window(body, "connect", "rolling_7d")["limit"] == 150
    assert window(body, "connect", "calendar_month")["limit"] is None

    await client.patch(f"{ACCOUNTS}/ada", json={"tier": "basic"})
    assert window(await limits(client), "connect", "rolling_7d")["limit"] == 100


async def test_inmail_credits_hold_back_at_the_reserve(client: httpx2.AsyncClient, worker: None) -> None:
    await add(client, ramp="off", limits={"inmail_reserve": 1, "min_gap_s": 0})
    await client.patch(f"{ACCOUNTS}/ada", json={"inmail_credits": 2})
    first = await ended(client, {"type": "inmail", "public_identifier": "prisca", "body": "Hello"})
    second = await ended(client, {"type": "inmail", "public_identifier": "next", "body": "Hello"})

    assert (first["status"], second["wait_reason"]) == ("completed", "no_inmail_credits")
    assert second["next_at"] is not None
    body = await limits(client)
    assert (body["inmail_balance"]["available"], body["inmail_balance"]["source"]) == (1, "operator")
    assert body["actions"]["inmail"]["reason_code"] == "no_inmail_credits"
    assert body["actions"]["message"]["allowed"] is True


async def test_a_429_for_the_account_rests_every_lane(
    client: httpx2.AsyncClient, app: App, provider: ScriptedProvider, worker: None
) -> None:
    await add(client, ramp="off", limits={"min_gap_s": 0})
    until = app.now() + timedelta(hours=1)
    slow = Throttled("rate_limited", "slow down", until=until, scope="account")
    provider.script("prisca", fakes.fail(slow))
    await ended(client, {"type": "message", "public_identifier": "prisca", "message": "Hello"})
    read = await ended(client, {"type": "enrich", "public_identifier": "next"})

    assert read["wait_reason"] == "provider_cooldown"
    body = await limits(client)
    assert [lane["lane"] for lane in body["provider_cooldown"]["lanes"]] == ["*"]
    reasons = {action["reason_code"] for action in body["actions"].values()}
    assert reasons == {"provider_cooldown"}


async def test_a_young_account_says_that_it_is_the_ramp(client: httpx2.AsyncClient, worker: None) -> None:
    await add(client, limits={"min_gap_s": 0})
    for number in range(5):
        await ended(client, {"type": "connect", "public_identifier": f"person-{number}"})
    sixth = await ended(client, {"type": "connect", "public_identifier": "person-6"})

    assert sixth["wait_reason"] == "ramp"
    connect = (await limits(client))["actions"]["connect"]
    assert (connect["allowed"], connect["reason_code"]) == (False, "ramp")
    assert (connect["windows"][0]["delivered"], connect["windows"][0]["remaining"]) == (5, 0)


async def test_a_search_limit_counts_reads(client: httpx2.AsyncClient, worker: None) -> None:
    await add(client, limits={"profile_read": {"per_day": 1}})
    first = await ended(client, {"type": "enrich", "public_identifier": "prisca"})
    second = await ended(client, {"type": "enrich", "public_identifier": "next"})

    assert (first["status"], second["wait_reason"]) == ("completed", "daily_quota")


async def test_nobody_is_404(client: httpx2.AsyncClient) -> None:
    assert (await client.get(f"{ACCOUNTS}/nobody/limits")).status_code == 404
