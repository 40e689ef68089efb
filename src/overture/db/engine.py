"""The engine and its transactions: opened at the edge, committed there and nowhere else."""

import json
from typing import Final

import psycopg
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.types.json import set_json_dumps
from pydantic_core import from_json
from sqlalchemy import URL, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from overture.db.transaction import Sessions
from overture.db.written import as_json

LOCK_TIMEOUT_MS: Final = 15_000
OPTIONS: Final = " ".join(
    (
        f"-c lock_timeout={LOCK_TIMEOUT_MS}",
        "-c timezone=UTC",
        # A statement that is repeated is prepared by the driver, and then planned once: the gate reads beside
        # forty tables, which takes ten times as long to plan as to carry out. What runs now and then is not.
        "-c plan_cache_mode=force_generic_plan",
        "-c jit=off",
        # What is asked for is in memory, or on a disk that does not seek.
        "-c random_page_cost=1.1",
    )
)
PREPARED: Final = 400
"""Statements a connection keeps prepared: more than there are, so that none is ever prepared anew."""


def connect(url: str, pool_size: int = 10) -> tuple[AsyncEngine, Sessions]:
    """The engine for a PostgreSQL address and its transaction maker."""
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_reset_on_return=None,  # every use is in a transaction that ends by commit or rollback
        hide_parameters=True,  # message texts and sealed secrets must not reach a traceback
        connect_args={"options": OPTIONS},
    )
    event.listen(engine.sync_engine, "connect", keep_prepared)
    return engine, Sessions(engine)


def keep_prepared(connection: DBAPIConnection, _: object) -> None:
    """Let a new connection keep what it prepares."""
    driver = connection.driver_connection
    assert isinstance(driver, psycopg.AsyncConnection)
    driver.prepared_max = PREPARED
    for kind in ("json", "jsonb"):
        driver.adapters.register_loader(kind, JsonLoader)
    set_json_dumps(write_json, driver)


def write_json(value: object) -> bytes:
    """JSON, faster than by the standard library; by that what this refuses."""
    try:
        return as_json(value).encode()
    except ValueError:
        return json.dumps(value).encode()


class JsonLoader(Loader):
    """Reads JSON faster than by the standard library; by that what is nested deeper than this reads."""

    def load(self, data: Buffer) -> object:
        """What it says."""
        written = data if isinstance(data, bytes) else bytes(data)
        try:
            return from_json(written)
        except ValueError:
            return json.loads(written)


def driver_url(url: str) -> URL:
    """The address with our driver in it, whatever form the operator wrote."""
    return make_url(url).set(drivername="postgresql+psycopg")
