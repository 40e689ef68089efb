"""Catching up: what was said while nobody told us of it is found, and everything is applied exactly once."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hook_receiver import open_receiver
from pydantic import SecretStr
from sqlalchemy import text
from unipile_desk import FRIEND, KEY, ME, Desk

from crowd import a_lead
from inbox_desk import Desk as InboxDesk
from overture import accounts, inbox
from overture.accounts import Report
from overture.db import job_runs
from overture.entrypoints import jobs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs import messages, nightly
from overture.entrypoints.jobs.stores import store_of
from overture.entrypoints.receiving import inbox_kit
from overture.entrypoints.serve import background
from overture.providers.unipile.provider import Unipile
from product import MakeApp, add_account
from waiting import eventually


@pytest.fixture
async def app(make_app: MakeApp, desk: Desk) -> AsyncIterator[App]:
    made = await make_app(
        unipile_dsn=desk.sandbox.url,
        unipile_api_key=SecretStr(KEY),
        planner_tick=timedelta(milliseconds=50),
        inbox_tick=timedelta(milliseconds=50),
    )
    provider = Unipile(made.settings, made.clock, made.rng)
    await add_account(made, "mira")
    yield replace(made, providers={**made.providers, provider.name: provider})
    await provider.close()


@pytest.fixture
async def inside(app: App, desk: Desk) -> InboxDesk:
    """The product's side of the same account."""
    found = InboxDesk(app, "mira", desk.account)
    await found.connect()
    await a_lead(app, linkedin_slug=FRIEND, linkedin_profile_id=desk.id_of(FRIEND))
    return found


async def done(app: App, trigger: str = "api", **scope: Any) -> dict[str, Any]:
    made = await jobs.do(app, messages.JOB, trigger=trigger, by="test", scope=jobs.Scope(**scope))
    assert made is not None
    assert made.outcome.status == "completed", made.outcome
    assert made.outcome.result is not None
    found: Any = made.outcome.result["accounts"]
    return dict(found["mira"])


def says(desk: Desk, said: str) -> None:
    """Apart from all else by a millisecond: Unipile tells no less, and what is of one has no order."""
    next_millisecond()
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text=said)
    next_millisecond()


def next_millisecond() -> None:
    began = time.time_ns() // 1_000_000
    while time.time_ns() // 1_000_000 == began:
        pass


async def heard(inside: InboxDesk) -> list[tuple[str, str]]:
    return [(one.direction, one.text) for one in await inside.messages()]


async def marked(app: App) -> inbox.MessageMark:
    async with app.sessions() as db:
        account = await accounts.by_handle(db, "mira")
        return (await inbox.marks.marks_of(db, [account.id]))[account.id]


async def reported(app: App, word: str) -> None:
    async with app.sessions.begin() as db:
        account = await accounts.by_handle(db, "mira")
        await accounts.take_report(db, account, Report(word, app.now(), "test"), app.now())
    async with app.sessions.begin() as db:
        await inbox.marks.follow_reports(db, app.now())


async def due(app: App, ahead: timedelta = timedelta()) -> list[str]:
    async with app.sessions() as db:
        return list((await inbox.marks.due(db, app.now() + ahead)).values())


async def test_what_was_said_unheard_is_found_once(app: App, desk: Desk, inside: InboxDesk) -> None:
    says(desk, "Are you there?")
    desk.write(FRIEND, "I am")
    says(desk, "Please never write to me again, unsubscribe")

    first, second = await done(app), await done(app)

    assert (first["read"], first["new"], second["new"]) == (3, 3, 0)
    assert [one for one, _ in await heard(inside)] == ["theirs", "own", "theirs"]
    assert [one[3] for one in await inside.told()] == ["reply", "own", "opt_out"]
    conversation = await inside.conversation()
    assert (conversation.lead_id is not None, conversation.service_thread_id is not None) == (True, True)


async def test_lost_deliveries_are_made_up_for_and_the_others_not_doubled(
    app: App, desk: Desk, inside: InboxDesk
) -> None:
    with open_receiver() as hook:
        hooked = desk.post("/webhooks", account_id=None, source="messaging", request_url=hook.url)
        assert hooked.status == 201
        desk.fault("lost", "webhook:message_received", times=1, skip=1)
        for said in ("one", "two", "three"):
            says(desk, said)
        for each in hook.wait(2):
            await inside.put(each.raw)
    await inside.turn()
    assert [said for _, said in await heard(inside)] == ["one", "three"]

    found = await done(app)

    assert (found["read"], found["new"]) == (3, 1)
    assert [said for _, said in await heard(inside)] == ["one", "two", "three"]
    assert len(await inside.told()) == 3
    await inside.take(hook.told[0].json)  # it comes once more
    assert len(await heard(inside)) == 3


