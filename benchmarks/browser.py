"""Two measures with the real browser against the sandbox. `python -m benchmarks.browser`.

Overhead: an invitation as a run (submitted, admitted, fenced, recorded) over the same browser steps.
Overhead: an invitation as a run (submitted, fenced, recorded) over the same browser steps alone.
"""

import asyncio
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

import psutil
from pydantic import SecretStr

from benchmarks import ground
from overture import accounts, runs
from overture.accounts import Limits, NewAccount, WorkingHours
from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import App, open_app
from overture.entrypoints.serve import background
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.runs.trace import Timeline, unheard_step
from overture.touchpoints import Connect, Intent, LastLook, Secrets, Sender
from overture_sandbox.testing import SandboxServer

ROUNDS: Final = 12
SEATS: Final = 20  # as many as a worker keeps by default (OVERTURE_BROWSER_CONTEXTS)
MOST_OVERHEAD: Final = 1.10
LEAST_SHARING: Final = 3.0
PASSWORD: Final = "bench-pass"


async def invite_bare(app: App, sender: Sender, slug: str) -> float:
    """Seconds of the browser steps of an invitation, nothing around them."""
    provider = app.providers[sender.provider]
    began = ground.watch()
    async with provider.open(sender, Timeline(app.clock, unheard_step)) as session:
        token = app.ids.token()
        write = session.write(Connect(public_identifier=slug), token)
        await write.prepare()
        await write.last_look(LastLook(since=app.now(), own_tokens=frozenset()))
        accepted = await write.act(Intent(token, app.now() + timedelta(seconds=20)))
        if await write.confirm(accepted) is None:
            raise RuntimeError("the invitation is not to be seen")
    return ground.watch() - began


async def invite_as_run(app: App, handle: str, slug: str) -> float:
    """Seconds from submitting the run to its end on record, by the run's own times."""
    async with app.sessions.begin() as db:
        request = runs.RunRequest(handle, Connect(public_identifier=slug))
        submitted = await runs.submit(db, app.ids, request, app.now(), app.kit.lease(app.now()))
    while True:
        async with app.sessions() as db:
            run = await runs.by_id(db, submitted.run.id)
        if run.completed_at is not None and run.status == "completed":
            return (run.completed_at - run.created_at).total_seconds()
        if run.status in ("failed", "held"):
            raise RuntimeError(f"{run.status}: {run.error_code} {run.error}")
        await asyncio.sleep(0.2)  # rarely: looking costs time on the loop the run is on


@asynccontextmanager
async def product(sandbox: SandboxServer) -> AsyncIterator[App]:
    """The product on an embedded database of its own, before the sandbox."""
    with tempfile.TemporaryDirectory(prefix="overture-bench-") as name:
        Path(name).chmod(0o711)  # noqa: ASYNC240 - before anything runs
        async with open_app(Settings(data_dir=Path(name), linkedin_url=sandbox.url)) as app:
            yield app


def people(sandbox: SandboxServer, count: int) -> list[str]:
    """Slugs of strangers with a plain Connect button."""
    made = [sandbox.admin.post("/members", first_name="Bench", last_name=f"Person{n}") for n in range(count)]
    return [str(member.get("slug") or member["member"]["slug"]) for member in made]


