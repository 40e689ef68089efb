"""A campaign whose account is disconnected for a while: who answered meanwhile gets no follow-up."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from unipile_desk import FRIEND, ME, Desk, open_desk
from unipile_house import a_campaign, client_of, enrollment_over, open_house

from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from product import MakeApp
from waiting import eventually

SEQUENCE: dict[str, Any] = {
    "name": "two words",
    "steps": [
        {
            "id": "hello",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, hello!"},
        },
        {
            "id": "again",
            "channel": "linkedin",
            "delay": "1min",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, once more."},
        },
    ],
}


@pytest.fixture(scope="module")
def desk() -> Iterator[Desk]:
    with open_desk() as made:
        made.sandbox.reset()
        yield Desk(made.sandbox).connect(premium=True)


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    ticks = {"planner_tick": timedelta(milliseconds=50), "inbox_tick": timedelta(milliseconds=50)}
    async with open_house(make_app, desk, unipile_health_every=timedelta(milliseconds=200), **ticks) as made:
        yield made


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as made:
        yield made


async def test_who_answered_while_the_account_was_away_is_left_alone(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    """Neither webhooks nor readings of the inbox tell of it: the return of the account alone does."""
    number = await a_campaign(client, desk, SEQUENCE, linkedin_slug=FRIEND, first_name="Jonas")
    status = f"/unipile/accounts/{desk.account}/status"

    async def is_sent() -> bool:
        return "message" in desk.kinds(kind="message", account=ME)

    async def is_in(state: str) -> bool:
        return bool((await client.get("/api/v1/accounts/mira")).json()["state"] == state)

    async with background(app, worker=True, planner=True):
        await eventually(is_sent)
        desk.admin.post(status, status="CREDENTIALS")
        await eventually(lambda: is_in("needs_attention"))
        desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Yes, tell me more")
        desk.admin.post(status, status="OK")
        enrollment = await enrollment_over(client, number)

    assert enrollment["reason"] == "replied"
    sent = desk.admin.ledger(kind="message", account=ME)
    assert [(one["target"], one["text"]) for one in sent] == [(FRIEND, "Hi Jonas, hello!")]
    jobs = (await client.get("/api/v1/admin/reconcile/jobs/messages")).json()["data"]
    assert "reconnect" in {one["trigger"] for one in jobs}
    assert sum(one["result"]["accounts"]["mira"]["new"] for one in jobs) >= 1
