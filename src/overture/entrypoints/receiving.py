"""The inbox at work: deliveries are applied, runs' readings taken in, and people recognised in them."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from overture import inbox
from overture.entrypoints.bootstrap import App
from overture.entrypoints.loop import rest
from overture.inbox import InboxKit, unipile

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
RECOGNISE_EVERY: Final = timedelta(seconds=15)
TIDY_EVERY: Final = timedelta(hours=1)
MOST_TURNS: Final = 20
"""Batches of deliveries that are applied before the log is looked at again."""


def inbox_kit(app: App) -> InboxKit:
    """What the inbox takes of the product."""
    keep_for = timedelta(days=app.settings.webhook_days)
    kit = InboxKit(app.sessions, app.ids, {unipile.NAME: unipile.read}, keep_for)
    if app.on_step is None:
        return kit
    return InboxKit(app.sessions, app.ids, kit.readers, keep_for, app.on_step)


class Rounds:
    """What is done now and then."""

    def __init__(self) -> None:
        self._done_at: dict[str, datetime] = {}

    def is_time(self, what: str, every: timedelta, now: datetime) -> bool:
        """Whether it is time for this; if so, it counts as done."""
        done_at = self._done_at.get(what)
        if done_at is not None and now - done_at < every:
            return False
        self._done_at[what] = now
        return True


async def keep_receiving(app: App, stop: asyncio.Event) -> None:
    """Take in what comes until told to stop; an outage of the database is logged and outlived."""
    kit, rounds = inbox_kit(app), Rounds()
    log.info("inbox.started")
    while not stop.is_set():
        is_idle = True
        try:
            is_idle = await take_in(kit, rounds, app.now())
        except OUTAGE as error:
            log.warning("inbox.turn_failed", error=f"{type(error).__name__}: {error}")
        except inbox.SPOILING:  # an inbox that died of it would leave every answer unread
            log.exception("inbox.turn_broken")
        if is_idle:
            await rest(app.clock, app.settings.inbox_tick, stop)
    log.info("inbox.stopped")


async def take_in(kit: InboxKit, rounds: Rounds, now: datetime) -> bool:
    """Apply what waits and follow the log; whether there was nothing more to do."""
    count = 0
    for _ in range(MOST_TURNS):
        count = await inbox.turn(kit, now)
        if not count:
            break
    is_all = await inbox.follow(kit, now)
    if rounds.is_time("recognise", RECOGNISE_EVERY, now):
        await inbox.recognise(kit, now)
    if rounds.is_time("tidy", TIDY_EVERY, now):
        await inbox.tidy(kit, now)
    return is_all and not count
