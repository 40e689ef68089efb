"""`./dev demo [--serve] [--picture FILE]`: Overture in a sandbox world, beside what really happened.

Real processes, a real Chromium, its own database in a temporary folder; everything goes through the REST API.
"""

import argparse
import asyncio
import io
import json
import secrets
import signal
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from overture.core.clock import SystemClock
from overture.entrypoints.demo.clients import NotOver, Overture, Sandbox, Unexpected
from overture.entrypoints.demo.people import read_people
from overture.entrypoints.demo.programs import ProgramDied, Programs
from overture.entrypoints.demo.story import Story
from overture.entrypoints.demo.verdict import Verdict, judge
from overture.entrypoints.demo.world import arrange

PACE: Final = {
    "TICK": "PT0.1S",
    "LEASE": "PT4S",
    "ACT_WINDOW": "PT3S",
    "RECONCILE_GRACE": "PT2S",
    "RETRY_BACKOFF": "PT1S",
    "BROWSER_CONFIRM": "0,0.5,1.5",
}
"""The times of the real service, scaled down."""
PICTURE_WIDTH, PICTURE_LINES = 105, 24
WIDTH: Final = 130  # where no terminal says how wide it is
FAILED, INTERRUPTED = 1, 130


def main(arguments: Sequence[str]) -> int:
    """Run the demo; 0 only if report and ledger agree."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument("--serve", action="store_true", help="keep everything running for a look")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="save the comparison as SVG")
    wanted = parser.parse_args(arguments)
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # also where a shell started it with Ctrl-C ignored
    try:
        return asyncio.run(perform(console, stays=wanted.serve, picture=wanted.picture))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing is left running.")
        return INTERRUPTED
    except (ProgramDied, NotOver, Unexpected, TimeoutError) as failure:
        console.print(f"The demo failed: {failure or 'a program did not start in time'}", style="red")
        return FAILED


async def perform(console: Console, *, stays: bool, picture: Path | None) -> int:
    """Set the stage, tell the story, judge it."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    clock, key = SystemClock(), f"ov_{secrets.token_urlsafe(16)}"
    began = clock.monotonic()
    with tempfile.TemporaryDirectory(prefix="overture-demo-") as folder:
        async with Programs(Path(folder), clock) as programs:
            site = await programs.start_sandbox()
            api = await programs.start_server(key, {**PACE, "WORKER_EMBEDDED": "false"})
            async with Overture(api, key, clock) as overture, Sandbox(site) as sandbox:
                with progress_on(console) as progress:
                    worker = await programs.start_worker(PACE)
                    people = read_people()
                    await arrange(sandbox, people)
                    story = Story(people, overture, sandbox, programs, PACE, clock, progress, worker)
                    await story.tell()
                verdict = await judge(sandbox, people, story.runs, story.visits)
            show(verdict, console)
            if picture is not None:
                paint(verdict, picture)
            told = summary(verdict, len(people), story.kills, clock.monotonic() - began)
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()
            if stays:
                await stay(console, api, site, key)
    return 0 if verdict.agrees else FAILED


def progress_on(console: Console) -> Progress:
    """Chapters with a bar, a count and a time each."""
    text = TextColumn("{task.description}")
    return Progress(text, BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), console=console)


def show(verdict: Verdict, console: Console) -> None:
    """The comparison, person by person."""
    table = Table("person", "action", "Overture reports", "the world's ledger", "agree")
    before = None
    for line in verdict.lines:
        if before not in (None, line.person):
            table.add_section()
        name = line.person if line.person != before else ""
        agree = "[green]yes" if line.agrees else "[bold red]NO"
        table.add_row(name, line.action, line.told, line.truth, agree)
        before = line.person
    console.print(table)
    for entry in verdict.unexplained:
        console.print(f"in the ledger, but no run says so: {entry}", style="red", markup=False)


def paint(verdict: Verdict, picture: Path) -> None:
    """The first people of the comparison as a picture."""
    canvas = Console(record=True, width=PICTURE_WIDTH, file=io.StringIO())
    show(replace(verdict, lines=verdict.lines[:PICTURE_LINES]), canvas)
    canvas.save_svg(str(picture), title="./dev demo")


def summary(verdict: Verdict, people: int, kills: int, seconds: float) -> str:
    """The outcome for programs."""
    return json.dumps(
        {
            "agree": verdict.agrees,
            "people": people,
            "runs": len(verdict.lines),
            "invites": verdict.counts.get("invite", 0),
            "messages": verdict.counts.get("message", 0),
            "worker_kills": kills,
            "seconds": round(seconds, 1),
        }
    )


async def stay(console: Console, api: str, site: str, key: str) -> None:
    """Leave it all running until somebody stops it."""
    from overture.entrypoints.web import sign_in_link  # noqa: PLC0415 - the web framework is for whoever stays

    console.print(f"API      {api}/docs\nkey      {key}\nsandbox  {site}  (ledger: {site}/_sbx/ledger)")
    pages = sign_in_link(api, key, SystemClock().now())
    console.print(f"pages    {pages}\n         (signs in once, from this machine)", soft_wrap=True)
    console.print("Ctrl-C stops everything.")
    await asyncio.Event().wait()
