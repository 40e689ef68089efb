"""Nights: each job at most once in each over all copies of the process, and a failing one in nobody's way."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overture.accounts import SwitchOrder, turn
from overture.core.clock import ManualClock
from overture.db import DIED, STOPPED, JobRun, Wish, begin_job, job_runs, last_jobs, newest_night
from overture.entrypoints import jobs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs import JOBS, nightly
from overture.entrypoints.jobs.doing import Doing, Job
from overture.entrypoints.jobs.hours import SPREAD, Nights
from product import MakeApp, add_account
from waiting import eventually

EVENING = datetime(2026, 3, 2, 20, 0, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(EVENING)


@pytest.fixture
async def app(make_app: MakeApp, clock: ManualClock) -> App:
    made = await make_app(clock=clock)
    await add_account(made, "ada")
    return made


async def look(app: App) -> None:
    """One copy of the process that has just begun looks what is due."""
    await nightly.look(app, nightly.Keeper())


async def history(app: App, job: str = "rate_usage") -> list[JobRun]:
    async with app.sessions() as db:
        return list(reversed(await job_runs(db, job, 100)))


async def test_each_job_is_done_once_a_night_over_two_copies(app: App, clock: ManualClock) -> None:
    await look(app)
    assert await history(app) == []  # the first night it sees has nothing to compare

    for _ in range(3):
        clock.advance(timedelta(hours=12))  # 08:00, after the night
        await asyncio.gather(look(app), look(app))
        await look(app)
        clock.advance(timedelta(hours=12))
        await look(app)

    for job in JOBS:
        done = await history(app, job)
        assert [one.night for one in done] == [date(2026, 3, 3), date(2026, 3, 4), date(2026, 3, 5)], job
        assert {(one.status, one.trigger, one.by) for one in done} == {("completed", "nightly", "schedule")}


async def test_a_missed_night_is_made_up_for_once(app: App, clock: ManualClock) -> None:
    await look(app)
    clock.advance(timedelta(days=4))  # nobody was there

    await look(app)
    await look(app)

    assert [one.night for one in await history(app)] == [date(2026, 3, 6)]


async def broken(_: Doing) -> dict[str, object]:
    raise LookupError("a bug of ours")


async def test_a_failing_job_ends_its_run_and_not_the_process(app: App, clock: ManualClock) -> None:
    job = Job("broken", "It fails.", broken)
    await look(app)
    await nightly.keep_night(app, job, app.now())
    clock.advance(timedelta(hours=12))

    await nightly.keep_night(app, job, app.now())
    await nightly.keep_night(app, job, app.now())

    (one,) = await history(app, "broken")
    assert (one.status, one.error, one.result) == ("failed", "error:LookupError", None)
    await look(app)
    assert [one.status for one in await history(app)] == ["completed"]


async def test_a_job_whose_process_is_gone_is_taken_up_by_another(app: App, clock: ManualClock) -> None:
    await look(app)
    clock.advance(timedelta(hours=12))
    night = nightly.nights_of(app).newest("rate_usage", app.now())
    async with app.sessions.begin() as db:
        assert await begin_job(
            db, app.ids.new(), Wish("rate_usage", "nightly", "schedule", night=night), app.now()
        )

    await look(app)
    assert [one.status for one in await history(app)] == ["running"]
    assert await jobs.do(app, JOBS["rate_usage"], trigger="api", by="test") is None

    clock.advance(timedelta(minutes=31))
    await look(app)
    assert [(one.status, one.error) for one in await history(app)] == [("failed", DIED), ("completed", None)]


async def test_a_job_that_is_stopped_gives_its_night_back(app: App, clock: ManualClock) -> None:
    begun, never = asyncio.Event(), asyncio.Event()

    async def waits(_: Doing) -> dict[str, object]:
        begun.set()
        await never.wait()
        return {}

    job = Job("slow", "It waits.", waits)
    doing = asyncio.create_task(jobs.do(app, job, trigger="nightly", by="schedule", night=date(2026, 3, 2)))
    await begun.wait()
    doing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await doing

    (one,) = await history(app, "slow")
    assert (one.status, one.error, one.night) == ("failed", STOPPED, None)


async def test_what_holds_a_job_is_told_and_its_night_is_made_up_for(app: App, clock: ManualClock) -> None:
    await look(app)
    async with app.sessions.begin() as db:
        await turn(db, SwitchOrder("global", "", True, "a test", "test"), app.now())
    clock.advance(timedelta(hours=12))
    await look(app)

    held = {one.job.name: (one.held, one.last is not None) for one in await jobs.outlook(app)}
    assert held["relations"] == ("kill_switch", False)
    assert held["rate_usage"] == (None, True)

    async with app.sessions.begin() as db:
        await turn(db, SwitchOrder("global", "", False, "a test", "test"), app.now())
    await look(app)
    assert [one.status for one in await history(app, "relations")] == ["completed"]


async def test_nights_can_be_switched_off(make_app: MakeApp, clock: ManualClock) -> None:
    app = await make_app(clock=clock, reconcile_nightly=False)
    clock.advance(timedelta(days=2))
    await look(app)

    async with app.sessions() as db:
        assert await last_jobs(db) == {}
        assert await newest_night(db, "messages", app.now()) is None
    assert {(one.held, one.next_at) for one in await jobs.outlook(app)} == {("off", None)}


async def test_what_comes_next_is_told(app: App, clock: ManualClock) -> None:
    await look(app)
    before = {one.job.name: one.next_at for one in await jobs.outlook(app)}
    for at in before.values():
        assert at is not None
        assert datetime(2026, 3, 3, 3, tzinfo=UTC) <= at < datetime(2026, 3, 3, 4, tzinfo=UTC)
    assert len(set(before.values())) == len(JOBS)  # spread, not all at once

    at = before["messages"]
    assert at is not None
    clock.advance(at - app.now() - timedelta(seconds=1))
    await look(app)
    assert await history(app, "messages") == []
    clock.advance(timedelta(seconds=1))
    await look(app)
    assert len(await history(app, "messages")) == 1


NOWS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
ZONES = st.sampled_from(("UTC", "Europe/Paris", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe"))


@settings(max_examples=40)
@given(hour=st.integers(0, 23), zone=ZONES, now=NOWS)
def test_the_newest_night_is_the_last_whose_time_has_come(hour: int, zone: str, now: datetime) -> None:
    nights = Nights(hour, zone)
    night = nights.newest("messages", now)

    assert nights.at("messages", night) <= now < nights.at("messages", night + timedelta(days=1))
    drawn = nights.at("messages", night) - datetime.combine(night, time(hour), ZoneInfo(zone))
    assert timedelta() <= drawn <= SPREAD


async def test_jobs_run_beside_the_planner(make_app: MakeApp) -> None:
    from overture.entrypoints.serve import background

    app = await make_app(planner_tick=timedelta(milliseconds=20))

    async def is_seen() -> Any:
        async with app.sessions() as db:
            return await newest_night(db, "rate_usage", app.now())

    async with background(app, worker=False, planner=True):
        assert await eventually(is_seen) is not None
