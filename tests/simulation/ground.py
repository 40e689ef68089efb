"""The ground simulations stand on: a PostgreSQL of their own, whose housekeeping never wakes by itself."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Final

import psycopg

from overture.db import migrate
from overture.db.embedded import EmbeddedPostgres

TEMPLATE: Final = "template_simulated"
CALM: Final = (
    # Housekeeping in the background would change which events count as settled, and plans of queries.
    "alter system set autovacuum = off",
    "alter system set synchronous_commit = off",
    "alter system set max_parallel_workers_per_gather = 0",
    "alter system set jit = off",
    # Nothing is to survive the machine, so that no page is written twice and nothing is flushed meanwhile.
    "alter system set full_page_writes = off",
    "alter system set checkpoint_timeout = '1h'",
    "alter system set max_wal_size = '8GB'",
    # Nobody looks at what it is doing, and how often.
    "alter system set track_activities = off",
    "alter system set track_counts = off",
    "alter system set update_process_title = off",
    "select pg_reload_conf()",
)
UNHEARD: Final = """
alter table procrastinate_jobs disable trigger user
"""
"""Runs are executed directly, so nobody listens for wake-ups and nobody reads their history."""


@dataclass
class Ground:
    """A server with a migrated database to clone."""

    server: EmbeddedPostgres
    folder: Path
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def execute(self, *statements: str, database: str | None = None) -> None:
        """Run statements outside any trial."""
        url = self.server.url_for(database) if database else self.server.url
        with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    @contextmanager
    def database(self) -> Iterator[str]:
        """A fresh database for one trial."""
        name = f"trial_{next(self._numbers)}"
        self.execute(f"create database {name} template {TEMPLATE} strategy file_copy")
        try:
            yield self.server.url_for(name)
        finally:
            self.execute(f"drop database {name} with (force)")


@contextmanager
def ground() -> Iterator[Ground]:
    """A server without fsync, gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="overture-simulation-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres", fsync=False)
    server.start()
    try:
        made = Ground(server, folder)
        made.execute(*CALM)
        made.execute(f"create database {TEMPLATE}")
        migrate.upgrade(server.url_for(TEMPLATE))
        made.execute(UNHEARD, database=TEMPLATE)
        yield made
    finally:
        server.stop()
        if server.home != folder / "postgres":
            shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)
