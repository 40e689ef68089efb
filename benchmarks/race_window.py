"""How long before a message leaves a reply is no longer noticed: `python -m benchmarks.race_window [NAME…]`.

A reply that arrives between planning and sending stops the send (I4), until the last look at the thread; what
arrives between that look and the request on the wire is too late. This window, δ, is measured at the world's
own door, in a process of its own: from the moment the look's read came in to the moment the act came in. For
Unipile how far its store is behind LinkedIn comes on top: within it even a look sees nothing.

Each provider sends some messages nobody answers (their δ is measured, and the time a run takes); then people
reply at ever later moments, from the submission up to the send. Each reply that was in the world before the
window has to have stopped its run, and every message that left has to be one that was asked for.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.request import urlopen
from uuid import UUID

from pydantic import SecretStr

from benchmarks import ground
from benchmarks.race_world import SEEN
from overture import accounts, runs
from overture.accounts import NO_LIMITS, Limits, NewAccount, WorkingHours
from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import App, open_app
from overture.entrypoints.demo.fast import Fast
from overture.entrypoints.serve import background
from overture.runs import Run
from overture.touchpoints import Message
from overture_sandbox.testing import AdminClient

REPLIES: Final = 10
UNANSWERED: Final = 5
STORE_BEHIND_S: Final = 2.0
"""How far Unipile's store is behind in its second round; of the real one 30 to 60 s are told."""
PASSWORD: Final = "race-pass"
KEY: Final = "sandbox-unipile-key"
LOOKS: Final = ("/api/v1/chats", "/api/v1/messages", "/api/v1/chat_attendees", "voyagerMessagingGraphQL")
ACTS: Final = ("/api/v1/chats", "voyagerMessagingDashMessengerMessages?action=createMessage")
OVER: Final = ("completed", "failed", "held", "cancelled")
PATIENCE_S: Final = 90.0
Request = dict[str, Any]


@dataclass(frozen=True)
class Entrant:
    """One provider of the race."""

    name: str
    provider: str
    store_behind_s: float = 0.0


ENTRANTS: Final = (
    Entrant("linkedin_browser", "linkedin_browser"),
    Entrant("unipile", "unipile"),
    Entrant("unipile_store_behind", "unipile", STORE_BEHIND_S),
    Entrant("linkedin_fast", "linkedin_fast"),
)


@dataclass(frozen=True)
class Try:
    """One message and, perhaps, a reply on its way."""

    was_sent: bool
    code: str | None
    messages: int
    """Ours that the world saw."""
    steps: dict[str, float]
    look: Request | None
    act: Request | None
    reply: Request | None

    @property
    def window(self) -> float | None:
        """Seconds from the last look at the world to the act in it."""
        return self.act["came"] - self.look["came"] if self.act and self.look else None

    def verdict(self, behind: float) -> str:
        """How the reply lies to the last look: `before`, `in_the_window`, or `at_the_edge` of it."""
        assert self.reply is not None
        if self.look is None or self.reply["answered"] + behind < self.look["came"]:
            return "before"
        return "in_the_window" if self.reply["came"] + behind > self.look["answered"] else "at_the_edge"


