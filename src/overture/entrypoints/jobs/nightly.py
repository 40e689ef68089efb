"""The loop of reconciliation: what an outage left is caught up with at once, the rest is done every night."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from overture import accounts, inbox
from overture.db import Wish, newest_night, skip_night, tidy_jobs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.jobs import messages
from overture.entrypoints.jobs.doing import Job, Scope, do
from overture.entrypoints.jobs.hours import Nights
from overture.entrypoints.jobs.registry import JOBS
from overture.entrypoints.loop import rest
from overture.entrypoints.receiving import Rounds

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
LOOK_EVERY: Final = timedelta(minutes=1)
"""How often it is looked whether a night has come, and whether deliveries have."""
TIDY_EVERY: Final = timedelta(hours=6)
MOST_READINGS: Final = 20
"""Readings of the log in one look."""
KEPT_FOR: Final = timedelta(days=90)
BY: Final = "schedule"


def nights_of(app: App) -> Nights:
    """When the nights are."""
    return Nights(app.settings.reconcile_hour, app.settings.reconcile_zone)


class Keeper:
    """What one process remembers between two looks."""

    def __init__(self) -> None:
        self.rounds = Rounds()
        self.has_started = False


async def keep_jobs(app: App, stop: asyncio.Event) -> None:
    """Reconcile until told to stop; an outage of the database is logged and outlived."""
    keeper = Keeper()
    while not stop.is_set():
        try:
            await look(app, keeper)
        except OUTAGE as error:
            log.warning("job.look_failed", error=f"{type(error).__name__}: {error}")
        except inbox.SPOILING:  # a loop that died of it would leave the next outage unmended
            log.exception("job.look_broken")
        await rest(app.clock, app.settings.planner_tick, stop)


async def look(app: App, keeper: Keeper) -> None:
    """Do what is due."""
    now = app.now()
    if not keeper.has_started:
        await messages.want_at_start(app, now)
        keeper.has_started = True
    await follow_reports(app, now)
    if keeper.rounds.is_time("look", LOOK_EVERY, now):
        await messages.want_silent(app, now)
        for job in JOBS.values():
            await keep_night(app, job, now)
    if keeper.rounds.is_time("tidy", TIDY_EVERY, now):
        async with app.sessions.begin() as db:
            await tidy_jobs(db, now - KEPT_FOR)
    await catch_up_wanted(app)


async def follow_reports(app: App, now: datetime) -> None:
    """Take in which accounts came back; an import's million events are passed over in some looks."""
    for _ in range(MOST_READINGS):
        async with app.sessions.begin() as db:
            if await inbox.marks.follow_reports(db, now):
                return


async def catch_up_wanted(app: App) -> None:
    """Catch up with the accounts that are due, together."""
    async with app.sessions() as db:
        due = await inbox.marks.due(db, app.now())
        handles = await handles_of(app, due)
    if not handles:
        return
    trigger = next(iter(due.values()))
    done = await do(app, messages.JOB, trigger=trigger, by=BY, scope=Scope(handles=tuple(handles)))
    if done is not None and done.outcome.status == "failed":
        async with app.sessions.begin() as db:
            for account_id in due:
                await inbox.marks.put_off(db, account_id, app.now() + messages.TRY_AGAIN)


async def handles_of(app: App, due: Mapping[UUID, str]) -> list[str]:
    """The handles of accounts that are still there."""
    async with app.sessions() as db:
        found = await accounts.by_ids(db, list(due))
    return sorted(one.handle for one in found.values() if one.removed_at is None)


async def keep_night(app: App, job: Job, now: datetime) -> None:
    """Do a job if its night has come and no copy has begun it; a missed night is made up for the same day.

    The first night an installation sees has passed without anything to compare.
    """
    if not app.settings.reconcile_nightly:
        return
    night = nights_of(app).newest(job.name, now)
    async with app.sessions.begin() as db:
        known = await newest_night(db, job.name, now)
        if known is None:
            await skip_night(db, app.ids.new(), Wish(job.name, messages.NIGHTLY, BY, night=night), now)
    if known is None or known >= night or await job.held(app) is not None:
        return
    await do(app, job, trigger=messages.NIGHTLY, by=BY, night=night)