async def overhead() -> dict[str, object]:
    """Median of the run over the median of the bare steps, taken in turns."""
    with SandboxServer() as sandbox:
        sandbox.admin.post(
            "/logins", username="bench@sandbox.test", password=PASSWORD, variant="B", locale="en"
        )
        slugs = people(sandbox, 2 * ROUNDS + 2)
        async with product(sandbox) as app:
            credentials = {"username": SecretStr("bench@sandbox.test"), "password": SecretStr(PASSWORD)}
            new = NewAccount(
                handle="bench",
                credentials=credentials,
                working_hours=WorkingHours.always(),
                limits=Limits.model_validate({"invite": {}, "min_gap_s": 0}),
                ramp="off",
            )
            async with app.sessions.begin() as db:
                account = await accounts.create(db, app.vault, app.ids.new(), new, "linkedin", app.now())
            async with background(app, worker=True):
                await invite_as_run(app, "bench", slugs.pop())  # logs in, warms up
                bare, as_run = [], []
                for _ in range(ROUNDS):
                    async with app.sessions() as db:
                        secrets = await app.vault.open(db, account.id)
                    sender = Sender(account.id, "bench", "linkedin_browser", "UTC", secrets)
                    bare.append(await invite_bare(app, sender, slugs.pop()))
                    as_run.append(await invite_as_run(app, "bench", slugs.pop()))
    ratio = statistics.median(as_run) / statistics.median(bare)
    return {
        "bare_s": round(statistics.median(bare), 3),
        "run_s": round(statistics.median(as_run), 3),
        "ratio_to_bare": round(ratio, 3),
        "met": ratio <= MOST_OVERHEAD,
    }


def chromium_bytes() -> int:
    """Memory of every Chromium below this process, shared pages counted once."""
    total = 0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # Chromium ends helpers as it likes
            total += process.memory_full_info().pss if "chrom" in process.name() else 0
    return total


async def seated(sandbox: SandboxServer, seats: int, *, shared: bool) -> int:
    """Bytes of Chromium with so many accounts logged in and looking at a profile."""
    with tempfile.TemporaryDirectory(prefix="overture-bench-") as name:
        async with product_ports(Path(name), sandbox) as (settings, app):
            made = LinkedInBrowser(settings, app.clock, app.rng)
            providers = [
                made if shared else LinkedInBrowser(settings, app.clock, app.rng) for _ in range(seats)
            ]
            try:
                for number, provider in enumerate(providers):
                    await sit(app, sandbox, provider, number)
                return chromium_bytes()
            finally:
                for provider in set(providers):
                    await provider.close()


@asynccontextmanager
async def product_ports(folder: Path, sandbox: SandboxServer) -> AsyncIterator[tuple[Settings, App]]:
    """Settings and ports; the browser needs no database, the App brings one anyway."""
    async with product(sandbox) as app:
        yield app.settings.model_copy(update={"data_dir": folder, "browser_contexts": SEATS}), app


async def sit(app: App, sandbox: SandboxServer, provider: LinkedInBrowser, number: int) -> None:
    """Log one account in and let it read a profile; its page stays open."""
    username = f"seat{number}@sandbox.test"
    sandbox.admin.post("/logins", username=username, password=PASSWORD, variant="B", locale="en")
    secrets = Secrets({"username": username, "password": PASSWORD})
    sender = Sender(UUID(int=number), f"seat{number}", provider.name, "UTC", secrets)
    async with provider.open(sender, Timeline(app.clock, unheard_step)) as session:
        write = session.write(Connect(public_identifier="prisca-hollowell-sbx"), app.ids.token())
        await write.prepare()
        await write.abandon()


async def memory() -> dict[str, object]:
    """Accounts per GiB, shared and not."""
    with SandboxServer() as sandbox:
        together = await seated(sandbox, SEATS, shared=True)
        sandbox.reset()
        apart = await seated(sandbox, SEATS, shared=False)
    gib = 1 << 30
    ratio = apart / together
    return {
        "accounts": SEATS,
        "shared_mib": together >> 20,
        "one_each_mib": apart >> 20,
        "accounts_per_gib_shared": round(SEATS * gib / together, 1),
        "accounts_per_gib_one_each": round(SEATS * gib / apart, 1),
        "ratio_to_one_each": round(ratio, 2),
        "met": ratio >= LEAST_SHARING,
    }


def main() -> int:
    """Measure both, print, and say whether the targets are met."""
    log.configure("warning")
    over = asyncio.run(overhead())
    ground.screen.print("overhead of a run:", over)
    room = asyncio.run(memory())
    ground.screen.print("memory:", room)
    met = bool(over["met"] and room["met"])
    ground.report({"benchmark": "browser", "overhead": over, "memory": room, "met": met})
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
