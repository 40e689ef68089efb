"""One trial: workers live and die over a stream of runs; then the dust settles and the audit is made."""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Final

from .audit import Verdict
from .deaths import INSTANT, Death, plan
from .keeper import Keeper, Worker
from .nursery import DATABASE_AWAY
from .stand import Setup, Stand, stand

PATIENCE: Final = {"direct": 5.0, "browser": 25.0}
"""Seconds a worker gets to reach the step it is to die at; then it dies where it is."""
SETTLE: Final = 150.0  # seconds until all runs must be over once nobody dies any more


@dataclass
class Report:
    """What a trial saw."""

    kills: int = 0
    postgres_kills: int = 0
    failed_starts: int = 0
    """Workers that gave up because the database was killed while they started; others were started."""
    steps: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    overlaps: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)


@dataclass
class Trial:
    """A trial under way."""

    stand: Stand
    workers: int
    deaths: deque[Death]
    told: Callable[[Report], None]
    report: Report = field(default_factory=Report)

    async def run(self) -> Report:
        """Kill as planned, let the survivors finish, compare."""
        began = time.monotonic()
        feeding = asyncio.create_task(self.feed())
        async with asyncio.TaskGroup() as group:
            for _ in range(self.workers):
                group.create_task(self.succession())
        feeding.cancel()
        await asyncio.wait([feeding])
        if not feeding.cancelled() and feeding.exception() is not None:
            await feeding
        survivors = [await self.stand.worker() for _ in range(self.workers)]
        await self.settled()
        self.report.verdict = await self.stand.verdict()
        if not self.report.verdict.is_clean:
            self.report.verdict.findings.append(f"the workers' log: {self.stand.keep_log()}")
        self.report.overlaps = await self.stand.database.overlaps()
        self.report.runs = self.stand.submitted
        for worker in survivors:
            worker.stop()
        await asyncio.wait([worker.ended for worker in survivors], timeout=30)
        self.report.seconds = time.monotonic() - began
        return self.report

    async def feed(self) -> None:
        """Keep every account busy."""
        enough = self.stand.enough
        while True:
            if await self.stand.database.waiting() < enough:
                await self.stand.submit_prepared()
                await self.stand.prepare_people(enough)
            await asyncio.sleep(self.stand.setup.lag)  # what was prepared is to be seen before it is used

    async def succession(self) -> None:
        """One worker after the other, each to its death."""
        while self.deaths:
            death = self.deaths.popleft()
            worker = await self.stand.worker(death)
            await self.die(worker, death)
            self.told(self.report)

    async def die(self, worker: Worker, death: Death) -> None:
        """See one worker die as planned, and take with it what the plan says."""
        alive_for = PATIENCE[self.stand.setup.provider] if death.step else death.after
        by_itself = await worker.ends_within(alive_for)
        worker.kill()
        status = await worker.ended
        if status == DATABASE_AWAY:
            self.report.failed_starts += 1
            self.deaths.append(death)
            return
        if status != -9:
            raise RuntimeError(f"a worker ended by itself with status {status}: {self.last_words()}")
        self.report.kills += 1
        self.report.steps[death.step if by_itself and death.step else INSTANT] += 1
        if death.postgres and self.stand.database.kill_postgres():
            self.report.postgres_kills += 1
        if death.family:
            await asyncio.to_thread(self.stand.keeper.kill_orphans)

    def last_words(self) -> str:
        """The end of the workers' log."""
        return self.stand.log.read_text()[-3000:] if self.stand.log.exists() else "no log"

    async def settled(self) -> None:
        """Wait until every run is over, or for as long as that may take."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SETTLE):
                await self.stand.database.quiet()


async def trial(
    setup: Setup, keeper: Keeper, workers: int, kills: int, told: Callable[[Report], None]
) -> Report:
    """A whole trial from nothing."""
    rng = Random(f"{setup.seed} {setup.provider} {workers}")
    async with stand(replace(setup, from_nothing=True), keeper) as ground:
        first = await ground.worker()  # brings the database up
        await ground.add_accounts()
        await ground.prepare_people(ground.enough)
        await ground.submit_prepared()
        await ground.prepare_people(ground.enough)
        await ground.world.misbehave()
        first.stop()
        await first.ended
        deaths = deque(plan(rng, kills, setup.provider))
        return await Trial(ground, workers, deaths, told).run()