@dataclass
class Race:
    """Product and world, and what the product is doing."""

    app: App
    admin: AdminClient
    url: str
    steps: dict[str, float] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 1_000_000)))

    def heard(self, step: str) -> None:
        """Take down when a step was reached."""
        self.steps.setdefault(step, time.monotonic())

    async def person(self, handle: str) -> str:
        """A connection of the account that wrote to it some time ago."""
        name = f"Racer{next(self.numbers)}"
        made = await asyncio.to_thread(self.admin.post, "/members", first_name="Rea", last_name=name)
        relation = {"account": login(handle), "member": made["slug"], "state": "connected"}
        await asyncio.to_thread(self.admin.put, "/relationships", relation)
        await asyncio.to_thread(self.reply, handle, made["slug"], "Nice to meet you")
        return str(made["slug"])

    def reply(self, handle: str, slug: str, text: str) -> None:
        """They write to the account."""
        self.admin.post(f"/people/{slug}/reply", account=login(handle), text=text)

    async def attempt(self, entrant: Entrant, slug: str, delay: float | None) -> Try:
        """Send a message; so many seconds after it was submitted they reply, or not at all."""
        await asyncio.to_thread(self.seen)
        self.steps = {"submitted": time.monotonic()}
        async with asyncio.TaskGroup() as group:
            if delay is not None:
                group.create_task(self._reply_after(entrant.name, slug, delay))
            ended = await self._ended(await self._submitted(entrant, slug))
        seen = await asyncio.to_thread(self.seen)
        of_ours = {"kind": "message", "account": login(entrant.name), "target": slug}
        return self._told(ended, seen, len(await asyncio.to_thread(self.admin.ledger, **of_ours)))

    async def _reply_after(self, handle: str, slug: str, delay: float) -> None:
        await asyncio.sleep(delay)
        await asyncio.to_thread(self.reply, handle, slug, "Wait, a question first")

    async def _submitted(self, entrant: Entrant, slug: str) -> UUID:
        """A run that waits as long as the store is behind, so that replies before it can be seen at all."""
        wanted = Message(public_identifier=slug, message="Hello, shall we talk?")
        now = self.app.now()
        waits = timedelta(seconds=entrant.store_behind_s * 1.5)
        request = runs.RunRequest(entrant.name, wanted, not_before=now + waits if waits else None)
        async with self.app.sessions.begin() as db:
            return (await runs.submit(db, self.app.ids, request, now, self.app.kit.lease(now))).run.id

    async def _ended(self, run_id: UUID) -> Run:
        """The run once it is over."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            async with self.app.sessions.begin() as db:
                run = await runs.by_id(db, run_id)
            if run.status in OVER:
                return run
            await asyncio.sleep(0.1)
        raise TimeoutError(f"the run is {run.status} after {PATIENCE_S:.0f} s: {run.error_code} {run.error}")

    def _told(self, run: Run, seen: Sequence[Request], messages: int) -> Try:
        looked_at = self.steps.get("last_look")
        looks = [
            one
            for one in seen
            if one["method"] == "GET"
            and any(part in one["path"] for part in LOOKS)
            and looked_at is not None
            and one["answered"] <= looked_at
        ]
        acts = [one for one in seen if one["method"] == "POST" and any(part in one["path"] for part in ACTS)]
        replies = [one for one in seen if one["path"].startswith("/_sbx/people/")]
        return Try(
            was_sent=run.status == "completed",
            code=run.error_code,
            messages=messages,
            steps=self.steps,
            look=max(looks, key=lambda one: float(one["answered"]), default=None),
            act=acts[0] if acts else None,
            reply=replies[0] if replies else None,
        )

    def seen(self) -> list[Request]:
        """What came to the world since it was last asked."""
        with urlopen(f"{self.url}{SEEN}", timeout=20) as answer:
            found: list[Request] = json.loads(answer.read())
        return found


def login(handle: str) -> str:
    """The account's user name in the world."""
    return f"{handle.replace('_', '-')}@sandbox.test"


@contextmanager
def world() -> Iterator[str]:
    """A world in a process of its own; its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.race_world"], cwd=ground.ROOT, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=30)


@asynccontextmanager
async def race(url: str, folder: Path) -> AsyncIterator[Race]:
    """The product with a worker at work, before the world; its accounts are connected."""
    settings = Settings(
        data_dir=folder,
        linkedin_url=url,
        unipile_dsn=url,
        unipile_api_key=SecretStr(KEY),
        unipile_confirm=(0.0, 0.5, STORE_BEHIND_S + 0.5, STORE_BEHIND_S + 2),
    )
    async with open_app(settings) as opened:
        fast = Fast(settings, opened.clock)
        made = Race(opened, AdminClient(url), url)
        app = replace(opened, providers={**opened.providers, fast.name: fast}, on_step=made.heard)
        made.app = app
        for entrant in ENTRANTS:
            await enter(made, entrant)
        async with background(app, worker=True):
            yield made
        await fast.close()


async def enter(made: Race, entrant: Entrant) -> None:
    """An account of its own, free to act."""
    app, name = made.app, login(entrant.name)
    made.admin.post("/logins", username=name, password=PASSWORD, variant="B", locale="en")
    is_unipile = entrant.provider == "unipile"
    secrets = {"username": SecretStr(name), "password": SecretStr(PASSWORD)}
    new = NewAccount(
        handle=entrant.name,
        provider=entrant.provider,
        credentials={} if is_unipile else secrets,
        working_hours=WorkingHours.always(),
        limits=Limits.model_validate({**NO_LIMITS, "min_gap_s": 0}),
        ramp="off",
    )
    async with app.sessions.begin() as db:
        account = await accounts.create(db, app.vault, app.ids.new(), new, "linkedin", app.now())
        if is_unipile:
            known_as = made.admin.post("/unipile/accounts", account=name)["id"]
            await accounts.call_external(db, account, known_as, app.now())


def moments(tries: Sequence[Try], how_many: int, behind: float) -> list[float]:
    """Ever later moments after a run was submitted: half of them until δ begins, half about it."""
    look = statistics.median(one.look["came"] - one.steps["submitted"] for one in tries if one.look) - behind
    act = statistics.median(one.act["came"] - one.steps["submitted"] for one in tries if one.act)
    early, late = how_many // 2, how_many - how_many // 2
    around = max(0.0, look - (act - look - behind))
    return [look * n / early for n in range(early)] + [
        around + (act - around) * n / max(1, late - 1) for n in range(late)
    ]


async def run_of(made: Race, entrant: Entrant, replies: int) -> dict[str, Any]:
    """A provider's δ, and what its replies did."""
    made.admin.patch("/unipile", read_lag_s=entrant.store_behind_s)
    people = [await made.person(entrant.name) for _ in range(1 + UNANSWERED + replies)]
    await asyncio.sleep(2.5 + entrant.store_behind_s)  # what they wrote is older than anything planned now
    await made.attempt(entrant, people.pop(), None)  # signs in and warms up
    unanswered = [await made.attempt(entrant, people.pop(), None) for _ in range(UNANSWERED)]
    delays = moments(unanswered, replies, entrant.store_behind_s)
    answered = [await made.attempt(entrant, people.pop(), delay) for delay in delays]
    return told(entrant, unanswered, answered)


