"""Bringing a database to the schema this version of the product knows, with one call."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, pool, text

from overture.db.engine import driver_url

FOLDER = Path(__file__).parent / "migrations"
ADVISORY_KEY = 0x0E57


def upgrade(url: str, revision: str = "head") -> None:
    """Upgrade; several processes may start at once, one migrates and the others wait for it."""
    engine = create_engine(driver_url(url), poolclass=pool.NullPool)
    with engine.connect() as connection:
        connection.execute(text("select pg_advisory_lock(:key)"), {"key": ADVISORY_KEY})
        command.upgrade(config(url), revision)
    engine.dispose()


def downgrade(url: str, revision: str) -> None:
    """Go back to an earlier schema."""
    command.downgrade(config(url), revision)


def check(url: str) -> None:
    """Raise when the tables in the code and those in the database differ."""
    command.check(config(url))


def config(url: str) -> Config:
    """Alembic's configuration for our folder and a database."""
    made = Config()
    made.set_main_option("script_location", str(FOLDER))
    rendered = driver_url(url).render_as_string(hide_password=False)
    made.set_main_option("sqlalchemy.url", rendered.replace("%", "%%"))
    return made
