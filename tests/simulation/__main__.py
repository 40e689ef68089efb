"""`./dev simulate`: many trials, what they broke, and which known bugs they catch."""

import argparse
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from overture.core import log

from .ground import Ground, ground
from .mutants import MUTANTS
from .plan import START, Plan, planned, quiet
from .trial import Report, try_out

screen = Console(stderr=True)


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(prog="./dev simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds to try")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--first", type=int, default=1, help="the first of the seeds")
    parser.add_argument("--leads", type=int, default=Plan(0).leads)
    parser.add_argument("--accounts", type=int, default=Plan(0).accounts)
    parser.add_argument("--days", type=int, default=Plan(0).days)
    parser.add_argument("--fine", action="store_true", help="nothing goes wrong but people: for measuring")
    parser.add_argument(
        "--mutants", action="store_true", help="put each known bug in, in its own small world: the kill ratio"
    )
    parser.add_argument("--mutant", action="append", default=[], help="M4 …: put this bug in; `all` for all")
    return parser.parse_args(argv)


def tried(asked: argparse.Namespace, seeds: Sequence[int], on: Ground) -> list[Report]:
    """A report for each seed."""
    reports: list[Report] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=screen, transient=True) as bar:
        task = bar.add_task(f"seeds {seeds[0]}…{seeds[-1]}", total=len(seeds) * asked.days)
        for number, seed in enumerate(seeds):

            def on_tick(at: datetime, number: int = number) -> None:
                bar.update(task, completed=number * asked.days + min(asked.days, (at - START).days))

            make = quiet if asked.fine else planned
            plan = make(seed, leads=asked.leads, accounts=asked.accounts, days=asked.days)
            with on.database() as url:
                reports.append(try_out(plan, url, on_tick=on_tick))
            if not reports[-1].is_clean:
                tell(reports[-1], None)
    return reports


def is_caught(asked: argparse.Namespace, seeds: Sequence[int], on: Ground, bug: str) -> bool:
    """Whether a bug is found in the world of one of the seeds."""
    mutant = MUTANTS[bug]
    for seed in seeds:
        sizes = {"leads": asked.leads, "accounts": asked.accounts, "days": asked.days}
        plan = mutant.world.plan(seed) if asked.mutants else mutant.plan(seed, **sizes)
        with on.database() as url:
            report, is_found = mutant.try_out(plan, url)
        if is_found:
            tell(report, bug, mutant.shows)
            return True
    screen.print(f"[red]{bug} survived {len(seeds)} worlds[/]")
    return False


def tell(report: Report, bug: str | None, shows: Sequence[str] = ()) -> None:
    """What a trial broke, and how to see it again; of a bug, that it was found."""
    seed, found = report.plan.seed, report.findings
    if bug is None:
        screen.print(f"[red]seed {seed}: {len(found)} broken[/] · {report.plan}")
    else:
        found = [one for one in found if one.rule in shows]
        screen.print(f"[green]{bug} is caught with seed {seed}[/]")
    for finding in found[: 1 if bug else 12]:
        screen.print(f"    {finding}", markup=False)


def summed_up(reports: Sequence[Report]) -> dict[str, object]:
    """All trials in numbers."""
    kinds: dict[str, int] = {}
    for report in reports:
        for kind, count in report.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
    upheavals = Counter(kind for report in reports for kind in Counter(report.upheavals).elements())
    return {
        "seeds": len(reports),
        "failed": [one.plan.seed for one in reports if not one.is_clean],
        "ticks": sum(one.ticks for one in reports),
        "runs": sum(one.runs for one in reports),
        "statements": sum(one.statements for one in reports),
        "events": sum(one.events for one in reports),
        "deaths": sum(one.deaths for one in reports),
        "lived_s": round(sum(one.seconds for one in reports), 1),
        "race_window_s": max((one.race.total_seconds() for one in reports), default=0.0),
        "ledger": dict(sorted(kinds.items())),
        "upheavals": dict(sorted(upheavals.items())),
    }


def main(argv: Sequence[str]) -> int:
    """Try, tell, and say whether all is well: no broken promise, or every bug caught."""
    asked, began = arguments(argv), time.perf_counter()
    bugs = list(MUTANTS) if asked.mutants or asked.mutant == ["all"] else asked.mutant
    log.configure("critical" if bugs else "error")
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    unknown = [one for one in bugs if one not in MUTANTS]
    if unknown:
        screen.print(f"There is no mutant {unknown[0]}; there are: {', '.join(MUTANTS)}.")
        return 2
    with ground() as on:
        if not bugs:
            reports = tried(asked, list(seeds), on)
            result = summed_up(reports)
            if asked.seed is not None:
                result |= {"events_hash": reports[0].events_hash, "ledger_hash": reports[0].ledger_hash}
            is_well = not result["failed"]
        else:
            caught = {one: is_caught(asked, seeds, on, one) for one in bugs}
            result = {"mutants": caught, "kill_ratio": f"{sum(caught.values())}/{len(caught)}"}
            is_well = all(caught.values())
    took = {"seconds": round(time.perf_counter() - began, 1)}
    sys.stdout.write(json.dumps(result | took) + "\n")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
