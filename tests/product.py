"""The product on a test's database: what the shared fixtures make and tests name."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from pydantic import SecretStr

from fakes import ScriptedProvider
from overture.accounts import NO_LIMITS, Limits, NewAccount, WorkingHours, create
from overture.core.clock import Clock
from overture.db.embedded import EmbeddedPostgres
from overture.entrypoints.bootstrap import App

API_KEY = "ov_test_key"


class MakeApp(Protocol):
    """Puts an App together on the test's database; settings are given as keywords."""

    def __call__(
        self, clock: Clock | None = None, provider: ScriptedProvider | None = None, **settings: object
    ) -> Awaitable[App]:
        """The App; it is closed when the test ends."""
        ...


@dataclass(frozen=True)
class Server:
    """The run's PostgreSQL, with one migrated database to clone."""

    embedded: EmbeddedPostgres

    def execute(self, statement: str) -> None:
        """Run one statement outside any test's database."""
        with psycopg.connect(psycopg_url(self.embedded.url), autocommit=True) as connection:
            connection.execute(statement)

    def connect(self, database: str) -> psycopg.Connection[Any]:
        """A connection to one database, each statement a transaction."""
        return psycopg.connect(psycopg_url(self.embedded.url_for(database)), autocommit=True)


def psycopg_url(url: str) -> str:
    """SQLAlchemy's address as the driver spells it."""
    return url.replace("+psycopg", "")


async def add_account(app: App, handle: str, limits: Limits | None = None) -> str:
    """Add an account that may act at any hour; without `limits` only the ceilings limit it."""
    free = Limits.model_validate({**NO_LIMITS, "min_gap_s": 0})
    new = NewAccount(
        handle=handle,
        credentials={"username": SecretStr(f"{handle}@example.test"), "password": SecretStr("pass-word")},
        working_hours=WorkingHours.always(),
        limits=limits or free,
        ramp="off",
    )
    async with app.sessions.begin() as db:
        await create(db, app.vault, app.ids.new(), new, "linkedin", app.now())
    return handle
