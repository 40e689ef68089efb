"""Who changes an account at the same moment: one after the other, none shot down, nothing left behind."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, AccountChange, Limits, Window
from overture.core.clock import ManualClock
from overture.core.errors import Conflict
from overture.entrypoints.api import acts
from overture.entrypoints.bootstrap import App
from overture.runs import Run, RunRequest, schedules
from overture.runs.schedules import NewSchedule, fire_due
from overture.touchpoints import Message, SyncRelations
from product import MakeApp, add_account
from waiting import eventually

HELLO = Message(public_identifier="prisca", message="Hello")


async def change(app: App, most: int) -> object:
    wanted = AccountChange(
        limits=Limits(message=Window(per_day=most)), credentials={"username": SecretStr(f"user-{most}")}
    )
    return await acts.change_account(app, "ada", wanted)


async def submit(app: App) -> Run:
    async with app.sessions.begin() as db:
        request = RunRequest("ada", HELLO, not_before=app.now() + timedelta(days=1))
        return (await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))).run


async def see(app: App) -> Account:
    async with app.sessions() as db:
        return await accounts.by_handle(db, "ada")


async def waiting_for_a_lock(app: App) -> bool:
    async with app.sessions() as db:
        waiting = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
        return bool(await db.scalar(text(waiting)))


async def taken_for_removal(db: AsyncSession) -> Account:
    """The account as whoever removes it holds it."""
    found: Account | None = await db.scalar(select(Account).where(Account.handle == "ada").with_for_update())
    assert found is not None
    return found


async def test_changes_resumes_pauses_and_submissions_of_one_account_wait_for_each_other(
    app: App, account: str
) -> None:
    for _ in range(4):
        doing = [
            work
            for most in range(1, 5)
            for work in (
                change(app, most),
                acts.pause_account(app, "ada", None),
                acts.resume_account(app, "ada"),
                submit(app),
            )
        ]
        found = await asyncio.gather(*doing, return_exceptions=True)
        assert [one for one in found if isinstance(one, BaseException)] == []

    limits = Limits.model_validate((await see(app)).limits)
    assert limits.message.per_day in range(1, 5)


async def test_two_who_remove_and_one_who_changes_leave_it_removed_without_a_waiting_run(
    app: App, account: str
) -> None:
    found = await asyncio.gather(
        acts.remove_account(app, "ada"),
        *(submit(app) for _ in range(3)),
        acts.remove_account(app, "ada"),
        change(app, 3),
        return_exceptions=True,
    )
    refusals = {getattr(one, "code", type(one)) for one in found if isinstance(one, BaseException)}
    assert refusals <= {"account_not_found"}
    async with app.sessions() as db:
        gone = await db.scalar(select(Account.removed_at).where(Account.handle == "ada"))
        left = list(await db.scalars(select(Run.status).where(Run.completed_at.is_(None))))
    assert (gone is not None, left) == (True, [])


async def test_a_resume_sees_what_a_run_being_recorded_does_to_the_account(app: App, account: str) -> None:
    """The run opens the breaker while a person resumes: the resume is the later word, and is written down."""
    async with app.sessions() as db:
        recording = await accounts.to_change(db, "ada")
        await accounts.set_state(db, recording, "paused", app.now(), reason="circuit_open")
        await db.flush()
        resuming = asyncio.create_task(acts.resume_account(app, "ada"))
        await eventually(lambda: waiting_for_a_lock(app))
        await db.commit()
        await resuming

    assert (await see(app)).state == "active"


async def test_a_retry_of_a_run_whose_account_is_just_removed_is_refused(app: App, account: str) -> None:
    run = await submit(app)
    await acts.cancel_run(app, run.id)
    async with app.sessions() as db:
        await accounts.remove(db, app.vault, await taken_for_removal(db), app.now())
        await db.flush()
        retrying = asyncio.create_task(acts.retry_run(app, run.id))
        await eventually(lambda: waiting_for_a_lock(app))
        await db.commit()
        with pytest.raises(Conflict):
            await retrying

    async with app.sessions() as db:
        assert (await runs.by_id(db, run.id)).status == "cancelled"


async def test_schedules_do_not_wait_for_who_removes_their_account(make_app: MakeApp) -> None:
    """They hold the schedule, and the other one wants it: waiting, both would wait for ever."""
    app = await make_app(clock := ManualClock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC)))
    await add_account(app, "ada")
    async with app.sessions.begin() as db:
        wanted = NewSchedule("ada", SyncRelations(), "* * * * *")
        made = await schedules.create(db, app.ids.new(), wanted, app.now())
    clock.advance(timedelta(minutes=1))
    async with app.sessions() as db:
        await taken_for_removal(db)
        async with asyncio.timeout(10):
            await fire_due(app.kit)
        await schedules.pause_all(db, made.account_id, app.now(), "account_removed")
        await db.rollback()

    async def count() -> int:
        async with app.sessions() as db:
            return len(list(await db.scalars(select(Run.id))))

    assert await count() == 0
    await fire_due(app.kit)
    assert await count() == 1
