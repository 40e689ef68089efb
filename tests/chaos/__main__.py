"""`./dev chaos [--kills N] [--provider browser|direct|mixed] [--seed S]`: kill, count, one JSON line."""

import argparse
import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from .deaths import EACH, Provider
from .keeper import Keeper
from .stand import Setup
from .trial import Report, trial

WORKERS: Final = (1, 3)
BROWSER_SHARE: Final = 5  # of a mixed run's kills, one in so many hits a worker with a real browser
SOME: Final = 16  # kills, from which on PostgreSQL must have been among them
MANY: Final = 200  # kills, from which on every step of the protocol must have been hit
ACCOUNTS: Final = {"direct": 6, "browser": 3}
ALONE: Final = {"direct": 2, "browser": 4}
"""One in so many kills hits a worker that has no fellows; the browser's are slow to replace."""


@dataclass(frozen=True)
class Part:
    """One trial of a chaos run."""

    provider: Provider
    workers: int
    kills: int

    @property
    def name(self) -> str:
        """For the progress bar."""
        return f"{self.provider}, {self.workers} worker{'s' if self.workers > 1 else ''}"


def parts(kills: int, provider: str) -> list[Part]:
    """The trials: each way to act, with one worker and with three."""
    browser = {"direct": 0, "browser": kills}.get(provider, kills // BROWSER_SHARE)
    shares: list[tuple[Provider, int]] = [("direct", kills - browser), ("browser", browser)]
    return [
        Part(way, workers, kills)
        for way, share in shares
        for workers, kills in zip(WORKERS, (share // ALONE[way], share - share // ALONE[way]), strict=True)
        if kills
    ]


async def carry_out(wanted: Sequence[Part], seed: int, console: Console) -> list[Report]:
    """One trial after the other, each on a world and a database of its own."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    reports = []
    with Progress(*columns, console=console) as progress:
        async with Keeper() as keeper:
            for part in wanted:
                bar = progress.add_task(part.name, total=part.kills)
                setup = Setup(provider=part.provider, seed=seed, accounts=ACCOUNTS[part.provider])
                reports.append(await trial(setup, keeper, part.workers, part.kills, shown(progress, bar)))
    return reports


def shown(progress: Progress, bar: object) -> Callable[[Report], None]:
    """Moves a progress bar to where a trial is."""
    return lambda report: progress.update(bar, completed=report.kills)  # type: ignore[arg-type]


def summary(wanted: Sequence[Part], reports: Sequence[Report]) -> dict[str, object]:
    """The one line."""
    steps: Counter[str] = sum((report.steps for report in reports), Counter())
    return {
        "kills": sum(report.kills for report in reports),
        "duplicates": sum(report.verdict.duplicates for report in reports),
        "losses": sum(report.verdict.losses for report in reports),
        "postgres_kills": sum(report.postgres_kills for report in reports),
        "steps_killed": dict(sorted(steps.items())),
        "workers": sorted({part.workers for part in wanted}),
        "unresolved": sum(report.verdict.unresolved for report in reports),
        "overlapping_attempts": sum(report.overlaps for report in reports),
        "failed_starts": sum(report.failed_starts for report in reports),
        "runs": sum(report.runs for report in reports),
        "seconds": round(sum(report.seconds for report in reports), 1),
    }


def shortfalls(wanted: Sequence[Part], found: dict[str, object]) -> list[str]:
    """What the run fails to prove."""
    kills = sum(part.kills for part in wanted)
    missing = [f"{name}: {found[name]}" for name in ("duplicates", "losses", "unresolved") if found[name]]
    if found["overlapping_attempts"]:
        missing.append(f"{found['overlapping_attempts']} attempts of an account overlapped another")
    if int(str(found["kills"])) < kills:
        missing.append(f"only {found['kills']} of {kills} kills")
    if not found["postgres_kills"] and kills >= SOME:
        missing.append("PostgreSQL was never killed")
    steps = found["steps_killed"]
    unhit = EACH - set(steps) if isinstance(steps, dict) else EACH
    if unhit and kills >= MANY:
        missing.append(f"no kill at {', '.join(sorted(unhit))}")
    return missing


def main(arguments: Sequence[str] | None = None) -> int:
    """Kill, count, say so."""
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="how many SIGKILLs of a worker (default 200)")
    parser.add_argument("--provider", choices=("browser", "direct", "mixed"), default="mixed")
    parser.add_argument("--seed", type=int, default=1, help="the same seed plans the same kills")
    given = parser.parse_args(arguments)
    console = Console(stderr=True)
    wanted = parts(given.kills, given.provider)
    reports = asyncio.run(carry_out(wanted, given.seed, console))
    found = summary(wanted, reports)
    for line in [line for report in reports for line in report.verdict.findings]:
        console.print(line, markup=False)
    missing = shortfalls(wanted, found)
    for line in missing:
        console.print(f"falls short: {line}", markup=False)
    print(json.dumps(found))  # noqa: T201 - the result
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
