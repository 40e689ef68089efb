"""A campaign with a Unipile account: invited, accepted, written to, answered, and then left alone."""

from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest
from unipile_desk import ME, STRANGER, Desk
from unipile_house import a_campaign, client_of, enrollment_over, open_house

from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from product import MakeApp
from waiting import eventually

SEQUENCE: dict[str, Any] = {
    "name": "classic",
    "steps": [
        {"id": "invite", "channel": "linkedin", "touchpoint": {"type": "connect"}},
        {
            "id": "accepted",
            "wait_for": {"condition": "connected", "timeout": "14 days", "on_timeout": "end", "then": "next"},
        },
        {
            "id": "hello",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, hello!"},
        },
        {
            "id": "again",
            "channel": "linkedin",
            "delay": "3 days",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, once more."},
        },
    ],
}


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    often, quick = timedelta(seconds=1), timedelta(milliseconds=50)
    async with open_house(
        make_app,
        desk,
        act_window=timedelta(seconds=4),
        planner_tick=quick,
        inbox_tick=quick,
        relations_every=often,
        inbox_every=often,
    ) as made:
        yield made


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as made:
        yield made


async def test_a_campaign_runs_as_with_any_other_account(
    client: httpx2.AsyncClient, app: App, desk: Desk, record_property: Callable[[str, object], None]
) -> None:
    number = await a_campaign(client, desk, SEQUENCE, linkedin_slug=STRANGER, first_name="Prisca")

    async def happened(kind: str, count: int) -> bool:
        return len(desk.kinds(kind=kind, account=ME)) >= count

    async with background(app, worker=True, planner=True):
        await eventually(lambda: happened("invite", 1))
        desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
        await eventually(lambda: happened("message", 1), patience=60)
        desk.admin.post(f"/people/{STRANGER}/reply", account=ME, text="Yes, tell me more")
        enrollment = await enrollment_over(client, number)

    assert enrollment["reason"] == "replied"
    looked, sent = last_look_and_send(desk)
    record_property("race_window_ms", (sent - looked) / timedelta(milliseconds=1))
    assert timedelta(0) <= sent - looked < app.settings.act_window
    messages = desk.admin.ledger(kind="message", account=ME)
    assert [(one["target"], one["text"]) for one in messages] == [(STRANGER, "Hi Prisca, hello!")]
    assert [one["target"] for one in desk.admin.ledger(kind="invite")] == [STRANGER]
    assert desk.admin.get("/unipile/invariants") == {"same_text_twice": [], "invited_twice": []}


def last_look_and_send(desk: Desk) -> tuple[datetime, datetime]:
    """When the thread was looked at last before the message, and when that went out."""
    calls = desk.admin.get("/unipile/journal")
    sends = ("message.send", "chat.start")
    (at,) = [index for index, call in enumerate(calls) if call["endpoint"] in sends]
    looks = [call["at"] for call in calls[:at] if call["endpoint"] in ("attendee.chats", "messages")]
    looked, sent = datetime.fromisoformat(looks[-1]), datetime.fromisoformat(calls[at]["at"])
    return looked, sent
