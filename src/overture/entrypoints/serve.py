"""The long-running processes: the server with its embedded worker, and the worker alone."""

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from typing import Final

import structlog

from overture import runs
from overture.db.embedded import DatabaseUnavailable
from overture.entrypoints.bootstrap import App

log = structlog.get_logger()

BUGS: Final = (RuntimeError, OSError, ValueError, TypeError, LookupError, AttributeError, AssertionError)
"""What a worker or planner may die of without taking the doors down."""


@contextlib.asynccontextmanager
async def background(app: App, *, worker: bool, planner: bool = False) -> AsyncIterator[asyncio.Event]:
    """What runs beside the doors: the embedded database's guard and, if wanted, a worker and the planner.

    Yields the event that stops them; leaving waits until runs under way have finished.
    """
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        guard = group.create_task(guard_database(app)) if app.embedded is not None else None
        working = group.create_task(keep_working(app, stop)) if worker else None
        planning = group.create_task(keep_planning(app, stop)) if planner else None
        try:
            yield stop
        finally:
            stop.set()
            ending = [task for task in (working, planning) if task is not None]
            if ending:
                await asyncio.wait(ending)
            if guard is not None:
                guard.cancel()


async def keep_working(app: App, stop: asyncio.Event) -> None:
    """A worker that is started again when it dies: its failure must not take the doors down, nor stay unseen.

    The group of exceptions is the worker's own (a bug, or an outage outlasting it); runs it held go on by
    their leases.
    """
    while not stop.is_set():
        try:
            await runs.work(app.kit, app.database_url, stop)
        except* BUGS as group:
            log.exception("worker.died", errors=[repr(error) for error in group.exceptions])
            await app.clock.sleep(app.settings.tick)


async def guard_database(app: App) -> None:
    """Start the embedded server again whenever it is gone."""
    if app.embedded is None:
        return
    while True:
        try:
            await asyncio.to_thread(app.embedded.ensure_running)
        except DatabaseUnavailable as error:
            log.error("database.unavailable", error=str(error))  # noqa: TRY400 - the sentence says it all
        await app.clock.sleep(app.settings.tick)


async def work_alone(app: App) -> None:
    """Be a worker process until asked to stop (SIGTERM, SIGINT)."""
    async with background(app, worker=True) as stop:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(sign, stop.set)
        await stop.wait()


async def keep_planning(app: App, stop: asyncio.Event) -> None:
    """The planner of campaigns, which the touchpoints stand without; like a worker it is started again."""
    from overture.entrypoints import planning  # noqa: PLC0415 - they are not even imported then

    while not stop.is_set():
        try:
            await planning.keep_planning(app, stop)
        except* BUGS as group:
            log.exception("planner.died", errors=[repr(error) for error in group.exceptions])
            await app.clock.sleep(app.settings.planner_tick)
