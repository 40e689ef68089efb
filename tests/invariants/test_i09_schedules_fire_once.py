"""I9: at most one run for each nominal time of a schedule, whoever looks, however often the clock jumps."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from overture import accounts
from overture.core.clock import ManualClock
from overture.core.rng import Rng
from overture.entrypoints.bootstrap import App
from overture.runs import Run, cancel, schedules
from overture.runs.schedules import Cron, Missed, NewSchedule, Overlap, Schedule, ScheduleFire, fire_due
from overture.touchpoints import SyncRelations
from product import MakeApp, add_account

START = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)  # the evening before Europe's clocks go forward
HOUR = timedelta(hours=1)


async def scheduled(
    app: App,
    cron: str = "*/10 * * * *",
    zone: str = "Europe/Berlin",
    missed: Missed = "skip",
    overlap: Overlap = "queue",
) -> Schedule:
    wanted = NewSchedule("ada", SyncRelations(), cron, zone, missed, overlap)
    async with app.sessions.begin() as db:
        return await schedules.create(db, app.ids.new(), wanted, app.now())


async def fires(app: App) -> list[ScheduleFire]:
    async with app.sessions() as db:
        return list(await db.scalars(select(ScheduleFire).order_by(ScheduleFire.fire_at)))


async def submitted_runs(app: App) -> int:
    async with app.sessions() as db:
        return len(list(await db.scalars(select(Run.id))))


async def cancel_runs(app: App) -> None:
    async with app.sessions.begin() as db:
        for run in await db.scalars(select(Run).where(Run.status == "pending")):
            await cancel(db, run, app.now())


async def stage(make_app: MakeApp) -> tuple[App, ManualClock]:
    clock = ManualClock(START)
    app = await make_app(clock)
    await add_account(app, "ada")
    return app, clock


@pytest.mark.parametrize("seed", range(4))
async def test_no_time_comes_twice_across_workers_and_clock_jumps(make_app: MakeApp, seed: int) -> None:
    app, clock = await stage(make_app)
    every = [await scheduled(app, missed=missed) for missed in schedules.MISSED]  # type: ignore[arg-type]
    rng = Rng(b"jumps").stream(seed)

    for _ in range(40):
        clock.advance(timedelta(minutes=rng.choice([0, 1, 3, 10, 11, 45, 600, -2, -30, -400])))
        await asyncio.gather(*(fire_due(app.kit) for _ in range(3)))

    came = await fires(app)
    assert len(came) > 20
    assert len({(fire.schedule_id, fire.fire_at) for fire in came}) == len(came)
    assert len({fire.run_id for fire in came}) == len(came) == await submitted_runs(app)
    for schedule in every:
        cron = Cron(schedule.cron, schedule.zone)
        mine = [fire.fire_at for fire in came if fire.schedule_id == schedule.id]
        assert [cron.first_after(at - timedelta(seconds=1)) for at in mine] == mine


@pytest.mark.parametrize(
    ("missed", "expected"), [("skip", 1), ("latest", 1), ("all", 19)], ids=["skip", "latest", "all"]
)
async def test_what_passed_while_nothing_ran_follows_the_policy(
    make_app: MakeApp, missed: Missed, expected: int
) -> None:
    app, clock = await stage(make_app)
    await scheduled(app, missed=missed)

    clock.advance(3 * HOUR + timedelta(minutes=11))  # 19 times of ten minutes, the newest a minute ago
    for _ in range(3):
        await fire_due(app.kit)

    came = await fires(app)
    assert len(came) == expected
    assert came[-1].fire_at == START + 3 * HOUR + timedelta(minutes=10)


@pytest.mark.parametrize(("missed", "expected"), [("skip", 0), ("latest", 1)], ids=["skip", "latest"])
async def test_a_time_long_past_was_missed(make_app: MakeApp, missed: Missed, expected: int) -> None:
    app, clock = await stage(make_app)
    await scheduled(app, cron="30 1 * * *", missed=missed)

    clock.advance(12 * HOUR)
    await fire_due(app.kit)

    assert len(await fires(app)) == expected


async def test_daily_times_come_once_a_day_where_clocks_change(make_app: MakeApp) -> None:
    app, clock = await stage(make_app)
    await scheduled(app, cron="30 2 * * *")  # in the gap of the 29th

    for _ in range(3 * 24 * 12):
        clock.advance(timedelta(minutes=5))
        await fire_due(app.kit)

    assert [fire.fire_at.isoformat() for fire in await fires(app)] == [
        "2026-03-29T01:00:00+00:00",  # 03:00 in Berlin, the first minute there is
        "2026-03-30T00:30:00+00:00",
        "2026-03-31T00:30:00+00:00",
    ]


async def test_while_the_run_before_is_not_over_times_pass(make_app: MakeApp) -> None:
    app, clock = await stage(make_app)
    await scheduled(app, overlap="skip")
    async with app.sessions.begin() as db:  # so that its runs stay pending
        ada = await accounts.by_handle(db, "ada")
        await accounts.set_state(db, ada, "paused", app.now(), reason="operator")

    for _ in range(3):
        clock.advance(timedelta(minutes=10))
        await fire_due(app.kit)
    await cancel_runs(app)
    clock.advance(timedelta(minutes=10))
    await fire_due(app.kit)

    assert [fire.outcome for fire in await fires(app)] == ["submitted", "overlap", "overlap", "submitted"]


async def test_a_worker_fires_what_is_due(make_app: MakeApp) -> None:
    app, clock = await stage(make_app)
    await scheduled(app)
    clock.advance(timedelta(minutes=10))

    assert await fire_due(app.kit) == 1
    assert await fire_due(app.kit) == 0
