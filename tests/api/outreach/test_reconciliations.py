"""Reconciling connections by API: begun, watched, called off; who may, and what is refused."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from campaign_house import work
from crowd import a_lead, observe, profile_id
from fakes import ScriptedProvider
from overture.campaigns import reconcile
from overture.db import Event
from overture.entrypoints.bootstrap import App
from overture.people import Seen
from overture.touchpoints import Relation, RelationsRead

PATH = "/api/v1/admin/reconcile/connections"


@pytest.fixture
async def listed(app: App, provider: ScriptedProvider, account: str) -> None:
    """An account with one connection, which is a lead, and one that is nobody."""
    lead = await a_lead(app, linkedin_profile_id=profile_id(1))
    await observe(app, account, lead, Seen("invited", app.now(), "import"))
    relations = [Relation(profile_id=profile_id(number), full_name=f"Lea{number} Known") for number in (1, 2)]
    read = RelationsRead(relations=relations, complete=True, ended_by="end", pages=1)
    provider.answers["*", "sync_relations"] = read


async def carried(app: App, client: httpx2.AsyncClient, reconciliation_id: str) -> dict[str, Any]:
    await work(app)
    while await reconcile.turn(app.planner_kit, app.now()):
        await work(app)
    found: dict[str, Any] = (await client.get(f"{PATH}/{reconciliation_id}")).json()
    return found


async def test_it_is_begun_watched_and_told_of(
    app: App, client: httpx2.AsyncClient, account: str, listed: None
) -> None:
    wish = {"states": ["invited"], "why": "invited by the old tool"}
    begun = await client.post(f"{PATH}/accounts/{account}", json=wish, headers={"Idempotency-Key": "k-1"})
    assert begun.status_code == 202, begun.text
    number = begun.json()["reconciliation_id"]
    twice = await client.post(f"{PATH}/accounts/{account}", json=wish, headers={"Idempotency-Key": "k-1"})
    assert twice.json()["reconciliation_id"] == number
    another = await client.post(f"{PATH}/accounts/{account}")
    assert (another.status_code, another.json()["code"]) == (409, "reconciliation_under_way")
    await reconcile.turn(app.planner_kit, app.now())
    waiting = (await client.get(f"{PATH}/{number}")).json()["waiting_for"]
    assert (waiting["status"], waiting["reason"]) == ("pending", "ready")

    found = await carried(app, client, number)

    assert (found["state"], found["handle"], found["by"]) == ("finished", account, "api")
    assert (found["counts"]["newly_connected"], found["counts"]["pages"]) == (1, 1)
    assert [one["full_name"] for one in found["unmatched"]["relations"]] == ["Lea2 Known"]
    assert found["waiting_for"] is None
    (row,) = (await client.get(PATH, params={"handle": account})).json()["data"]
    assert row == found
    async with app.sessions() as db:
        query = select(Event.data).where(Event.type == "reconciliation.started")
        (told,) = (await db.scalars(query)).all()
    assert (told["by"], told["why"]) == ("api", "invited by the old tool")


async def test_every_account_is_begun_at_once_and_one_can_be_called_off(
    client: httpx2.AsyncClient, account: str, listed: None
) -> None:
    begun = (await client.post(PATH, json={"dry_run": True})).json()
    (one,) = begun["data"]
    assert (one["handle"], one["dry_run"], begun["passed_over"]) == (account, True, [])
    again = (await client.post(PATH)).json()
    assert again["passed_over"] == [{"handle": account, "code": "reconciliation_under_way"}]

    gone = await client.post(f"{PATH}/{one['reconciliation_id']}/cancel")
    twice = await client.post(f"{PATH}/{one['reconciliation_id']}/cancel")

    assert gone.json()["state"] == "cancelled"
    assert (twice.status_code, twice.json()["code"]) == (409, "illegal_transition")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"states": ["lost"]}, 422),
        ({"limit": 0}, 422),
        ({"profile_reads": 1001}, 422),
        ({"campaign_ids": ["cmp_01kb3v6q2v8x0c5h2m9r4t7wze"]}, 404),
        ({"until": "2026-01-01T00:00:00Z"}, 422),
    ],
)
async def test_what_makes_no_sense_is_refused(
    client: httpx2.AsyncClient, account: str, body: dict[str, Any], status: int
) -> None:
    assert (await client.post(f"{PATH}/accounts/{account}", json=body)).status_code == status
    assert (await client.get(PATH)).json()["data"] == []


async def test_what_there_is_not_is_not_found(client: httpx2.AsyncClient) -> None:
    unknown = await client.get(f"{PATH}/rec_01kb3v6q2v8x0c5h2m9r4t7wze")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "reconciliation_not_found")
    assert (await client.post(f"{PATH}/accounts/nobody")).status_code == 404
