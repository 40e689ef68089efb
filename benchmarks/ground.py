"""The ground benchmarks stand on: a throw-away PostgreSQL with fsync on, and processes that end with them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psycopg
from rich.console import Console
from sqlalchemy import text

from overture.db import Sessions, migrate
from overture.db.embedded import EmbeddedPostgres

ROOT = Path(__file__).parent.parent
screen = Console(stderr=True)


@contextmanager
def database() -> Iterator[EmbeddedPostgres]:
    """A fresh embedded server (fsync on, as in production), gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="overture-bench-"))
    folder.chmod(0o711)
    server = EmbeddedPostgres(folder / "postgres")
    server.start()
    try:
        yield server
    finally:
        server.stop()
        if server.home != folder / "postgres":
            shutil.rmtree(server.home, ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def fresh(server: EmbeddedPostgres, name: str) -> str:
    """The address of a new, migrated database."""
    with psycopg.connect(plain(server.url), autocommit=True) as connection:
        connection.execute(f"drop database if exists {name} with (force)".encode())
        connection.execute(f"create database {name}".encode())
    url = server.url_for(name)
    migrate.upgrade(url)
    return url


def plain(url: str) -> str:
    """The address without SQLAlchemy's driver."""
    return url.replace("+psycopg", "")


@contextmanager
def workers(url: str, count: int, **settings: str) -> Iterator[None]:
    """`count` worker processes with the no-op provider."""
    folder = Path(tempfile.mkdtemp(prefix="overture-bench-worker-"))
    environment = os.environ | {
        "OVERTURE_DATABASE_URL": plain(url),
        "OVERTURE_DATA_DIR": str(folder),
        "OVERTURE_PLUGINS": "benchmarks.noop",
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    command = [sys.executable, "-m", "benchmarks.worker_process"]
    started = [subprocess.Popen(command, env=environment, cwd=ROOT) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def count(url: str, query: str) -> int:
    """The number a query gives."""
    with psycopg.connect(plain(url)) as connection:
        row = connection.execute(query.encode()).fetchone()
    return int(row[0]) if row else 0


def report(result: dict[str, object]) -> None:
    """One JSON line on stdout."""
    print(json.dumps(result), flush=True)


def rest(seconds: float) -> None:
    """Wait."""
    time.sleep(seconds)


BACKENDS = text("""
select pid from pg_stat_activity where datname = current_database() and backend_type = 'client backend'
""")


class Spent(NamedTuple):
    """Seconds of processor time so far: unlike those of a clock, they are the same beside busy neighbours."""

    here: float
    database: float


async def spent(sessions: Sessions) -> Spent:
    """Of this process, and of what the database does for it; every connection has to stay open meanwhile."""
    async with sessions() as db:
        pids = (await db.scalars(BACKENDS)).all()
    return Spent(time.process_time(), sum(map(seconds_of, pids)))


def seconds_of(pid: int) -> float:
    """Seconds of processor time a process of this machine has had."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def watch() -> float:
    """Seconds on a scale for differences."""
    return time.perf_counter()
