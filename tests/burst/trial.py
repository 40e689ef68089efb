"""One burst: a story is delivered while those who take and apply it are killed; then all is counted."""

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psycopg

from overture import accounts, people
from overture.accounts import NO_LIMITS, Limits, NewAccount, Vault, WorkingHours
from overture.core import crypto
from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import connect
from overture.people import NewLead, Observed, Seen

from .audit import audit, plain
from .processes import Processes
from .sender import Job, written
from .story import Story, account_name, account_of, handle, member, slug

SECRET: Final = "a-secret-of-thirty-two-characters!"
HEADERS: Final = {"Unipile-Auth": SECRET, "Content-Type": "application/json", "User-Agent": "axios/1.7.7"}
RETRIES: Final = 60
"""Unipile gives up after five, at intervals nobody knows; here the machine may be slow to start a process."""
SETTLES: Final = 60.0
"""Seconds until everything has to be applied, and more for each delivery."""
SLOWEST: Final = 20
"""Deliveries per second of a machine that is busy with other things."""
ROOT: Final = Path(__file__).parents[2]
STORED: Final = "select count(*) from webhook_deliveries"
LEFT: Final = "select count(*) from webhook_deliveries where state in ('received', 'unmatched')"


@dataclass
class Report:
    """What a burst saw."""

    kills: int = 0
    killed_amid: int = 0
    """Kills of whoever applies with a transaction of theirs under way."""
    sender: dict[str, Any] = field(default_factory=dict)
    applied_s: float = 0.0
    """Seconds from the first delivery to the last that was applied."""
    findings: list[str] = field(default_factory=list)


def settings_of(url: str, folder: Path) -> Settings:
    """The product's settings in a burst."""
    values = {
        "data_dir": folder,
        "database_url": plain(url),
        "api_key": "ov_burst",
        "port": 0,
        "unipile_webhook_secret": SECRET,
        "worker_embedded": False,
        "planner_embedded": False,
        "inbox_tick": timedelta(milliseconds=100),
    }
    return Settings.model_validate({**Settings(_env_file=None).model_dump(), **values})


async def people_of(story: Story, settings: Settings) -> None:
    """The accounts, and the people they invited."""
    clock = SystemClock()
    ids, vault = Ids(clock, Rng()), Vault(crypto.load_or_create(settings.keys_path))
    assert settings.database_url is not None
    engine, sessions = connect(settings.database_url.get_secret_value())
    free = Limits.model_validate({**NO_LIMITS, "min_gap_s": 0})
    async with sessions.begin() as db:
        owners = []
        for number in range(story.size.accounts):
            new = NewAccount(
                handle=handle(number),
                provider="unipile",
                credentials={},
                working_hours=WorkingHours.always(),
                limits=free,
                ramp="off",
            )
            made = await accounts.create(db, vault, ids.new(), new, "linkedin", clock.now())
            await accounts.call_external(db, made, account_name(number), clock.now())
            owners.append(made)
        invited = []
        for person in range(story.size.people):
            new_lead = NewLead(linkedin_slug=slug(person), linkedin_profile_id=member(person + 1))
            taken = await people.take_in(db, ids, clock.now(), new_lead, "api", people.Mode())
            assert taken.lead is not None
            owner = owners[account_of(story.size, person)]
            invited.append(Observed(owner.id, taken.lead.id, Seen("invited", clock.now(), "test")))
        await people.observe_all(db, invited, clock.now())
    await engine.dispose()


class Trial:
    """A burst under way."""

    def __init__(self, story: Story, settings: Settings, processes: Processes) -> None:
        self._story, self._settings, self._processes = story, settings, processes
        assert settings.database_url is not None
        self._database = psycopg.connect(settings.database_url.get_secret_value(), autocommit=True)
        self._patience = SETTLES + len(story.deliveries) / SLOWEST
        self.report = Report()

    async def run(self, deaths: int) -> Report:
        """Deliver, kill, wait until all is applied, count."""
        await people_of(self._story, self._settings)
        self._processes.start_receiving()
        self._processes.start_applying()
        await eventually(lambda: self._processes.port > 0, "the receiver to listen")
        began = time.monotonic()
        sending = asyncio.create_task(self._send())
        try:
            for number in range(deaths):
                await self._stored((number + 1) * len(self._story.deliveries) // (deaths + 2))
                self._kill(number)
            self.report.sender = await sending
        finally:
            sending.cancel()
        with contextlib.suppress(TimeoutError):  # the audit says what is left
            await eventually(lambda: self._count(LEFT) == 0, "everything to be applied", self._patience)
        self.report.applied_s = time.monotonic() - began
        self.report.findings = audit(self._database, self._story)
        self._database.close()
        return self.report

    async def _send(self) -> dict[str, Any]:
        """The sender's process, from its start to its end; what it saw."""
        folder = self._settings.data_dir
        lines = [json.dumps([one.address, one.body, one.waits]) for one in self._story.deliveries]
        bodies, job = folder / "bodies", folder / "job"
        await asyncio.to_thread(bodies.write_text, "\n".join(lines))
        port = self._processes.port
        written(Job("127.0.0.1", port, HEADERS, str(bodies), retries=RETRIES), job)
        arguments = [str(Path(__file__).with_name("sender.py")), str(job)]  # a file: it needs nothing of ours
        process = await asyncio.create_subprocess_exec(
            sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
        )
        try:
            out, _ = await process.communicate()
        finally:
            if process.returncode is None:  # the burst broke off
                process.kill()
        seen: dict[str, Any] = json.loads(out)
        return seen

    async def _stored(self, wanted: int) -> None:
        """Wait until so many were taken."""
        await eventually(lambda: self._count(STORED) >= wanted, f"{wanted} to be taken", self._patience)

    def _kill(self, number: int) -> None:
        """The receiver, whoever applies, or both; others take their places."""
        if number % 3 != 1:
            self._processes.kill_receiving()
            self._processes.start_receiving()
            self.report.kills += 1
        if number % 3 != 0:
            self.report.killed_amid += self._count(AMID) > 0
            self._processes.kill_applying()
            self._processes.start_applying()
            self.report.kills += 1

    def _count(self, query: str) -> int:
        row = self._database.execute(query.encode()).fetchone()
        assert row is not None
        return int(row[0])


AMID: Final = """
select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null
    and pid in (select pid from pg_locks where relation = 'webhook_deliveries'::regclass
        and mode = 'RowShareLock')
"""


async def eventually(is_so: Callable[[], bool], what: str, within: float = 60.0) -> None:
    """Wait for what other processes bring about."""
    until = time.monotonic() + within
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"waited {within:.0f} s for {what}")
        await asyncio.sleep(0.05)


async def burst(story: Story, url: str, folder: Path, deaths: int) -> Report:
    """A burst on a database of its own."""
    with Processes(settings_of(url, folder)) as processes:
        return await Trial(story, settings_of(url, folder), processes).run(deaths)


def told(story: Story, report: Report) -> dict[str, Any]:
    """A burst in figures."""
    sent = len(story.deliveries)
    return {
        "deliveries": sent,
        "doubled": story.doubles,
        "kills": report.kills,
        "killed_amid_applying": report.killed_amid,
        "sender": report.sender,
        "applied_s": round(report.applied_s, 1),
        "applied_per_s": round((sent - story.doubles) / report.applied_s, 1),
        "messages": len(story.messages),
        "acceptances": len(story.accepted),
        "accounts": len(story.words),
        "findings": report.findings,
    }


def clean(reports: Sequence[Report]) -> bool:
    """Whether nothing was found wrong."""
    return not any(report.findings for report in reports)
