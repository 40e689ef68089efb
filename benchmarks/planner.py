"""Cost of a planner's tick with 10k, 100k and 1M enrollments, the same number of them due each time."""

import asyncio
import statistics
import sys
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

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
TICKS = 12
GROWTH = 1.2
STEP = {"id": "a", "channel": "linkedin", "touchpoint": {"type": "message", "message": "Hi"}}
SEQUENCE = {"name": "bench", "steps": [STEP, {**STEP, "id": "b", "delay": "30 days"}]}
SENDERS = 20

FILL = text("""
with made as (
    insert into leads (lead_id, first_name, custom, source, stage, created_at, updated_at)
    select gen_random_uuid(), 'Lea', '{}', 'bench', 'DISCOVERED', :now, :now
    from generate_series(1, cast(:count as int)) returning lead_id
), numbered as (select lead_id, row_number() over () as n from made),
keyed as (
    insert into identities (kind, value, lead_id, source, created_at)
    select 'linkedin', 'lea-' || lead_id, lead_id, 'bench', :now from made
)
insert into enrollments (enrollment_id, campaign_id, lead_id, account_id, seats, version_id, state, reason,
    next_action_at, lane, priority, round, fallback, entered_at, variants, enrolled_at)
select gen_random_uuid(), :campaign, lead_id, seat, jsonb_build_object('linkedin', seat), :version,
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


async def measure(url: str, size: int) -> float:
    """The median time of a tick, in seconds, with so many enrollments."""
    clock, rng = ManualClock(START), Rng(b"bench")
    engine, sessions = connect(url)
    ids, ring = Ids(clock, rng), crypto.KeyRing({b"bench0": b"k" * 32}, b"bench0")
    kit = PlannerKit(sessions, ids, rng, timedelta(seconds=30), batch=DUE)
    async with sessions.begin() as db:
        made = await prepare(db, ids, Vault(ring))
        await db.execute(FILL, {**made, "count": size, "now": START})
    async with engine.connect() as plain:
        await (await plain.execution_options(isolation_level="AUTOCOMMIT")).execute(text("vacuum analyze"))
    await campaigns.tick(kit, clock.now())
    times = []
    for _ in range(TICKS):
        clock.advance(timedelta(seconds=30))
        async with sessions.begin() as db:
            await db.execute(DUE_NOW, {"now": clock.now(), "due": DUE})
        began = ground.watch()
        ticked = await campaigns.tick(kit, clock.now())
        times.append(ground.watch() - began)
        assert ticked.counts["due"] == DUE
    await engine.dispose()
    return statistics.median(times)


def main() -> int:
    """Measure every size and compare the largest with the smallest."""
    sizes = [int(one) for one in sys.argv[1:]] or list(SIZES)
    with ground.database() as server:
        times = {size: asyncio.run(measure(ground.fresh(server, f"b{size}"), size)) for size in sizes}
    growth = times[sizes[-1]] / times[sizes[0]]
    shown = {str(size): round(seconds * 1000, 1) for size, seconds in times.items()}
    ground.report(
        {
            "benchmark": "planner",
            "met": growth < GROWTH,
            "due_per_tick": DUE,
            "tick_ms": shown,
            "growth": round(growth, 3),
            "wanted_growth": GROWTH,
        }
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
