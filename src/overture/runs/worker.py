"""A worker: performs runs, keeps their leases alive, and looks after the queue with its fellows.

Four tasks under one group; each outlives a database that is away for a moment. Any number of workers may run:
what the dispatcher does is harmless when done twice.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import ProcrastinateException
from sqlalchemy.exc import SQLAlchemyError

from overture.runs import artifacts, engine, halt, store
from overture.runs.attempt import execute
from overture.runs.kit import Kit
from overture.runs.reap import reap
from overture.runs.schedules import fire_due

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, ProcrastinateException, OSError)
"""How a database that is away shows itself."""
PRUNE_EVERY: Final = 60  # ticks between removing finished wake-ups
BEATS_PER_LEASE: Final = 3
DRAIN: Final = timedelta(seconds=20)  # how long a stopping worker lets its runs finish


def worker_name(kit: Kit) -> str:
    """A name no other worker has: machine, process, and a draw."""
    return f"{socket.gethostname()}:{os.getpid()}:{kit.ids.new().hex[-8:]}"


async def work(kit: Kit, database_url: str, stop: asyncio.Event) -> None:
    """Be a worker until `stop` is set; runs under way are then given time to finish."""
    name = worker_name(kit)
    log.info("worker.started", worker=name, concurrency=kit.settings.worker_concurrency)
    async with asyncio.TaskGroup() as group:
        active: set[tuple[UUID, int]] = set()
        beating = group.create_task(steadily(kit, beat_of(kit, active), kit.settings.lease / BEATS_PER_LEASE))
        dispatching = group.create_task(steadily(kit, dispatch_of(kit), kit.settings.tick))
        performing = group.create_task(perform_runs(kit, database_url, Hands(name, active), stop))
        await stop.wait()
        dispatching.cancel()
        await asyncio.wait([performing])
        beating.cancel()
    log.info("worker.stopped", worker=name)


@dataclass(frozen=True)
class Hands:
    """What a worker is known by, and the runs it really has under way: only those keep their lease."""

    name: str
    active: set[tuple[UUID, int]]


async def perform_runs(kit: Kit, database_url: str, hands: Hands, stop: asyncio.Event) -> None:
    """Answer wake-ups; an engine that dies of its database is started again."""
    while not stop.is_set():
        app = engine.queue_app(database_url)
        register(app, kit, hands)
        try:
            async with app.open_async():
                await until_stopped(app, kit, stop)
        except OUTAGE as error:
            log.warning("worker.engine_restarts", worker=hands.name, error=f"{type(error).__name__}: {error}")
            await kit.clock.sleep(kit.settings.tick)


async def until_stopped(app: App, kit: Kit, stop: asyncio.Event) -> None:
    """Run Procrastinate's worker until it ends or is told to."""
    running = asyncio.create_task(
        app.run_worker_async(
            queues=[engine.QUEUE],
            concurrency=kit.settings.worker_concurrency,
            install_signal_handlers=False,
            delete_jobs="always",
            # A notification that comes while a fetch finds nothing is dropped; then this is the wait.
            fetch_job_polling_interval=kit.settings.tick.total_seconds(),
            shutdown_graceful_timeout=DRAIN.total_seconds(),
            update_heartbeat_interval=max(1.0, kit.settings.lease.total_seconds() / BEATS_PER_LEASE),
            stalled_worker_timeout=max(3.0, kit.settings.lease.total_seconds()),
        )
    )
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait([running, stopping], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not running.done():
        running.cancel()  # Procrastinate takes this as a graceful stop
    try:
        await running
    except asyncio.CancelledError:
        if not stop.is_set():
            raise


def register(app: App, kit: Kit, hands: Hands) -> None:
    """Give the engine its one task."""

    @app.task(name=engine.TASK, queue=engine.QUEUE)
    async def wake(run_id: str, epoch: int) -> None:
        run = UUID(run_id)
        hands.active.add((run, epoch))
        try:
            await execute(kit, hands.name, run, epoch)
        finally:
            hands.active.discard((run, epoch))


async def steadily(kit: Kit, step: Callable[[], Awaitable[None]], every: timedelta) -> None:
    """Do a step again and again; an outage of the database is logged and outlived."""
    while True:
        try:
            await step()
        except OUTAGE as error:
            log.warning("worker.step_failed", error=f"{type(error).__name__}: {error}")
        await kit.clock.sleep(every)


def beat_of(kit: Kit, active: set[tuple[UUID, int]]) -> Callable[[], Awaitable[None]]:
    """The step that keeps this worker's leases."""

    async def beat() -> None:
        if not active:
            return
        async with kit.sessions.begin() as db:
            await store.beat(db, active, kit.lease(kit.clock.now()))

    return beat


def dispatch_of(kit: Kit) -> Callable[[], Awaitable[None]]:
    """The step that admits what is due, takes back what was lost, fires schedules, and tidies the queue."""
    ticks = 0

    async def dispatch() -> None:
        nonlocal ticks
        async with kit.sessions.begin() as db:
            now = kit.clock.now()
            await reap(kit, db, now)
            await halt.attend(kit, db, now)
            await engine.admit(db, now, kit.lease(now))
            if ticks % PRUNE_EVERY == 0:
                await engine.prune(db)
                await artifacts.prune(db, kit.artifacts_dir, now)
        await fire_due(kit)
        ticks += 1

    return dispatch
