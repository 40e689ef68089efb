"""What is killed half-way leaves nothing behind that the next one trips over."""

import asyncio
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import select, text

from overture import runs
from overture.db.embedded import EmbeddedPostgres
from overture.entrypoints.bootstrap import App
from overture.runs import Attempt, RunRequest
from overture.touchpoints import Message
from product import add_account
from waiting import eventually


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in which the server of root can live too; nothing of it stays."""
    with tempfile.TemporaryDirectory(prefix="overture-chaos-") as name:
        Path(name).chmod(0o711)
        yield Path(name, "postgres")


async def test_a_server_that_somebody_was_stopping_is_started_again(folder: Path) -> None:
    stopper, starter = EmbeddedPostgres(folder, fsync=False), EmbeddedPostgres(folder, fsync=False)
    await asyncio.to_thread(stopper.start)
    client = psycopg.connect(stopper.url.replace("+psycopg", ""))
    pid = int((stopper.home / "cluster" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(pid, signal.SIGTERM)  # stops once its clients are gone; until then it listens and refuses
    starting = asyncio.create_task(asyncio.to_thread(starter.start))

    async def refused() -> bool:
        return "shutting down" in starter.log_path.read_text()

    await eventually(refused)
    client.close()
    try:
        url = await starting
        with psycopg.connect(url.replace("+psycopg", "")) as answering:
            assert answering.execute("select 1").fetchone() == (1,)
    finally:
        stopper.stop()
        starter.stop()
        shutil.rmtree(starter.home, ignore_errors=True)


async def test_the_attempt_of_a_dead_worker_does_not_reach_back_before_its_own_beginning(app: App) -> None:
    handle = await add_account(app, "ada")
    async with app.sessions.begin() as db:
        request = RunRequest(handle, Message(public_identifier="prisca", message="Hello"))
        run = (await runs.submit(db, app.ids, request, app.now(), app.now())).run
        first_started = app.now()
        await db.flush()
        await db.execute(
            text(
                "update runs set status = 'running', worker = 'dead', attempts = 2, "
                "lease_until = admitted_at, started_at = admitted_at - interval '1 hour' where run_id = :run"
            ),
            {"run": run.id},
        )
    async with app.sessions.begin() as db:
        await runs.reap(app.kit, db, app.now())

    async with app.sessions() as db:
        [attempt] = (await db.scalars(select(Attempt).where(Attempt.run_id == run.id))).all()
    assert attempt.ended_as == "died"
    assert abs((attempt.started_at - first_started).total_seconds()) < 60
