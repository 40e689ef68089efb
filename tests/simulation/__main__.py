"""`./dev simulate`: many trials, what they broke, and which known bugs they catch."""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from overture.core import log

from .ground import Ground, ground
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
    parser.add_argument("--mutant", action="append", default=[], help="M4 …: put this bug in; `all` for all")
    return parser.parse_args(argv)


def tried(
    asked: argparse.Namespace, seeds: Sequence[int], on: Ground, bug: str | None = None
) -> list[Report]:
    """A report for each seed; with a bug, only until it is caught."""
    from .mutants import MUTANTS

    reports: list[Report] = []
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"))
    with Progress(*columns, TimeElapsedColumn(), console=screen, transient=True) as bar:
        title = f"{bug or 'seeds'} {seeds[0]}…{seeds[-1]}"
        task = bar.add_task(title, total=len(seeds) * asked.days)
        for number, seed in enumerate(seeds):

            def on_tick(at: datetime, number: int = number) -> None:
                bar.update(task, completed=number * asked.days + min(asked.days, (at - START).days))

            make = MUTANTS[bug].plan if bug else quiet if asked.fine else planned
            plan = make(seed, leads=asked.leads, accounts=asked.accounts, days=asked.days)
            with on.database() as url:
                reports.append(try_out(plan, url, MUTANTS[bug]() if bug else None, on_tick))
            if not reports[-1].is_clean:
                tell(reports[-1], bug)
                if bug:
                    break
    return reports


def tell(report: Report, bug: str | None) -> None:
    """What a trial broke, and how to see it again."""
    suffix = f" --mutant {bug}" if bug else ""
    colour = "green" if bug else "red"
    screen.print(
        f"[{colour}]seed {report.plan.seed}: {len(report.findings)} broken[/] · {report.plan}{suffix}"
    )
    for finding in report.findings[: 3 if bug else 12]:
        screen.print(f"    {finding}", markup=False)


def summed_up(reports: Sequence[Report]) -> dict[str, object]:
    """All trials in numbers."""
    kinds: dict[str, int] = {}
    for report in reports:
        for kind, count in report.kinds.items():
            kinds[kind] = kinds.get(kind, 0) + count
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
    }


def main(argv: Sequence[str]) -> int:
    """Try, tell, and say whether all is well: no broken promise, or every bug caught."""
    from .mutants import MUTANTS

    asked, began = arguments(argv), time.perf_counter()
    log.configure("critical" if asked.mutant else "error")
    seeds = [asked.seed] if asked.seed is not None else range(asked.first, asked.first + asked.seeds)
    bugs = list(MUTANTS) if asked.mutant == ["all"] else asked.mutant
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
            caught = {one: not tried(asked, list(seeds), on, one)[-1].is_clean for one in bugs}
            screen.print(
                "survived: " + (", ".join(one for one, dead in caught.items() if not dead) or "none")
            )
            result = {"mutants": caught, "kill_ratio": f"{sum(caught.values())}/{len(caught)}"}
            is_well = all(caught.values())
    took = {"seconds": round(time.perf_counter() - began, 1)}
    sys.stdout.write(json.dumps(result | took) + "\n")
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
