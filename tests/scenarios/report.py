"""How the outcome of a suite is shown: a table, one line of JSON, and the page in the docs."""

import json
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from .scenario import VARIANTS, Row, Scenario

LAST: Final = 72  # of the catalogue
PAGE: Final = Path(__file__).parents[2] / "docs" / "scenarios.md"
HEAD: Final = """\
# Scenarios

What the site does, what Overture must report of it, and what the sandbox's ledger held in the last full run.
Each scenario goes through the REST API, a real server and a real Chromium, on both kinds of LinkedIn page
(A: the older, B: the newer), with an account of its own. The waits of the service are scaled down to seconds.

`./dev scenarios [NAME …] [--variant A|B]` plays them, three at a time; a full run writes this page.
The columns A and B say whether report, requirement and ledger were one, and after how many seconds.
x marks what goes across all touchpoints, + what is not among the 72 of the catalogue.
"""
COLUMNS: Final = """\
| # | scenario | the site | required | reported | ledger | A | B |
|---|---|---|---|---|---|---|---|"""


def show(rows: Sequence[Row], console: Console) -> None:
    """The table, and every difference below it."""
    table = Table("#", "scenario", "page", "reported", "ledger truth", "s", "agree", title="Scenarios")
    for row in rows:
        agree = "[green]yes" if row.agrees else "[red]NO"
        cells = (row.reported, row.truth, f"{row.seconds:.1f}", agree)
        table.add_row(str(row.scenario.number), row.scenario.name, row.variant, *cells)
    console.print(table)
    for row in rows:
        for difference in row.differences:
            console.print(f"{row.scenario.name} {row.variant}: {difference}", markup=False, style="red")
        if row.false_successes:
            console.print(f"{row.scenario.name} {row.variant}: false success", style="bold red")


def as_json(rows: Sequence[Row], seconds: float) -> str:
    """The outcome for programs."""
    return json.dumps(
        {
            "scenarios": len(rows),
            "agree": sum(row.agrees for row in rows),
            "false_success": sum(row.false_successes for row in rows),
            "disagree": [f"{row.scenario.name} {row.variant}" for row in rows if not row.agrees],
            "seconds": round(seconds, 1),
        }
    )


def page(rows: Sequence[Row]) -> str:
    """The page of the docs."""
    ends = [summary(rows), ""]
    lines = [line(scenario, list(both)) for scenario, both in groupby(rows, lambda row: row.scenario)]
    return "\n".join([HEAD, *ends, COLUMNS, *lines]) + "\n"


def summary(rows: Sequence[Row]) -> str:
    """The whole run in one sentence."""
    agree, false = sum(row.agrees for row in rows), sum(row.false_successes for row in rows)
    names = len({row.scenario.name for row in rows})
    return f"{names} scenarios, played {len(rows)} times: {agree} agree, false successes: {false}."


def line(scenario: Scenario, played: Sequence[Row]) -> str:
    """One scenario's line of the table."""
    cells = (
        place(scenario),
        f"`{scenario.name}`",
        scenario.site,
        scenario.required,
        either([row.reported for row in played]),
        either([row.truth for row in played]),
        *(outcome(scenario, next((row for row in played if row.variant == kind), None)) for kind in VARIANTS),
    )
    return f"| {' | '.join(cells)} |"


def place(scenario: Scenario) -> str:
    """Its number in the catalogue, or what it is besides."""
    if scenario.number <= LAST:
        return str(scenario.number)
    return "x" if scenario.name.startswith("x-") else "+"


def outcome(scenario: Scenario, row: Row | None) -> str:
    """Whether it agrees on one kind of page and after how long, or why it does not exist there."""
    if row is None:
        return scenario.only[1] if scenario.only else "not played"
    return f"{'yes' if row.agrees else '**no**'}, {row.seconds:.0f} s"


def either(told: Sequence[str]) -> str:
    """What both kinds of page led to; both when they differ."""
    return " / ".join(dict.fromkeys(told))
