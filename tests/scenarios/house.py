"""One sandbox, one server with its worker and one Chromium for all scenarios; a fresh account for each."""

import asyncio
import contextlib
import secrets
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Final

from overture.core.clock import Clock, SystemClock
from overture.entrypoints.demo.clients import Overture, Sandbox, Unexpected
from overture.entrypoints.demo.programs import Programs

from .scenario import Row, Scenario, Variant
from .stage import Json, Stage

PACE: Final = {
    "TICK": "PT0.1S",
    "ACT_WINDOW": "PT3S",
    "RECONCILE_GRACE": "PT6S",
    "RETRY_BACKOFF": "PT1S",
    "BROWSER_CONFIRM": "0,0.5,1.5",
    "WORKER_CONCURRENCY": "4",
}
"""The times of the real service, scaled down like the sandbox's lags are."""
AT_ONCE: Final = 3  # scenarios that run beside each other; more would only queue on a machine of two cores


@dataclass(frozen=True)
class House:
    """Everything that runs, and how to play on it."""

    overture: Overture
    sandbox: Sandbox
    clock: Clock
    programs: Programs

    async def play(self, scenario: Scenario, variant: Variant) -> Row:
        """One scenario on one kind of page."""
        began = self.clock.monotonic()
        stage = Stage(self.overture, self.sandbox, f"{scenario.name}-{variant}".lower(), variant)
        await stage.enter(scenario.name)
        try:
            await scenario.play(stage)
        except Unexpected as refusal:
            stage.differences.append(str(refusal))
        false = await stage.false_successes()
        return Row(
            scenario,
            variant,
            in_short(stage.reports),
            summary(await stage.contacts() + stage.elsewhere),
            tuple(stage.differences),
            len(false),
            self.clock.monotonic() - began,
        )

    async def play_all(
        self, wanted: Iterable[tuple[Scenario, Variant]], on_row: Callable[[Row], None]
    ) -> list[Row]:
        """Several, a few at once; in the order they were given."""
        room = asyncio.Semaphore(AT_ONCE)

        async def one(scenario: Scenario, variant: Variant) -> Row:
            async with room:
                row = await self.play(scenario, variant)
            on_row(row)
            return row

        async with asyncio.TaskGroup() as group:
            playing = [group.create_task(one(scenario, variant)) for scenario, variant in wanted]
        return [task.result() for task in playing]


def in_short(reports: list[str]) -> str:
    """Reports in order, those that repeat counted."""
    counted = [(text, len(list(same))) for text, same in groupby(reports)]
    return ", ".join(f"{count} × {text}" if count > 1 else text for text, count in counted)


def summary(contacts: list[Json]) -> str:
    """What the ledger holds, in a few words."""
    counts = Counter(entry["kind"] for entry in contacts)
    return ", ".join(f"{count} {kind}" for kind, count in counts.items()) or "nothing"


@contextlib.asynccontextmanager
async def open_house(**pace: str) -> AsyncIterator[House]:
    """Start it all, at a pace that may differ, and let nothing be left of it."""
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="overture-scenarios-") as name:
        async with Programs(Path(name), clock) as programs:
            site = await programs.start_sandbox()
            key = f"ov_{secrets.token_urlsafe(16)}"
            api = await programs.start_server(key, PACE | pace)
            async with Overture(api, key, clock) as overture, Sandbox(site) as sandbox:
                yield House(overture, sandbox, clock, programs)
