"""I18: a dry run goes up to the act, says what it would do and what the gate says, and changes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

import fakes
from fakes import ScriptedProvider
from onsite import open_site
from overture import accounts, runs
from overture.accounts import Limits, Window
from overture.core.reasons import Reason
from overture.entrypoints.api.switching import SwitchRequest, turn_switch
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.runs import Run, RunRequest
from overture.touchpoints import CheckConnection, Connect, Message, Touchpoint, Visit
from product import MakeApp, add_account
from waiting import eventually

OF_THE_RUN_ITSELF = ("runs", "attempts", "artifacts", "events")


async def business_tables(app: App) -> dict[str, list[str]]:
    """Every row of every table that is not about a run itself, as text."""
    async with app.sessions() as db:
        found = await db.scalars(text("select tablename from pg_tables where schemaname = 'public'"))
        names = [
            name
            for name in sorted(found)
            if name not in OF_THE_RUN_ITSELF and not name.startswith(("procrastinate_", "alembic_"))
        ]
        assert {"accounts", "account_secrets", "account_breakers", "kill_switches"} <= set(names)
        return {
            name: list(await db.scalars(text(f'select t::text from "{name}" t order by 1'))) for name in names
        }


async def other_runs(app: App) -> list[str]:
    async with app.sessions() as db:
        return list(await db.scalars(text("select r::text from runs r where not dry_run order by 1")))


async def submit(app: App, touchpoint: Touchpoint, **more: Any) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest("ada", touchpoint, **more)
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def see(app: App, run: Run) -> Run:
    async with app.sessions() as db:
        return await runs.by_id(db, run.id)


async def over(app: App, run: Run, patience: float = 15.0) -> Run:
    async def look() -> Run | None:
        found = await see(app, run)
        return found if found.completed_at else None

    return await eventually(look, patience)


async def waits_for(app: App, run: Run, reason: Reason) -> None:
    async def look() -> bool:
        found = await see(app, run)
        return (found.status, found.wait_reason) == ("pending", reason)

    await eventually(look)


@pytest.mark.browser
@pytest.mark.slow
async def test_the_site_and_the_tables_are_the_same_before_and_after(make_app: MakeApp) -> None:
    async with open_site(make_app) as site:
        username = await site.account("ada")
        known, stranger = site.person(username, "connected"), site.person(username)
        await site.perform("ada", CheckConnection(public_identifier=known))  # logs in; the session is kept
        ledger, tables, others = site.ledger(), await business_tables(site.app), await other_runs(site.app)
        message, connect = [
            await over(site.app, await submit(site.app, touchpoint, dry_run=True), 60)
            for touchpoint in (
                Message(public_identifier=known, message="Hello"),
                Connect(public_identifier=stranger, note="Hello"),
            )
        ]
        visit = await over(
            site.app, await submit(site.app, Visit(public_identifier=stranger), dry_run=True), 60
        )

        for run in (message, connect, visit):
            assert (run.status, run.effect, run.intended_at) == ("completed", "none", None), run.error
            assert run.result is not None
            assert run.result["gate"] == {"allowed": True}
        assert site.ledger() == ledger
        assert await business_tables(site.app) == tables
        assert await other_runs(site.app) == others


async def test_a_used_up_quota_is_told_not_waited_for(make_app: MakeApp) -> None:
    app = await make_app()
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    await add_account(app, "ada", Limits(message=Window(per_day=1), min_gap_s=0))
    async with background(app, worker=True):
        first = await over(app, await submit(app, Message(public_identifier="prisca", message="Hi")))
        before = await business_tables(app)
        dry = await over(
            app, await submit(app, Message(public_identifier="jonas", message="Hi"), dry_run=True)
        )

    assert first.intended_at is not None
    assert dry.result is not None
    gate = dry.result["gate"]
    assert isinstance(gate, dict)
    frees_at = first.intended_at + timedelta(hours=24)
    assert (gate["allowed"], gate["reason"]) == (False, "daily_quota")
    assert frees_at <= datetime.fromisoformat(gate["next_slot_at"]) <= frees_at + timedelta(minutes=5)
    assert dry.result["would"] == {"touchpoint_type": "message", "target": "jonas", "handle": "ada"}
    assert provider.phases("jonas") == ["prepare", "look", "abandon"]
    assert [sent.target for sent in provider.sent] == ["prisca"]
    assert await business_tables(app) == before


async def test_a_dry_run_uses_up_nothing(make_app: MakeApp) -> None:
    app = await make_app()
    await add_account(app, "ada", Limits(message=Window(per_day=1), visit=Window(per_day=1), min_gap_s=0))
    async with background(app, worker=True):
        for who in ("prisca", "jonas"):
            for touchpoint in (Message(public_identifier=who, message="Hi"), Visit(public_identifier=who)):
                dry = await over(app, await submit(app, touchpoint, dry_run=True))
                assert dry.result is not None
                assert dry.result["gate"] == {"allowed": True}


async def test_a_kill_switch_and_a_paused_account_hold_it_all_the_same(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    """It opens a session, so it is no exception."""
    hello = Message(public_identifier="prisca", message="Hi")
    await turn_switch(app, SwitchRequest(scope="global", on=True), by="test")
    run = await submit(app, hello, dry_run=True)
    await waits_for(app, run, Reason.KILL_SWITCH)
    async with app.sessions.begin() as db:
        await accounts.set_state(db, await accounts.by_handle(db, account), "paused", app.now())
    await turn_switch(app, SwitchRequest(scope="global", on=False), by="test")
    waiting = await submit(app, hello, dry_run=True)
    assert (await see(app, waiting)).status == "pending"
    assert provider.calls == []

    async with app.sessions.begin() as db:
        await accounts.set_state(db, await accounts.by_handle(db, account), "active", app.now())
    assert [(await over(app, one)).status for one in (run, waiting)] == ["completed", "completed"]
    assert provider.sent == []


async def test_what_would_be_refused_is_refused_in_a_dry_run(
    app: App, provider: ScriptedProvider, account: str, worker: None
) -> None:
    provider.script("prisca", fakes.replied())
    dry = await over(app, await submit(app, Message(public_identifier="prisca", message="Hi"), dry_run=True))

    assert (dry.status, dry.error_code) == ("failed", "replied_already")