async def test_two_walks_at_once_apply_each_message_once(app: App, desk: Desk, inside: InboxDesk) -> None:
    for number in range(30):
        says(desk, f"word {number}")
    async with app.sessions() as db:
        account = await accounts.by_handle(db, "mira")
    store = [store_of(app, account) for _ in range(3)]

    walks = [inbox.catch_up(inbox_kit(app), account, one, app.now()) for one in store if one is not None]
    found = await asyncio.gather(*walks)

    assert sum(one.new for one in found) == len(await heard(inside)) == len(await inside.told()) == 30


async def test_what_happened_to_messages_meanwhile_is_taken_down(
    app: App, desk: Desk, inside: InboxDesk
) -> None:
    says(desk, "Yes")
    says(desk, "Never mind")
    await done(app)
    desk.admin.post(f"/people/{FRIEND}/reword", account=ME, text="Stop writing to me, unsubscribe")
    await done(app)
    await done(app)

    assert [one[3] for one in await inside.told()] == ["reply", "reply", "opt_out"]


async def test_the_mark_stays_while_the_account_is_away_and_moves_once_it_has_settled(
    app: App, desk: Desk, inside: InboxDesk
) -> None:
    await done(app)
    before = (await marked(app)).received_until
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    await reported(app, "CREDENTIALS")
    assert (await done(app))["is_connected"] is False
    assert (await marked(app)).received_until == before

    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="OK")
    desk.settings(read_lag_s=3600)  # the service still fetches what was said meanwhile
    says(desk, "I wrote while you were away")
    await reported(app, "OK")
    assert await due(app) == ["reconnect"]
    await nightly.catch_up_wanted(app)
    assert await heard(inside) == []
    assert (await marked(app)).received_until == before
    assert (await due(app), await due(app, timedelta(hours=3))) == ([], ["settled"])

    desk.settings(read_lag_s=0)
    assert (await done(app))["new"] == 1
    assert await heard(inside) == [("theirs", "I wrote while you were away")]


async def test_a_service_that_does_not_answer_is_asked_again_later(
    app: App, desk: Desk, inside: InboxDesk
) -> None:
    await done(app)
    before = (await marked(app)).received_until
    says(desk, "Hello?")
    desk.fault("status", "messages", times=20, body={"type": "account_restricted"})
    await messages.want_at_start(app, app.now() + timedelta(minutes=2))

    failed = await jobs.do(app, messages.JOB, trigger="api", by="test")
    assert failed is not None
    assert (failed.outcome.status, failed.outcome.error) == ("failed", "no_account_could_be_read")
    assert ((await marked(app)).received_until, await heard(inside)) == (before, [])

    desk.admin.delete("/faults")
    assert (await done(app))["new"] == 1


async def test_silent_webhooks_have_the_store_read(app: App, desk: Desk, inside: InboxDesk) -> None:
    await done(app)
    later = app.now() + timedelta(hours=2)

    await messages.want_silent(app, app.now())
    await inside.put(inside.message(1, "I come through"), at=later)
    await messages.want_silent(app, later)
    assert await due(app, timedelta(hours=3)) == []

    await messages.want_silent(app, later + timedelta(hours=1, minutes=1))
    assert await due(app, timedelta(hours=4)) == ["silent"]


async def test_a_start_has_everything_caught_up_with_by_the_process_itself(
    app: App, desk: Desk, inside: InboxDesk
) -> None:
    says(desk, "While you were down")

    async def is_there() -> bool:
        return await heard(inside) == [("theirs", "While you were down")]

    async with background(app, worker=False, planner=True):
        await eventually(is_there)

    async with app.sessions() as db:
        first = (await job_runs(db, "messages", 9))[-1]
    assert (first.trigger, first.by, first.status) == ("start", "schedule", "completed")


async def test_an_account_without_a_store_has_its_inbox_read_by_one_run(app: App, inside: InboxDesk) -> None:
    await add_account(app, "ada")
    states = []
    for _ in range(2):
        found = await jobs.do(app, messages.JOB, trigger="api", by="test", scope=jobs.Scope(handles=("ada",)))
        assert found is not None
        assert found.outcome.result is not None
        told: Any = found.outcome.result["accounts"]
        states.append(told["ada"]["state"])

    assert states == ["run_submitted", "run_under_way"]
    async with app.sessions() as db:
        kinds = await db.scalars(text("select touchpoint_type from runs"))
        assert kinds.all() == ["sync_inbox"]
