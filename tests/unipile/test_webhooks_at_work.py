"""What happens at Unipile reaches the inbox by webhook, however delivered: once, and own words as own."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
import uvicorn
from pydantic import SecretStr
from unipile_desk import FRIEND, KEY, ME, Desk

import inbox_desk
from crowd import a_lead
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.providers.unipile.provider import Unipile
from product import MakeApp, add_account
from waiting import eventually

SECRET: Final = "a-secret-of-thirty-two-characters!"


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        unipile_webhook_secret=SecretStr(SECRET),
    )
    provider = Unipile(made.settings, made.clock, made.rng)
    yield replace(made, providers={provider.name: provider})
    await provider.close()


@pytest.fixture
async def listening(app: App) -> AsyncIterator[str]:
    """The product's doors, where the sandbox can reach them."""
    config = uvicorn.Config(create_api(app, ROUTERS, FILES), port=0, log_config=None, lifespan="off")
    bound = config.bind_socket()
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[bound]))
    yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture
async def inbox(app: App, desk: Desk) -> inbox_desk.Desk:
    """The account's inbox; its friend is a lead."""
    made = inbox_desk.Desk(app, await add_account(app, "mira"), desk.account)
    await made.connect()
    await a_lead(app, linkedin_slug=FRIEND, linkedin_profile_id=desk.id_of(FRIEND))
    return made


async def registered(app: App, url: str, secret: str = SECRET) -> None:
    """The webhooks are set up as the product wants them."""
    provider = app.providers["unipile"]
    assert isinstance(provider, Unipile)
    await provider.workspace.client.ensure_webhooks(url, secret)


async def exchanged(desk: Desk) -> list[dict[str, Any]]:
    """A word by the owner's own hand and an answer; how they were delivered, once all was tried."""
    desk.write(FRIEND, "Hello Jonas")
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hello Mira")

    async def all_tried() -> list[dict[str, Any]] | None:
        made = (await asyncio.to_thread(desk.admin.get, "/unipile/deliveries"))["deliveries"]
        words = [one for one in made if one["event"] == "message_received"]
        is_over = len(words) >= 2 and all("status" in attempt for one in made for attempt in tries(one))
        return words if is_over else None

    return await eventually(all_tried)


def tries(delivery: dict[str, Any]) -> list[dict[str, Any]]:
    """Its attempts; of one that was never tried, an attempt without an end."""
    return delivery["attempts"] or [{}]


@pytest.mark.parametrize("fault", [None, "duplicate", "reorder", "wrong_type", "form_encoded"])
@pytest.mark.parametrize("is_told", [True, False], ids=["is_sender", "no_is_sender"])
async def test_however_it_is_delivered_each_word_counts_once_and_as_whose_it_is(
    app: App, desk: Desk, inbox: inbox_desk.Desk, listening: str, fault: str | None, is_told: bool
) -> None:
    desk.settings(tells_is_sender=is_told)
    await registered(app, listening)
    if fault is not None:
        desk.fault(fault, "webhook", times=1)

    sent = await exchanged(desk)
    await inbox.turn()

    said = sorted((one.direction, one.by, one.text) for one in await inbox.messages())
    assert said == [("own", "hand", "Hello Jonas"), ("theirs", "them", "Hello Mira")]
    assert sorted(one[1] for one in await inbox.told()) == ["own", "theirs"]
    assert {state for state, _ in await inbox.states()} == {"applied"}
    assert len(sent) == (3 if fault == "duplicate" else 2)
    assert {one["attempts"][0]["status"] for one in sent} == {200}


async def test_deliveries_with_another_secret_are_refused(
    app: App, desk: Desk, inbox: inbox_desk.Desk, listening: str
) -> None:
    desk.settings(retry_delay_s=3600)
    await registered(app, listening, SECRET[::-1])

    sent = await exchanged(desk)
    await inbox.turn(timedelta(hours=1))

    assert await inbox.deliveries() == []
    assert {one["attempts"][0]["status"] for one in sent} == {401}
