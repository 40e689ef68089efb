"""Runs in doubt at Unipile: found, tried again on proof, or a person is asked; the ledger judges."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

import httpx2
import pytest
from sqlalchemy import text
from unipile_desk import FAR, FRIEND, ME, Desk
from unipile_house import added, client_of, ended, open_house, over, submitted

from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.entrypoints.unipile_health import unipile_of
from product import MakeApp
from waiting import eventually

PATIENCE: Final = timedelta(seconds=2)
OVER: Final = PATIENCE + timedelta(seconds=2)  # the act window, and how roughly the server's clock is known


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    async with open_house(make_app, desk, unipile_timeout=PATIENCE) as made:
        yield made


@pytest.fixture
async def client(app: App) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(app) as made:
        yield made


async def until_asked(client: httpx2.AsyncClient, touchpoint: dict[str, Any]) -> dict[str, Any]:
    """A run of this touchpoint, once it waits for a person."""
    address = await submitted(client, touchpoint)

    async def is_asked() -> dict[str, Any] | None:
        run: dict[str, Any] = (await client.get(address)).json()
        return run if run["wait_reason"] == "outcome_unknown" or run["completed_at"] else None

    return await eventually(is_asked)


@pytest.mark.parametrize("store_lags", [False, True])
async def test_a_run_in_doubt_is_never_sent_again_on_the_word_of_a_store_that_may_be_behind(
    client: httpx2.AsyncClient, app: App, desk: Desk, store_lags: bool
) -> None:
    """It was delivered or not: as long as nothing newer shows, a person is asked."""
    await added(client, external_id=desk.account)
    desk.fault("drop_after_commit" if store_lags else "drop_before_commit", "chat.start", times=1)
    desk.settings(read_lag_s=3600 if store_lags else 0)
    async with background(app, worker=True):
        run = await until_asked(client, {"type": "message", "public_identifier": FRIEND, "message": "Hello"})

    assert desk.kinds(kind="message", account=ME) == (["message"] if store_lags else [])
    assert (run["status"], run["effect"]) == ("held", "unknown")
    assert run["waiting_for"]["reason"] == "outcome_unknown"


async def test_a_run_whose_message_shows_late_is_completed_without_another(
    client: httpx2.AsyncClient, app: App, desk: Desk
) -> None:
    await added(client, external_id=desk.account)
    desk.fault("drop_after_commit", "chat.start", times=1)
    async with background(app, worker=True):
        run = await over(client, {"type": "message", "public_identifier": FRIEND, "message": "Hello Jonas"})

    assert (run["status"], run["effect"]) == ("completed", "confirmed"), run["error"]
    assert desk.kinds(kind="message", account=ME) == ["message"]
    assert "read_back" in [one["purpose"] for one in run["attempts"]]


@pytest.mark.parametrize("fault", ["drop_before_commit", "html_502"])
async def test_a_run_that_never_arrived_is_sent_once_the_store_shows_what_was_said_later(
    client: httpx2.AsyncClient, app: App, desk: Desk, fault: str
) -> None:
    await added(client, external_id=desk.account)
    provider = unipile_of(app)
    assert provider is not None
    provider.read_back_lag = timedelta(hours=1)
    desk.admin.put("/relationships", account=ME, member=FAR, state="connected")
    desk.fault(fault, "chat.start", times=1)
    body = {"type": "message", "public_identifier": FRIEND, "message": "Hello Jonas"}
    address = await submitted(client, body)

    async def held() -> datetime | None:
        run = (await client.get(address)).json()
        return app.now() if run["status"] == "held" else None

    async def passed(moment: datetime) -> bool:
        return app.now() > moment

    async with background(app, worker=True):
        since = await eventually(held)
    await eventually(lambda: passed(since + OVER))
    desk.admin.post(f"/people/{FAR}/reply", account=ME, text="By the way")
    async with app.sessions.begin() as db:
        await db.execute(text("update runs set next_at = :now"), {"now": app.now()})
    async with background(app, worker=True):
        run = await ended(client, address)

    assert (run["status"], run["effect"]) == ("completed", "confirmed"), run["error"]
    assert desk.kinds(kind="message", account=ME) == ["message"]
    assert "read_back" in [one["purpose"] for one in run["attempts"]]
