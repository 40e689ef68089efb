"""Bringing a database to the schema this version of the product knows, with one call."""

import importlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import psycopg
from sqlalchemy import create_engine, pool, text

from overture.db.embedded import DatabaseUnavailable
from overture.db.engine import driver_url

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"
ADVISORY_KEY = 0x0E57


def ensure_current(url: str) -> None:
    """Upgrade if need be; Alembic is not even loaded when the database is current, as at most starts."""
    found = standing(url)
    if found.state == "ahead":
        raise SchemaAhead(f"The database is at schema {found.present}; this version knows {found.newest}.")
    if found.state != "current":
        upgrade(url)


class SchemaAhead(DatabaseUnavailable):
    """A newer version has migrated the database: this one must not touch it."""


@dataclass(frozen=True)
class SchemaStanding:
    """Which schema the database is at, and which this version of the product knows."""

    present: str | None
    """None: it was never migrated."""
    known: tuple[str, ...]

    @property
    def newest(self) -> str:
        """What this version brings it to."""
        return self.known[-1]

    @property
    def state(self) -> Literal["current", "behind", "ahead", "empty"]:
        """How the two stand to each other."""
        if self.present is None:
            return "empty"
        if self.present not in self.known:
            return "ahead"
        return "current" if self.present == self.newest else "behind"

    @property
    def pending(self) -> tuple[str, ...]:
        """The migrations that are still to be carried out, oldest first."""
        if self.state == "ahead":
            return ()
        return tuple(one for one in self.known if self.present is None or one > self.present)


def standing(url: str) -> SchemaStanding:
    """How the database and this version stand to each other."""
    names = (path.name.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
    return SchemaStanding(present(url), tuple(sorted(names)))


def present(url: str) -> str | None:
    """The revision the database is at; None for one that was never migrated."""
    address = driver_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        try:
            row = connection.execute("select version_num from alembic_version").fetchone()
        except psycopg.errors.UndefinedTable:
            return None
    return str(row[0]) if row else None


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade; several processes may start at once, one migrates and the others wait for it."""
    from alembic import command  # noqa: PLC0415 - a tenth of the server's start, needed once a release

    engine = create_engine(driver_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": ADVISORY_KEY})
        command.upgrade(config(url), revision)
    engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier schema."""
    from alembic import command  # noqa: PLC0415

    command.downgrade(config(url), revision)


def check(url: str) -> None:
    """Raise when the tables in the code and those in the database differ."""
    from alembic import command  # noqa: PLC0415

    load_tables()
    command.check(config(url))


def load_tables() -> None:
    """Load what declares tables; by name, for this layer imports none of those above it."""
    package = FOLDER.parents[1]
    for module in sorted(package.rglob("tables.py")):
        importlib.import_module(".".join(module.relative_to(package.parent).with_suffix("").parts))


def config(url: str) -> "Config":
    """Alembic's configuration for our folder and a database."""
    from alembic.config import Config  # noqa: PLC0415

    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    rendered = driver_url(url).render_as_string(hide_password=False)
    made.set_main_option("sqlalchemy.url", rendered.replace("%", "%%"))
    return made
