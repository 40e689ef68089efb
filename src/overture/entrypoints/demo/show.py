"""What the demo shows at its end: the funnel, the comparison person by person, one line for programs."""

import io
import json
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from overture.entrypoints.demo.verdict import Verdict

PICTURE_WIDTH, PICTURE_LINES = 110, 14
YES, NO = "[green]yes", "[bold red]NO"


def progress_on(console: Console) -> Progress:
    """The days with a bar, a count and a time."""
    text = TextColumn("{task.description}")
    return Progress(text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)


def show(verdict: Verdict, console: Console) -> None:
    """The funnel, and everybody."""
    show_people(verdict, console)
    show_funnel(verdict, console)
    for entry in verdict.unexplained:
        console.print(f"in the ledger, but no run says so: {entry}", style="red", markup=False)


def show_funnel(verdict: Verdict, console: Console) -> None:
    """How far everybody came."""
    table = Table("", "Overture reports", "the world's ledger", "agree")
    for stage in verdict.funnel:
        truth = "" if stage.truth is None else str(stage.truth)
        agree = "" if stage.truth is None else YES if stage.agrees else NO
        table.add_row(stage.name, str(stage.told), truth, agree)
    for reason, count in sorted(verdict.waiting.items()):
        table.add_row(f"still on their way: {reason}", str(count), "", "")
    console.print(table)


def show_people(verdict: Verdict, console: Console) -> None:
    """The comparison, person by person."""
    table = Table("person", "by", "Overture reports", "the world's ledger", "agree")
    for line in verdict.lines:
        agree = YES if not line.wrongs else f"{NO}: {', '.join(line.wrongs)}"
        table.add_row(line.person, line.provider.removeprefix("linkedin_"), line.told, line.truth, agree)
    console.print(table)


def paint(verdict: Verdict, picture: Path) -> None:
    """The first people of the comparison and the funnel as a picture."""
    canvas = Console(record=True, width=PICTURE_WIDTH, file=io.StringIO())
    show(replace(verdict, lines=verdict.lines[:PICTURE_LINES]), canvas)
    canvas.save_svg(str(picture), title="./dev demo")


def summary(verdict: Verdict, days: int, kills: int, seconds: float) -> str:
    """The outcome for programs."""
    counts = verdict.counts
    return json.dumps(
        {
            "agree": verdict.agrees,
            "people": len(verdict.lines),
            "by_provider": verdict.shares,
            "webhooks": verdict.deliveries,
            "days": days,
            "invites": counts.get("invite", 0),
            "accepted": counts.get("accepted", 0),
            "messages": counts.get("message", 0),
            "replies": counts.get("reply", 0),
            "opt_outs": counts.get("opt_out", 0),
            "declines": counts.get("no", 0),
            "worker_kills": kills,
            "seconds": round(seconds, 1),
        }
    )