def told(entrant: Entrant, unanswered: Sequence[Try], answered: Sequence[Try]) -> dict[str, Any]:
    """In figures."""
    behind = entrant.store_behind_s
    sent = [one for one in (*unanswered, *answered) if one.window is not None]
    windows = [one.window or 0.0 for one in sent]
    before = [one for one in answered if one.verdict(behind) == "before"]
    stopped = [one for one in before if one.code == "replied_already" and not one.messages]
    honest = all(one.messages == (1 if one.was_sent else 0) for one in (*unanswered, *answered))
    return {
        "delta_median_ms": millis(statistics.median(windows) + behind),
        "delta_worst_ms": millis(max(windows) + behind),
        "of_it": {
            "store_behind_ms": millis(behind),
            "look_read_to_intended_ms": millis(part(sent, "intended")),
            "intended_to_wire_ms": millis(statistics.median(windows) - part(sent, "intended")),
        },
        "measured_sends": len(sent),
        "unanswered_sent": f"{sum(one.was_sent for one in unanswered)}/{len(unanswered)}",
        "replies": len(answered),
        "before_the_window": len(before),
        "of_those_stopped": len(stopped),
        "at_its_edge": sum(one.verdict(behind) == "at_the_edge" for one in answered),
        "in_it_or_later": sum(one.verdict(behind) == "in_the_window" for one in answered),
        "codes": sorted({one.code for one in answered if one.code}),
        "met": honest and len(stopped) == len(before) > 0 and all(one.was_sent for one in unanswered),
    }


def part(sent: Sequence[Try], step: str) -> float:
    """Seconds from the look's read to a step of ours, in the median."""
    return statistics.median(one.steps[step] - float(one.look["came"]) for one in sent if one.look)


def millis(seconds: float) -> float:
    """As it is shown."""
    return round(seconds * 1000, 1)


async def measure(names: Sequence[str], replies: int) -> dict[str, Any]:
    """One provider after the other."""
    with world() as url, tempfile.TemporaryDirectory(prefix="overture-race-") as folder:
        Path(folder).chmod(0o711)  # noqa: ASYNC240 - before anything runs
        async with race(url, Path(folder)) as made:
            return {one.name: await run_of(made, one, replies) for one in ENTRANTS if one.name in names}


def main(argv: Sequence[str]) -> int:
    """Measure and print."""
    every = [one.name for one in ENTRANTS]
    parser = argparse.ArgumentParser(prog="benchmarks.race_window", description=__doc__)
    parser.add_argument("entrants", nargs="*", default=every, help=", ".join(every))
    parser.add_argument("--replies", type=int, default=REPLIES, help="people who reply, per provider")
    given = parser.parse_args(argv)
    if unknown := set(given.entrants) - set(every):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(every)}")
    log.configure("error")
    load = os.getloadavg()[0]
    found = asyncio.run(measure(given.entrants, given.replies))
    met = all(one["met"] for one in found.values())
    ground.report({"benchmark": "race_window", "load_before": round(load, 1), **found, "met": met})
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
