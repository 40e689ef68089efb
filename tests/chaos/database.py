"""The database of a trial as the trial sees it: never its owner, often without it, always patient."""

import asyncio
import contextlib
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import psutil
from pydantic import SecretStr
from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Limits, NewAccount, Vault, WorkingHours
from overture.core import crypto
from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import connect
from overture.db.embedded import EmbeddedPostgres
from overture.runs import Run, RunRequest
from overture.runs.worker import OUTAGE
from overture.touchpoints import Touchpoint

from .audit import Act, Claim
from .world import PASSWORD

T = TypeVar("T")
PATIENCE: Final = 120.0
UNDER_WAY: Final = ("pending", "running", "held")

# Two attempts of one account at the same time would be two sessions of it.
OVERLAPS: Final = text("""
select count(*) from attempts a join runs ra on ra.run_id = a.run_id
    join runs rb on rb.account_id = ra.account_id
    join attempts b on b.run_id = rb.run_id and (b.run_id, b.epoch) > (a.run_id, a.epoch)
where a.started_at < b.ended_at and b.started_at < a.ended_at
""")


@dataclass
class Database:
    """The embedded server in `data_dir`, which the workers start, share and revive."""

    settings: Settings
    clock: SystemClock = field(default_factory=SystemClock)

    def __post_init__(self) -> None:
        self.embedded = EmbeddedPostgres(self.settings.data_dir / "postgres")
        self.ids = Ids(self.clock, Rng())
        self.vault = Vault(crypto.load_or_create(self.settings.keys_path))
        self.engine, self.sessions = connect(self.embedded.url)

    async def patiently(self, work: Callable[[AsyncSession], Awaitable[T]]) -> T:
        """Do it in a transaction, again and again while the database is away or not yet migrated."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                async with self.sessions.begin() as db:
                    return await work(db)
            except OUTAGE:
                if time.monotonic() > give_up:
                    raise
                await asyncio.sleep(0.1)

    async def add_account(self, handle: str) -> None:
        """An account that may act at any hour, without limits; its user name is its handle's."""
        credentials = {"username": SecretStr(username(handle)), "password": SecretStr(PASSWORD)}
        free = Limits.model_validate({"invite": {}, "message": {}, "visit": {}, "min_gap_s": 0})
        new = NewAccount(
            handle=handle,
            credentials=credentials,
            working_hours=WorkingHours.always(),
            limits=free,
            ramp="off",
        )

        async def work(db: AsyncSession) -> None:
            if await accounts.find(db, handle) is None:
                now = self.clock.now()
                await accounts.create(db, self.vault, self.ids.new(), new, "linkedin", now)

        await self.patiently(work)

    async def submit(self, handle: str, touchpoint: Touchpoint) -> None:
        """Ask for a run; once, however often the database dies under the asking."""
        request = RunRequest(handle, touchpoint, idempotency_key=str(self.ids.new()))

        async def work(db: AsyncSession) -> None:
            now = self.clock.now()
            await runs.submit(db, self.ids, request, now, now + self.settings.lease)

        await self.patiently(work)

    async def waiting(self) -> int:
        """How many runs are not over."""

        async def work(db: AsyncSession) -> int:
            found = await db.scalars(select(Run.id).where(Run.status.in_(UNDER_WAY)))
            return len(found.all())

        return await self.patiently(work)

    async def quiet(self) -> None:
        """Wait until every run is over."""
        while await self.waiting():  # noqa: ASYNC110 - the workers that end them are other processes
            await asyncio.sleep(0.1)

    async def runs(self) -> Sequence[Run]:
        """All runs."""

        async def work(db: AsyncSession) -> Sequence[Run]:
            return (await db.scalars(select(Run).order_by(Run.id))).all()

        return await self.patiently(work)

    async def overlaps(self) -> int:
        """How many attempts of one account were under way while another was."""

        async def work(db: AsyncSession) -> int:
            return int(await db.scalar(OVERLAPS) or 0)

        return await self.patiently(work)

    def kill_postgres(self) -> bool:
        """SIGKILL the postmaster; whether there was one."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.Error):
            pid = int((self.embedded.home / "cluster" / "postmaster.pid").read_text().splitlines()[0])
            if psutil.Process(pid).name() == "postgres":
                os.kill(pid, signal.SIGKILL)
                return True
        return False


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[Database]:
    """The database for as long as a trial lasts; nothing of it stays."""
    found = Database(settings)
    try:
        yield found
    finally:
        await found.engine.dispose()
        await asyncio.to_thread(bury, found.embedded, settings.data_dir)


def bury(embedded: EmbeddedPostgres, data_dir: Path) -> None:
    """Stop the server whoever started it, and remove a home outside the data folder."""
    if (embedded.home / "cluster").exists():
        embedded.start()
        embedded.stop()
    if data_dir not in embedded.home.parents:
        shutil.rmtree(embedded.home, ignore_errors=True)


def username(handle: str) -> str:
    """The user name of an account in the world."""
    return f"{handle}@sandbox.test"


def claims(found: Sequence[Run]) -> list[Claim]:
    """What the runs that act say of themselves."""
    return [claim(run) for run in found if run.touchpoint_type in ("connect", "message")]


def claim(run: Run) -> Claim:
    """What one run says."""
    words = run.touchpoint_input.get("message", run.touchpoint_input.get("note"))
    act = Act(
        username(run.handle), run.touchpoint_type, str(run.target), str(words) if words is not None else None
    )
    return Claim(
        run=str(run.id),
        act=act,
        status=run.status,
        effect=run.effect,
        code=f"{run.error_code}: {run.error}" if run.error_code else None,
        is_noop=bool((run.result or {}).get("noop")),
        reason=run.wait_reason,
    )
