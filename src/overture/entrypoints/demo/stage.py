"""`./dev demo [--accounts A] [--people N] [--serve] [--picture FILE]`: a sandbox campaign beside the truth.

Forty people in virtual days: real processes, a real Chromium for some of them, or Unipile's API and webhooks,
a database of its own in a temporary folder; everything goes through the REST API.
"""

import argparse
import asyncio
import contextlib
import secrets
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress

from overture.core import log
from overture.core.clock import SystemClock
from overture.entrypoints.bootstrap import make_data_dir
from overture.entrypoints.demo.clients import NotOver, Overture, Sandbox, Unexpected
from overture.entrypoints.demo.clock import SharedClock
from overture.entrypoints.demo.keeper import Keeper
from overture.entrypoints.demo.lineup import LINEUPS, Lineup
from overture.entrypoints.demo.mail import Mail
from overture.entrypoints.demo.pace import CLOCK_FILE
from overture.entrypoints.demo.people import MOST, first_rows, read_people
from overture.entrypoints.demo.product import Product, served, settings_of
from overture.entrypoints.demo.programs import ProgramDied, Programs
from overture.entrypoints.demo.show import paint, progress_on, show, summary
from overture.entrypoints.demo.story import DAYS, Killer, Story, first_morning
from overture.entrypoints.demo.verdict import Reported, Verdict, judge
from overture.entrypoints.demo.workspace import listen, settings_there
from overture.entrypoints.demo.world import furnish
from overture.entrypoints.planning import keep_planning
from overture.entrypoints.web import sign_in_link

PACE: Final = {
    "TICK": "PT0.25S",
    "LEASE": "PT4S",
    "ACT_WINDOW": "PT3S",
    "RECONCILE_GRACE": "PT2S",
    "RETRY_BACKOFF": "PT1S",
    "BROWSER_CONFIRM": "0,0.5,1.5",
    "RELATIONS_EVERY": "PT8H",
    "INBOX_EVERY": "PT12H",
}
"""The times of the real service, scaled down; acceptances are read twice a day, answers once."""
WIDTH: Final = 130  # where no terminal says how wide it is
FAILED, INTERRUPTED = 1, 130
FAILURES: Final = (ProgramDied, NotOver, Unexpected, TimeoutError)
"""What is said in a sentence instead of a traceback."""


def main(arguments: Sequence[str]) -> int:
    """Run the demo; 0 only if report and ledger agree."""
    parser = argparse.ArgumentParser(prog="./dev demo", description=__doc__)
    parser.add_argument(
        "--accounts",
        choices=LINEUPS,
        default=next(iter(LINEUPS)),
        help="by what they act: a browser and a path without pages (usual), Unipile, or one of each",
    )
    parser.add_argument(
        "--people",
        type=int,
        choices=range(1, MOST + 1),
        default=MOST,
        metavar="N",
        help=f"only the first N of the {MOST}",
    )
    parser.add_argument("--serve", action="store_true", help="keep everything running for a look")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="save the comparison as SVG")
    wanted = parser.parse_args(arguments)
    cast = Cast(LINEUPS[wanted.accounts], first_rows(wanted.people))
    console = Console(stderr=True)
    if not console.is_terminal:
        console.width = WIDTH
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # also where a shell started it with Ctrl-C ignored
    try:
        return asyncio.run(perform(console, cast, stays=wanted.serve, picture=wanted.picture))
    except (KeyboardInterrupt, asyncio.CancelledError):
        console.print("Stopped; nothing is left running.")
        return INTERRUPTED
    except FAILURES as failure:
        console.print(f"The demo failed: {in_words(failure)}", style="red", markup=False)
        return FAILED
    except ExceptionGroup as group:  # what runs beside the story is a group of tasks
        known, others = group.split(FAILURES)
        if known is None or others is not None:
            raise
        console.print(f"The demo failed: {in_words(known)}", style="red", markup=False)
        return FAILED


def in_words(failure: BaseException) -> str:
    """What went wrong, in a sentence."""
    while isinstance(failure, BaseExceptionGroup):
        failure = failure.exceptions[0]
    return str(failure) or "a program did not start in time"


