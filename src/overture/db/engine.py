"""The engine and its transactions: opened at the edge, committed there and nowhere else."""

from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

LOCK_TIMEOUT_MS: Final = 15_000

Sessions = async_sessionmaker[AsyncSession]
"""Makes transactions: `async with sessions.begin() as db:` commits when the block ends well."""


def connect(url: str, pool_size: int = 10) -> tuple[AsyncEngine, Sessions]:
    """The engine for a PostgreSQL address and its transaction maker."""
    engine = create_async_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_reset_on_return=None,  # every use is in a transaction that ends by commit or rollback
        hide_parameters=True,  # message texts and sealed secrets must not reach a traceback
        connect_args={"options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c timezone=UTC"},
    )
    return engine, async_sessionmaker(engine, expire_on_commit=False)


def driver_url(url: str) -> URL:
    """The address with our driver in it, whatever form the operator wrote."""
    return make_url(url).set(drivername="postgresql+psycopg")
