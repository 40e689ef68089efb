"""Firing: whose time has come submits its run, in one transaction with the note that it has."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice, takewhile
from typing import Final
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.core.ids import public_id
from overture.runs.kit import Kit
from overture.runs.schedules import store
from overture.runs.schedules.change import pause, tell
from overture.runs.schedules.cron import Cron
from overture.runs.schedules.tables import Schedule, ScheduleFire
from overture.runs.submit import RunRequest, submit
from overture.touchpoints import read_touchpoint

log = structlog.get_logger()

AT_ONCE: Final = 20  # schedules of one tick, and missed times of one schedule: the rest goes on next tick
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Due:
    """The nominal times that fire now, whether earlier ones are passed over, and when the next one comes."""

    fires: tuple[datetime, ...]
    missed_from: datetime | None
    next_at: datetime


def due(schedule: Schedule, now: datetime, on_time: timedelta) -> Due:
    """What fires of a schedule now: pure.

    A time is missed when it is more than `on_time` past: skipped, made up for by the latest only, or by all.
    """
    cron = Cron(schedule.cron, schedule.zone)
    start = schedule.next_fire_at or now
    if start > now:  # the clock went back: go on from here, what came already stays as it is
        return Due((), None, cron.first_after(now))
    if schedule.missed == "all":
        fires = tuple(takewhile(lambda fire: fire <= now, islice(cron.after(start - INSTANT), AT_ONCE)))
        return Due(fires, None, cron.first_after(fires[-1]) if fires else cron.first_after(now))
    late = schedule.missed == "latest"
    latest = cron.last_until(now, start if late else max(start, now - on_time))
    is_missed = latest is None or latest > start
    return Due((latest,) if latest else (), start if is_missed else None, cron.first_after(now))


async def fire_due(kit: Kit) -> int:
    """Submit the runs of schedules whose time has come; returns how many schedules were due.

    A transaction for each: what is wrong with one holds no other up.
    """
    for count in range(AT_ONCE):
        async with kit.sessions.begin() as db:
            now = kit.clock.now()
            schedule = await store.next_due(db, now)
            if schedule is None:
                return count
            await fire(kit, db, schedule, now)
    return AT_ONCE


async def fire(kit: Kit, db: AsyncSession, schedule: Schedule, now: datetime) -> None:
    """Let one schedule's times come."""
    coming = due(schedule, now, kit.settings.schedule_on_time)
    # Without waiting: whoever removes it holds the account, and waits for its schedules.
    if await accounts.at_hand(db, schedule.account_id) is None:
        if (await accounts.by_id(db, schedule.account_id)).removed_at is not None:
            await pause(db, schedule, now, "account_removed")
        return
    try:
        for nominal in coming.fires:
            await come(kit, db, schedule, nominal, now)
    except ValidationError:
        log.warning("schedule.paused", schedule_id=str(schedule.id), reason="touchpoint_unreadable")
        await pause(db, schedule, now, "touchpoint_unreadable")
        return
    if coming.missed_from is not None:
        await tell(db, schedule, "schedule.missed", now, since=coming.missed_from.isoformat())
    schedule.next_fire_at = coming.next_at
    schedule.last_fire_at = coming.fires[-1] if coming.fires else None


async def come(kit: Kit, db: AsyncSession, schedule: Schedule, nominal: datetime, now: datetime) -> None:
    """One nominal time: its run, unless it came before or the last run is not over.

    The schedule's row is locked, so nobody else lets the same time come meanwhile; the key of its fires would
    stop them all the same.
    """
    if await store.has_come(db, schedule.id, nominal):
        return
    is_busy = schedule.overlap == "skip" and await store.unfinished_run(db, schedule.id) is not None
    run_id = None if is_busy else await submitted(kit, db, schedule, now)
    outcome = "overlap" if is_busy else "submitted"
    db.add(ScheduleFire(schedule_id=schedule.id, fire_at=nominal, outcome=outcome, run_id=run_id, at=now))
    await db.flush()
    kind = "schedule.overlapped" if is_busy else "schedule.fired"
    facts = {"run_id": public_id("run", run_id)} if run_id else {}
    await tell(db, schedule, kind, now, fire_at=nominal.isoformat(), **facts)


async def submitted(kit: Kit, db: AsyncSession, schedule: Schedule, now: datetime) -> UUID:
    """The run of a nominal time."""
    request = RunRequest(
        handle=schedule.handle,
        touchpoint=read_touchpoint(schedule.touchpoint_input),
        tags=tuple(schedule.tags),
        priority=schedule.priority,
    )
    found = await submit(db, kit.ids, request, now, kit.lease(now))
    return found.run.id