@dataclass(frozen=True)
class Cast:
    """Who takes part: the accounts, and a file of people."""

    lineup: Lineup
    file: bytes

    @property
    def needs_unipile(self) -> bool:
        """Whether an account is connected at Unipile."""
        return any(sender.is_at_unipile for sender in self.lineup.values())


async def perform(console: Console, cast: Cast, *, stays: bool, picture: Path | None) -> int:
    """Set the stage, tell the story, judge it."""
    this = asyncio.current_task()
    assert this is not None
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, this.cancel)
    real = SystemClock()
    began = real.monotonic()
    with tempfile.TemporaryDirectory(prefix="overture-demo-") as folder:
        async with contextlib.AsyncExitStack() as stack:
            theater = await raise_curtain(stack, Path(folder), cast)
            with progress_on(console) as progress:
                verdict, kills = await play(theater, progress)
            show(verdict, console)
            if picture is not None:
                paint(verdict, picture)
            told = summary(verdict, DAYS, kills, real.monotonic() - began)
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()
            if stays:
                await stay(console, theater)
    return 0 if verdict.agrees else FAILED


@dataclass(frozen=True)
class Theater:
    """Everything that runs: the sandbox, the product on its clock, and who speaks to them."""

    programs: Programs
    product: Product
    clock: SharedClock
    overture: Overture
    sandbox: Sandbox
    cast: Cast
    settings: Mapping[str, str]
    mail: Mail
    site: str
    key: str


async def raise_curtain(stack: contextlib.AsyncExitStack, folder: Path, cast: Cast) -> Theater:
    """Start everything but the worker; the stack takes it down again, in order."""
    key, real = f"ov_{secrets.token_urlsafe(16)}", SystemClock()
    programs = await stack.enter_async_context(Programs(folder, real))
    site = await programs.start_sandbox()
    sandbox = await stack.enter_async_context(Sandbox(site))
    given = {**PACE, **(await settings_there(sandbox, site, cast.lineup) if cast.needs_unipile else {})}
    settings = settings_of(programs.settings_here(key, given))
    make_data_dir(programs.data_dir)
    clock = SharedClock.begin(programs.data_dir / CLOCK_FILE, first_morning(real.now()))
    log.configure("info", stack.enter_context((folder / "server.log").open("a")))
    product = await stack.enter_async_context(served(settings))
    overture = await stack.enter_async_context(Overture(product.url, key, real))
    if cast.needs_unipile:
        await listen(overture)
    mail = Mail(product.app, sandbox, is_awaited=cast.needs_unipile)
    return Theater(programs, product, clock, overture, sandbox, cast, given, mail, site, key)


async def play(theater: Theater, progress: Progress) -> tuple[Verdict, int]:
    """The story and its verdict, and how often the worker was killed."""
    overture, sandbox, cast = theater.overture, theater.sandbox, theater.cast
    people = read_people(cast.file)
    worker = await theater.programs.start_worker(theater.settings)
    killer = Killer(theater.programs, overture, sandbox, theater.settings, worker, progress)
    keeper = Keeper(theater.product.app, theater.clock, sandbox, theater.mail, killer)
    await keeper.begin()
    await furnish(sandbox, cast.lineup, people)
    story = Story(cast.file, cast.lineup, overture, sandbox, keeper, SystemClock(), progress)
    crowd = await story.prepare()
    killer.victims += [slug for slug, manner in crowd.manners.items() if manner.answers_slowly]
    await story.tell()
    reported = await Reported.read(overture, story.campaign_id)
    return judge(people, crowd.manners, reported, await sandbox.ledger()), killer.kills


async def stay(console: Console, theater: Theater) -> None:
    """Leave it all running until somebody stops it; today it is the day it is, and time passes by itself."""
    app, clock, sandbox = theater.product.app, theater.clock, theater.sandbox
    await Keeper(app, clock, sandbox, theater.mail).move_to(SystemClock().now())
    api, site, key = theater.product.url, theater.site, theater.key
    console.print(f"API      {api}/docs\nkey      {key}\nsandbox  {site}  (ledger: {site}/_sbx/ledger)")
    pages = sign_in_link(api, key, clock.now())
    console.print(f"pages    {pages}\n         (signs in once, from this machine)", soft_wrap=True)
    console.print("Ctrl-C stops everything.")
    await keep_planning(app, asyncio.Event())
