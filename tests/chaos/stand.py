"""A trial's stand: the world, the database and the workers, put up and taken down together."""

import asyncio
import contextlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from overture.core.settings import Settings
from overture.touchpoints import Connect, Message

from . import cluster
from .audit import Verdict, audit
from .database import Database, claims, database, username
from .deaths import Death, Provider
from .die_at import VARIABLE as DIE_AT
from .direct import LAG
from .keeper import Keeper, Worker
from .mutants import VARIABLE as MUTANT
from .world import World

RUNS_AHEAD: Final = {"direct": 4, "browser": 2}
"""Runs waiting for each account; a browser takes seconds for one."""


@dataclass(frozen=True)
class Setup:
    """What a trial is made of."""

    provider: Provider = "direct"
    seed: int = 1
    accounts: int = 1
    lag: float = 0.5
    """Seconds until the world shows an effect."""
    mutant: str | None = None
    lease: float = 1.5
    attempt_timeout: float = 60.0
    browser_timeout: float = 10.0
    from_nothing: bool = False
    """The first worker makes the database, too; else it is there already."""

    @property
    def plugins(self) -> str:
        """What is put into the product: the provider, perhaps a known bug, no ceilings, the way to die."""
        mutant = ["tests.chaos.mutants"] if self.mutant else []
        return ",".join(
            [f"tests.chaos.{self.provider}", *mutant, "tests.chaos.uncapped", "tests.chaos.die_at"]
        )


@dataclass
class Stand:
    """Everything a trial handles."""

    setup: Setup
    data_dir: Path
    world: World
    keeper: Keeper
    database: Database
    handles: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    submitted: int = 0

    @property
    def log(self) -> Path:
        """What the workers say."""
        return self.data_dir / "workers.log"

    @property
    def enough(self) -> int:
        """Runs that keep all accounts busy for a moment."""
        return RUNS_AHEAD[self.setup.provider] * self.setup.accounts

    def keep_log(self) -> Path:
        """Put the workers' log where it outlives the trial."""
        kept = Path(tempfile.gettempdir(), f"{self.data_dir.name}.log")
        return Path(shutil.copyfile(self.log, kept))

    async def worker(self, death: Death | None = None) -> Worker:
        """A new worker; with a death at a step, it will kill itself there."""
        env = self.environment()
        if death is not None and death.step is not None:
            env[DIE_AT] = f"{death.step}:{death.nth}"
        if death is not None and death.impatient:
            env["OVERTURE_BROWSER_CONFIRM"] = "0"
        return await self.keeper.start(env, self.log)

    def environment(self) -> dict[str, str]:
        """The settings of a worker: the product's own, with short times."""
        # Reads show an effect `lag` after it happened; a request may still be on its way for a while.
        behind = self.setup.lag + 0.5
        return {
            "OVERTURE_DATA_DIR": str(self.data_dir),
            "OVERTURE_LINKEDIN_URL": self.world.url,
            "OVERTURE_PLUGINS": self.setup.plugins,
            "OVERTURE_TICK": "PT0.1S",
            "OVERTURE_LEASE": f"PT{self.setup.lease}S",
            "OVERTURE_ACT_WINDOW": "PT1S" if self.setup.provider == "direct" else "PT4S",
            "OVERTURE_RECONCILE_GRACE": "PT0.1S",
            "OVERTURE_RETRY_BACKOFF": "PT0.1S",
            "OVERTURE_MAX_ATTEMPTS": "1000",
            # Killed workers leave unproved outcomes in a row; a paused account would wait for an operator.
            "OVERTURE_BREAKER_FAILURES": "1000000",
            "OVERTURE_ATTEMPT_TIMEOUT": f"PT{self.setup.attempt_timeout}S",
            "OVERTURE_BROWSER_TIMEOUT": f"PT{self.setup.browser_timeout}S",
            "OVERTURE_BROWSER_CONFIRM": f"0,0.3,{self.setup.lag + 0.1},{self.setup.lag + 0.6}",
            LAG: str(behind),
            MUTANT: self.setup.mutant or "",
        }

    async def add_accounts(self) -> None:
        """The accounts, in the world and with us."""
        for number in range(self.setup.accounts):
            handle = f"chaos{number}"
            await self.world.account(username(handle))
            await self.database.add_account(handle)
            self.handles.append(handle)

    async def prepare_people(self, count: int) -> None:
        """People for the next runs: every other one is connected with the account that will write to them."""
        fresh = await self.world.strangers(count)
        for slug in fresh:
            number = self.submitted + len(self.people)
            if number % 2 == 0:
                await self.world.befriend(username(self.handle(number)), slug)
            self.people.append(slug)

    async def submit_prepared(self) -> None:
        """A run for each person prepared: a message to a connection, an invitation to a stranger."""
        for slug in self.people:
            handle, text = self.handle(self.submitted), f"Hello, this is number {self.submitted}."
            is_message = self.submitted % 2 == 0
            note = text if self.submitted % 4 == 1 else None
            await self.database.submit(
                handle,
                Message(public_identifier=slug, message=text)
                if is_message
                else Connect(public_identifier=slug, note=note),
            )
            self.submitted += 1
        self.people = []

    def handle(self, number: int) -> str:
        """Whose turn it is: a message and an invitation each."""
        return self.handles[number // 2 % len(self.handles)]

    async def verdict(self) -> Verdict:
        """The runs against the ledger."""
        return audit(claims(await self.database.runs()), await self.world.ledger())


@contextlib.asynccontextmanager
async def stand(setup: Setup, keeper: Keeper) -> AsyncIterator[Stand]:
    """Put up; take down whatever is left."""
    async with contextlib.AsyncExitStack() as stack:
        data_dir = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="overture-chaos-")))
        data_dir.chmod(0o711)  # noqa: ASYNC240 - so that the server of root can live in it too
        world = await stack.enter_async_context(World(setup.seed, setup.lag))
        settings = Settings(_env_file=None, data_dir=data_dir, lease=timedelta(seconds=setup.lease))
        found = await stack.enter_async_context(database(settings))
        if not setup.from_nothing:
            await asyncio.to_thread(cluster.lay_out, found.embedded.home)
        stack.push_async_callback(keeper.kill_all)
        yield Stand(setup, data_dir, world, keeper, found)
