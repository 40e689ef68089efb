"""However much there is: neither planner nor worker reads a large table from end to end.

A statement that does is quick on ten thousand rows and slow on a million; no other test would notice.
"""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import text

from campaign_house import CLASSIC, DAY, MINUTE, House, a_house
from overture import runs
from product import MakeApp
from waiting import eventually

MANY = 6_000
LEADS = """
with made as (
    insert into leads (lead_id, first_name, custom, source, stage, created_at, updated_at)
    select uuidv7(), 'Lea', '{}', 'of-old', 'DISCOVERED', :now, :now from generate_series(1, :many)
    returning lead_id
)
insert into identities (kind, value, lead_id, source, created_at)
select 'linkedin', 'lea-' || lead_id, lead_id, 'test', :now from made
"""


@dataclass(frozen=True)
class Copies:
    """Many rows like one that is there."""

    table: str
    like: str
    """Which one."""
    changed: str
    """What is different in each copy: names and values."""
    each: str
    """One for each row of this."""

    @property
    def statement(self) -> str:
        """The insertion."""
        one = f"(select to_jsonb(one) from {self.table} one where {self.like} limit 1)"
        row = f"jsonb_populate_record(null::{self.table}, {one} || jsonb_build_object({self.changed}))"
        return f"insert into {self.table} select ({row}).* from {self.each}"


OLD_LEADS = "(select lead_id, row_number() over () as n from leads where source = 'of-old') old"
OF_ONE = "'enrollment_id', uuidv7(), 'lead_id', lead_id, 'step', null, 'priority', -1, 'finished_at', null"
COPIES = (
    Copies("relationships", "true", "'lead_id', lead_id", OLD_LEADS),
    # Half of them wait for a day far away, the others behind everybody else in the queue.
    Copies(
        "enrollments",
        "true",
        f"{OF_ONE}, 'state', 'active', 'reason', case n % 2 when 1 then 'delay' else 'queued' end, "
        "'next_action_at', cast(:now as timestamptz) + make_interval(days => cast(n % 2 as int) * 400)",
        OLD_LEADS,
    ),
    Copies(
        "runs",
        "status = 'completed'",
        "'run_id', uuidv7(), 'token', uuidv7(), 'target', 'of-old-' || n, "
        "'started_at', cast(:now as timestamptz) - age, 'intended_at', cast(:now as timestamptz) - age",
        "(select n, make_interval(days => 100 + n % 500) as age from generate_series(1, :many) n) aged",
    ),
    Copies(
        "touches",
        "state not in ('planned', 'submitted')",
        "'touch_id', uuidv7(), 'run_id', run_id, 'text_hash', run_id::text, "
        "'enrollment_id', enrollment_id, 'lead_id', lead_id, "
        "'planned_at', cast(:now as timestamptz) - interval '99 days'",
        "(select run_id, row_number() over () as n from runs where target like 'of-old-%') r join (select "
        "enrollment_id, lead_id, row_number() over () as n from enrollments where priority = -1) e using (n)",
    ),
)
EVENTS = """
insert into events (xid, at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data)
select e.xid, e.at, e.type, e.account_id, r.run_id, e.lead_id, e.campaign_id, e.enrollment_id, e.data
from (select * from events order by xid limit 1) e cross join runs r
"""
ADMITTED = "select run_id, epoch from runs where admitted_at is not null and worker is null"
WHOLE = "select relname, seq_tup_read from pg_stat_user_tables where relname = any(:large)"
BEGUN = "select backend_start from pg_stat_activity where pid = pg_backend_pid()"
OTHERS = """
select exists (select from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
    and backend_start >= :begun)
"""
LARGE = ["enrollments", "events", "identities", "leads", "relationships", "runs", "touches"]


async def filled(house: House) -> None:
    """Let there be many of everything that grows."""
    given = {"many": MANY, "now": house.now}
    async with house.app.sessions.begin() as db:
        await db.execute(text("set local session_replication_role = replica"))
        for statement in (LEADS, *(copies.statement for copies in COPIES), EVENTS):
            await db.execute(text(statement), given)
    async with house.app.engine.connect() as plain:
        await plain.execution_options(isolation_level="AUTOCOMMIT")
        await plain.execute(text("vacuum analyze"))


async def read_whole(house: House, begun: object) -> dict[str, int]:
    """How many rows of large tables were read without an index; who read since `begun` tells on leaving."""
    await house.app.engine.dispose()

    async def alone() -> bool:
        async with house.app.sessions.begin() as db:
            return not await db.scalar(text(OTHERS), {"begun": begun})

    await eventually(alone)
    async with house.app.sessions.begin() as db:
        return {row[0]: row[1] for row in await db.execute(text(WHOLE), {"large": LARGE})}


async def live(house: House, length: timedelta) -> None:
    """Let time pass by half hours, in each of which the planner ticks and a worker does what there is."""
    kit, until = house.app.kit, house.now + length
    while house.now < until:
        house.clock.advance(30 * MINUTE)
        while True:
            ticked, now = await house.tick(), house.now
            async with house.app.sessions.begin() as db:
                await runs.reap(kit, db, now)
                await runs.admit(db, now, kit.lease(now))
                admitted = [(row[0], row[1]) for row in await db.execute(text(ADMITTED))]
            for run_id, epoch in admitted:
                await runs.execute(kit, "w", run_id, epoch)
            if ticked.is_idle and not admitted:
                break


@pytest.mark.slow
async def test_neither_planner_nor_worker_reads_a_large_table_whole(make_app: MakeApp) -> None:
    house = await a_house(make_app)
    async with house.app.sessions() as db:
        begun = await db.scalar(text(BEGUN))
    await house.sender(invite={"per_day": 20})
    outreach = await house.campaign(CLASSIC)
    await house.enroll(outreach, *await house.people(4))
    house.accepts(house.leads[0])
    await house.pass_time(8 * DAY)
    await filled(house)
    before = await read_whole(house, begun)
    assert sorted(before) == LARGE

    sent = len(house.sent())
    await house.enroll(outreach, *await house.people(4))
    await live(house, DAY)
    house.accepts(house.leads[5])
    house.writes(house.leads[0], "Thank you")
    await live(house, DAY)

    assert len(house.sent()) > sent + 20
    after = await read_whole(house, begun)
    read = {name: after[name] - rows for name, rows in before.items()}
    assert [f"{name}: {rows}" for name, rows in read.items() if rows > MANY // 2] == []
