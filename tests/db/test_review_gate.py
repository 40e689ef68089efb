"""The gate knows a person by every name their run has: what came of earlier acts, and who is suppressed."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from crowd import profile_id, suppress
from overture import accounts, runs
from overture.entrypoints.bootstrap import App
from overture.people import suppression
from overture.runs import Go, Never, Passage, Run, RunRequest, Wait, gate
from overture.touchpoints import Connect, Message, Touchpoint, WithdrawInvite
from product import add_account

ID = profile_id(7)
NAMES = ("prisca", ID)


async def asked_for(app: App, db: AsyncSession, touchpoint: Touchpoint, now: datetime, *known_as: str) -> Run:
    """A run, not handed on."""
    request = RunRequest("ada", touchpoint, not_before=now + timedelta(days=99), known_as=known_as)
    return (await runs.submit(db, app.ids, request, now, now)).run


async def asked(app: App, db: AsyncSession, run: Run, touchpoint: Touchpoint, now: datetime) -> Passage:
    """What the gate says."""
    account = await accounts.by_id(db, run.account_id)
    return await gate.ask(db, gate.Asked(run, touchpoint, account, now))


@pytest.mark.parametrize(("earlier", "name"), [NAMES, NAMES[::-1]])
async def test_an_act_that_is_not_settled_holds_back_the_next_under_another_name(
    app: App, earlier: str, name: str
) -> None:
    await add_account(app, "ada")
    now = app.now()
    async with app.sessions() as db:
        before = await asked_for(app, db, Message(public_identifier=earlier, message="One"), now)
        before.status, before.effect, before.intended_at = "held", "unknown", now - timedelta(days=1)
        second = Message(public_identifier=name, message="Two")
        stranger = await asked_for(app, db, second, now)
        known = await asked_for(app, db, second, now, earlier)
        await db.flush()
        assert isinstance(await asked(app, db, stranger, second, now), Go)
        held = await asked(app, db, known, second, now)
    assert isinstance(held, Wait)
    assert held.reason == "target_unresolved"


async def test_an_invitation_that_was_taken_back_counts_under_another_name(app: App) -> None:
    await add_account(app, "ada")
    now = app.now()
    async with app.sessions() as db:
        back = await asked_for(app, db, WithdrawInvite(public_identifier=ID), now)
        back.status, back.effect, back.completed_at = "completed", "confirmed", now
        back.intended_at, back.next_at, back.wait_reason = now - timedelta(hours=1), None, None
        anew = Connect(public_identifier="prisca")
        run = await asked_for(app, db, anew, now, ID)
        await db.flush()
        assert isinstance(await asked(app, db, run, anew, now), Never)


async def test_who_is_suppressed_under_another_name_of_the_run_is_not_reached(app: App) -> None:
    """The name it goes by is nobody's any more (two leads were taken apart); the other one is suppressed."""
    await add_account(app, "ada")
    await suppress(app, "linkedin", ID)
    now = app.now()
    async with app.sessions() as db:
        run = await asked_for(app, db, Message(public_identifier="prisca", message="Hi"), now, ID)
        await db.flush()
        assert isinstance(await suppression.veto(db, run, now), Never)
