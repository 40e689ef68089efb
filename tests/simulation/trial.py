"""One trial: a seed lived through on a database of its own, and what the audit says of it."""

import asyncio
import gc
import hashlib
import json
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import event, text

from .audit import Finding, Watch, audit
from .house import House, a_house
from .life import Life, a_life
from .plan import Plan
from .turns import StillLoop

RARELY: Final = (50_000, 20, 20)
"""How seldom a large world looks for what refers to itself in a ring: there is little of it."""
EVENTS: Final = text("""
select at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data from events
order by at, account_id, run_id, lead_id, id
""")

RARE: Final = frozenset(
    {
        *("lead.merged", "lead.erased", "lead.removed", "import.rolled_back", "campaign.published"),
        *("account.paused", "suppression.added", "system.kill_switch"),
    }
)


@dataclass
class Report:
    """What came of a trial."""

    plan: Plan
    findings: list[Finding] = field(default_factory=list)
    events_hash: str = ""
    ledger_hash: str = ""
    seconds: float = 0.0
    ticks: int = 0
    runs: int = 0
    deaths: int = 0
    statements: int = 0
    events: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    """Facts of the ledger, by kind."""
    upheavals: dict[str, int] = field(default_factory=dict)
    """What rarely happens, by the type of its event."""
    race: timedelta = timedelta()
    """The longest time by which an act came after an answer that its last look could not have seen."""

    @property
    def is_clean(self) -> bool:
        """Whether every promise was kept."""
        return not self.findings


def try_out(
    plan: Plan,
    url: str,
    bug: AbstractContextManager[object] | None = None,
    on_tick: Callable[[datetime], None] | None = None,
    until: frozenset[str] = frozenset(),
) -> Report:
    """Live through a plan; with a known bug in place only until one of these rules finds it."""
    with (
        tempfile.TemporaryDirectory(prefix="overture-trial-") as folder,
        bug or nullcontext(),
        asyncio.Runner(loop_factory=StillLoop) as runner,
    ):
        return runner.run(lived(plan, url, Path(folder), on_tick or (lambda _: None), until))


async def lived(
    plan: Plan, url: str, folder: Path, on_tick: Callable[[datetime], None], until: frozenset[str]
) -> Report:
    """The trial and its audit."""
    began, report, usual = time.perf_counter(), Report(plan), gc.get_threshold()
    async with a_house(plan, url, folder) as house:

        def count(*_: object) -> None:
            report.statements += 1

        event.listen(house.app.engine.sync_engine, "before_cursor_execute", count)
        if plan.is_fine:  # what is there already stays: in a large world it is not looked through again
            gc.collect()
            gc.freeze()
            gc.set_threshold(*RARELY)
        life, watch = a_life(house), Watch(house, until)
        life.on_tick, life.watch = on_tick, watch.look
        try:
            await life.live()
        finally:
            gc.unfreeze()
            gc.set_threshold(*usual)
        report.seconds = time.perf_counter() - began
        await told(report, house, life)
        report.findings, report.race = [*watch.found], timedelta()
        if not life.is_cut_short:
            at_the_end, report.race = await audit(house)
            report.findings += [one for one in at_the_end if one not in watch.found]
    return report


async def told(report: Report, house: House, life: Life) -> None:
    """The numbers of a trial."""
    report.ticks, report.runs, report.deaths = life.ticks, life.executed, life.deaths
    report.ledger_hash = house.society.ledger.digest()
    for fact in house.society.ledger.facts:
        report.kinds[fact.kind] = report.kinds.get(fact.kind, 0) + 1
    seen = hashlib.sha256()
    async with house.app.sessions() as db:
        async for row in await db.stream(EVENTS):
            seen.update(json.dumps([str(one) for one in row[:-1]] + [row[-1]], sort_keys=True).encode())
            report.events += 1
            if row.type in RARE:
                report.upheavals[row.type] = report.upheavals.get(row.type, 0) + 1
    report.events_hash = seen.hexdigest()[:16]
