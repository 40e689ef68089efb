"""The planner, alone or beside the server: it ticks, and sleeps until something is due or a moment passed.

Beside it, where a language model is set up, the drafts that wait for it are written.
"""

import asyncio
import contextlib
import signal
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, Final

import httpx2
import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from overture import campaigns
from overture.entrypoints import jobs, receiving, reconciling, unipile_health
from overture.entrypoints.bootstrap import App

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)
AT_ONCE: Final = timedelta(milliseconds=50)
"""The pause when a tick had more to do than it may at once."""
MOST_DRAFTS: Final = 5
"""Drafts that are claimed at a time; they are written one after the other."""


async def keep_planning(app: App, stop: asyncio.Event) -> None:
    """Plan, have drafts written, and take in what comes, until told to stop."""
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_ticking(app, stop))
        group.create_task(keep_writing(app, stop))
        group.create_task(receiving.keep_receiving(app, stop))
        group.create_task(unipile_health.keep_asking(app, stop))
        group.create_task(jobs.keep_jobs(app, stop))
        group.create_task(reconciling.keep_reconciling(app, stop))


async def keep_ticking(app: App, stop: asyncio.Event) -> None:
    """Tick until told to stop; an outage of the database is logged and outlived."""
    log.info("planner.started")
    while not stop.is_set():
        try:
            ticked = await campaigns.tick(app.planner_kit, app.now())
            pause = pause_after(app, ticked)
        except OUTAGE as error:
            log.warning("planner.tick_failed", error=f"{type(error).__name__}: {error}")
            pause = app.settings.planner_tick
        except campaigns.SPOILING:  # a planner that died of it would leave everybody waiting
            log.exception("planner.tick_broken")
            pause = app.settings.planner_tick
        await until_stopped(stop, app.clock.sleep(pause))
    log.info("planner.stopped")


def pause_after(app: App, ticked: campaigns.Ticked) -> timedelta:
    """How long to sleep: until something is due, and never longer than a look at the events may wait."""
    most = app.settings.planner_tick
    if ticked.next_at is None:
        return most
    return min(most, max(AT_ONCE, ticked.next_at - app.now()))


async def keep_writing(app: App, stop: asyncio.Event) -> None:
    """Have the model write what waits for it until told to stop; without a model there is nothing to do.

    Being stopped in the middle of a text costs that text alone: its draft is taken up again after its lease.
    """
    async with httpx2.AsyncClient() as http:
        writer = campaigns.Writer(http, app.clock, app.settings)
        if not writer.is_set_up:
            return
        log.info("writer.started", model=app.settings.llm_model)
        while not stop.is_set():
            await until_stopped(stop, write_some(app, writer))
        log.info("writer.stopped")


async def write_some(app: App, writer: campaigns.Writer) -> None:
    """Write the drafts whose time has come, and rest unless there may be more."""
    begun = 0
    try:
        begun = await campaigns.write_drafts(app.planner_kit, writer, MOST_DRAFTS)
    except OUTAGE as error:
        log.warning("writer.failed", error=f"{type(error).__name__}: {error}")
    if begun < MOST_DRAFTS:
        await app.clock.sleep(app.settings.planner_tick)


async def until_stopped(stop: asyncio.Event, doing: Coroutine[Any, Any, None]) -> None:
    """Do this, or as much of it as there is time for before the stop; what goes wrong in it is raised."""
    task, stopping = asyncio.create_task(doing), asyncio.create_task(stop.wait())
    try:
        await asyncio.wait([task, stopping], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not task.done():
            task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def plan_alone(app: App) -> None:
    """Be a planner process until asked to stop (SIGTERM, SIGINT)."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, stop.set)
    await keep_planning(app, stop)
