"""`python -m tests.scenarios [NAME …] [--variant A|B] [--write-docs]`: plays the scenarios."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from overture.core.clock import SystemClock

from . import SCENARIOS, Row, Scenario, open_house
from .report import PAGE, as_json, page, show
from .scenario import VARIANTS, Variant

WIDTH: Final = 150  # where no terminal says how wide it is


def arguments(given: Sequence[str]) -> tuple[list[tuple[Scenario, Variant]], bool]:
    """Which scenarios to play on which pages, and whether that is all of them."""
    parser = argparse.ArgumentParser(prog="./dev scenarios", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="a scenario's name, a part of it, or its number"
    )
    parser.add_argument("--variant", choices=VARIANTS, help="only one kind of page")
    parser.add_argument("--write-docs", action="store_true", help="write docs/scenarios.md (a full run does)")
    asked = parser.parse_args(given)
    for name in asked.names:
        if not any(is_meant(one, name) for one in SCENARIOS):
            parser.error(
                f"no scenario is called {name!r}; there are: {', '.join(one.name for one in SCENARIOS)}"
            )
    chosen = [one for one in SCENARIOS if not asked.names or any(is_meant(one, name) for name in asked.names)]
    is_full = len(chosen) == len(SCENARIOS) and asked.variant is None
    if asked.write_docs and not is_full:
        parser.error("the page in the docs is written from all scenarios on both pages")
    return [(one, v) for one in chosen for v in one.variants if asked.variant in (None, v)], is_full


def is_meant(scenario: Scenario, name: str) -> bool:
    """A name on the command line means this scenario."""
    return name == str(scenario.number) or name in scenario.name


async def play(wanted: list[tuple[Scenario, Variant]], console: Console) -> list[Row]:
    """Play them with a line of progress."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting sandbox, server and Chromium", total=len(wanted))
        async with open_house() as house:

            def played(row: Row) -> None:
                progress.update(task, advance=1, description=f"{row.scenario.name} {row.variant}")

            return await house.play_all(wanted, played)


def main(given: Sequence[str]) -> int:
    """Play, show, and say by the exit status whether all agree."""
    wanted, is_full = arguments(given)
    console, clock = Console(stderr=True), SystemClock()
    if not console.is_terminal:
        console.width = WIDTH
    began = clock.monotonic()
    rows = asyncio.run(play(wanted, console))
    show(rows, console)
    if is_full:
        PAGE.write_text(page(rows))
    sys.stdout.write(as_json(rows, clock.monotonic() - began) + "\n")
    return 0 if all(row.agrees for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
