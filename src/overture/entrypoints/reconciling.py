"""Reconciliations at work: carried on step by step beside the planner, by whichever process is there."""

import asyncio
from typing import Final

import psycopg
import structlog
from sqlalchemy.exc import SQLAlchemyError

from overture.campaigns import SPOILING, reconcile
from overture.entrypoints.bootstrap import App
from overture.entrypoints.loop import rest

log = structlog.get_logger()

OUTAGE: Final = (SQLAlchemyError, psycopg.Error, OSError)


async def keep_reconciling(app: App, stop: asyncio.Event) -> None:
    """Carry on what is under way until told to stop; an outage of the database is logged and outlived."""
    while not stop.is_set():
        moved = 0
        try:
            moved = await reconcile.turn(app.planner_kit, app.now())
        except OUTAGE as error:
            log.warning("reconcile.turn_failed", error=f"{type(error).__name__}: {error}")
        except SPOILING:  # one that died of it would leave the others unfinished
            log.exception("reconcile.turn_broken")
        if not moved:
            await rest(app.clock, app.settings.planner_tick, stop)
