"""Cost of a planner's tick with 10k, 100k and 1M enrollments, the same number of them due each time.

    uv run python -m benchmarks.planner [SIZE…]        # 10,000 100,000 1,000,000 unless said otherwise

Every size has a database of its own on one server, filled before anything is measured. Their ticks take
turns, so that whatever else the machine does falls on all of them alike; the first size is the baseline.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from benchmarks import ground
from overture import campaigns
from overture.accounts import NO_LIMITS, Limits, NewAccount, Vault, WorkingHours, create
from overture.campaigns import CampaignSettings, NewCampaign, PlannerKit
from overture.core import crypto
from overture.core.clock import ManualClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.db import connect

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
SIZES = (10_000, 100_000, 1_000_000)
DUE = 200
WARM_UP = 3
TICKS = 15
GROWTH = 1.2
STEP = {"id": "a", "channel": "linkedin", "touchpoint": {"type": "message", "message": "Hi"}}
SEQUENCE = {"name": "bench", "steps": [STEP, {**STEP, "id": "b", "delay": "30 days"}]}
SENDERS = 20

FILL = text("""
with made as (
    insert into leads (lead_id, first_name, custom, source, stage, created_at, updated_at)
    select uuidv7(), 'Lea', '{}', 'bench', 'DISCOVERED', :now, :now
    from generate_series(1, cast(:count as int)) returning lead_id
), numbered as (select lead_id, row_number() over () as n from made),
keyed as (
    insert into identities (kind, value, lead_id, source, created_at)
    select 'linkedin', 'lea-' || lead_id, lead_id, 'bench', :now from made
)
insert into enrollments (enrollment_id, campaign_id, lead_id, account_id, seats, version_id, state, reason,
    next_action_at, lane, priority, round, fallback, entered_at, variants, enrolled_at)
select uuidv7(), :campaign, lead_id, seat, jsonb_build_object('linkedin', seat), :version,
    'active', 'delay',
    :now + make_interval(days => 40, secs => n), 'follow_up', 0, 0, 0, :now, '{}', :now
from (select lead_id, n, (cast(:accounts as uuid[]))[1 + n % cardinality(cast(:accounts as uuid[]))] as seat
      from numbered) dealt
""")
DUE_NOW = text("""
update enrollments set next_action_at = :now where enrollment_id in (
    select enrollment_id from enrollments where reason = 'delay' and next_action_at > :now limit :due)
""")


async def prepare(db: AsyncSession, ids: Ids, vault: Vault) -> dict[str, object]:
    """A running campaign with senders that may act at any hour."""
    handles = {}
    for number in range(SENDERS):
        limits = Limits.model_validate({**NO_LIMITS, "min_gap_s": 1.0})
        new = NewAccount(handle=f"s{number}", working_hours=WorkingHours.always(), limits=limits, ramp="off")
        handles[f"s{number}"] = (await create(db, vault, ids.new(), new, "linkedin", START)).id
    settings = CampaignSettings(accounts=dict.fromkeys(handles, 1))
    campaign = await campaigns.create(db, ids, NewCampaign("bench", SEQUENCE, settings), "bench", START)
    await campaigns.do(db, ids, campaign, "start", "bench", START)
    version, senders = campaign.version_id, list(handles.values())
    return {"campaign": campaign.id, "version": version, "accounts": senders}


@dataclass
class Trial:
    """One size: its planner on its own database, and how long its ticks took."""

    size: int
    engine: AsyncEngine
    kit: PlannerKit
    clock: ManualClock
    times: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)

    async def tick(self) -> None:
        """A tick in which so many are due: the seconds it takes, and those of the processors."""
        self.clock.advance(timedelta(seconds=30))
        async with self.kit.sessions.begin() as db:
            await db.execute(DUE_NOW, {"now": self.clock.now(), "due": DUE})
        before, began = await ground.spent(self.kit.sessions), ground.watch()
        ticked = await campaigns.tick(self.kit, self.clock.now())
        self.times.append(ground.watch() - began)
        after = await ground.spent(self.kit.sessions)
        self.costs.append(sum(after) - sum(before))
        assert ticked.counts["due"] == DUE, ticked.counts


async def filled(url: str, size: int) -> Trial:
    """A database with so many enrollments, as it is after some time: vacuumed, its statistics known."""
    clock, rng = ManualClock(START), Rng(b"bench")
    engine, sessions = connect(url)
    ids, ring = Ids(clock, rng), crypto.KeyRing({b"bench0": b"k" * 32}, b"bench0")
    kit = PlannerKit(sessions, ids, rng, timedelta(seconds=30), batch=DUE)
    async with sessions.begin() as db:
        made = await prepare(db, ids, Vault(ring))
        await db.execute(text("set local session_replication_role = replica"))  # no look-up for each key
        await db.execute(FILL, {**made, "count": size, "now": START})
    async with engine.connect() as plain:
        await (await plain.execution_options(isolation_level="AUTOCOMMIT")).execute(text("vacuum analyze"))
    return Trial(size, engine, kit, clock)


async def measure(urls: Mapping[int, str]) -> list[Trial]:
    """Fill and tick each size."""
    trials = []
    for size, url in urls.items():
        began = ground.watch()
        trials.append(await filled(url, size))
        ground.screen.print(f"{size} enrollments in {ground.watch() - began:.0f} s")
    for trial in trials:
        await campaigns.tick(trial.kit, trial.clock.now())
    for _ in range(WARM_UP + TICKS):
        for trial in trials:
            await trial.tick()
    for trial in trials:
        await trial.engine.dispose()
    return trials


def median_ms(seconds: Sequence[float]) -> float:
    """The median without those of the warm-up, in milliseconds."""
    return round(statistics.median(seconds[WARM_UP:]) * 1000, 1)


def main() -> int:
    """Measure every size and compare what a tick costs the processors with the first: that is the plan's,
    while the time it takes is also that of the disk and of whatever else runs."""
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    with ground.database() as server:
        trials = asyncio.run(measure({size: ground.fresh(server, f"b{size}") for size in sizes}))
    costs = {trial.size: median_ms(trial.costs) for trial in trials}
    growth = {str(size): round(cost / costs[sizes[0]], 3) for size, cost in costs.items()}
    ground.report(
        {
            "benchmark": "planner",
            "met": max(growth.values()) < GROWTH,
            "due_per_tick": DUE,
            "tick_ms": {str(trial.size): median_ms(trial.times) for trial in trials},
            "tick_processor_ms": {str(size): cost for size, cost in costs.items()},
            "growth": growth,
            "wanted_growth": GROWTH,
            "load": round(os.getloadavg()[0], 1),
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
