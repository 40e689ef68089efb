"""The planner, alone or beside the server: it ticks, and sleeps until something is due or a moment passed."""

import asyncio
import signal
from datetime import timedelta
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from overture import campaigns
from overture.entrypoints.bootstrap import App

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
AT_ONCE: Final = timedelta(milliseconds=50)
"""The pause when a tick had more to do than it may at once."""


async def keep_planning(app: App, stop: asyncio.Event) -> None:
    """Plan until told to stop; an outage of the database is logged and outlived."""
    log.info("planner.started")
    while not stop.is_set():
        try:
            ticked = await campaigns.tick(app.planner_kit, app.now())
            pause = pause_after(app, ticked)
        except OUTAGE as error:
            log.warning("planner.tick_failed", error=f"{type(error).__name__}: {error}")
            pause = app.settings.planner_tick
        sleeping = asyncio.ensure_future(app.clock.sleep(pause))
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait([sleeping, stopping], return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        stopping.cancel()
    log.info("planner.stopped")


def pause_after(app: App, ticked: campaigns.Ticked) -> timedelta:
    """How long to sleep: until something is due, and never longer than a look at the events may wait."""
    most = app.settings.planner_tick
    if ticked.next_at is None:
        return most
    return min(most, max(AT_ONCE, ticked.next_at - app.now()))


async def plan_alone(app: App) -> None:
    """Be a planner process until asked to stop (SIGTERM, SIGINT)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    await keep_planning(app, stop)
