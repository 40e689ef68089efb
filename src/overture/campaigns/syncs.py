"""Regular readings of an account's relations and inbox: what tells campaigns of acceptances and replies."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import WorkingHours, next_opening
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.tables import Sync
from overture.touchpoints import SyncInbox, SyncRelations, Touchpoint

OVERLAP: Final = {"sync_relations": timedelta(days=1), "sync_inbox": timedelta(hours=1)}
"""How far back before the last complete reading the next one goes: clocks differ, and lists lag."""
FIRST: Final = timedelta(days=30)
"""How far back the first reading goes."""
BUSY_LOOK: Final = timedelta(minutes=30)
STOPPED_LOOK: Final = timedelta(minutes=30)
UNUSED_LOOK: Final = timedelta(days=1)
DUE: Final = text("""
select account_id, kind from syncs where next_at <= :now order by next_at limit :most for update skip locked
""")
BEGIN: Final = text("""
with begun as (
    insert into syncs (account_id, kind, next_at)
    select account_id, kind, :soon
    from unnest(cast(:accounts as uuid[])) as account_id
    cross join (values ('sync_inbox'), ('sync_relations')) as one(kind) order by account_id, kind
    on conflict (account_id, kind) do nothing
)
select account_id, read_until from syncs
where account_id = any(:accounts) and kind = 'sync_inbox' and read_until is not null
""")
USED: Final = text("""
select exists (select 1 from campaign_accounts ca join campaigns c on c.campaign_id = ca.campaign_id
    where ca.account_id = :account and c.state in ('active', 'paused'))
""")
AGAIN: Final = text("update syncs set next_at = :now where account_id = any(:accounts) and next_at > :now")


async def begin(db: AsyncSession, account_ids: Collection[UUID], now: datetime) -> dict[UUID, datetime]:
    """Accounts act for a campaign: from now on they are read. Until when their inboxes surely were."""
    if not account_ids:
        return {}
    asked = {"accounts": sorted(account_ids), "soon": now + timedelta(minutes=30)}
    rows = await db.execute(BEGIN, asked)
    return {account_id: read_until - OVERLAP["sync_inbox"] for account_id, read_until in rows}


async def read_soon(db: AsyncSession, account_ids: list[UUID], now: datetime) -> None:
    """Read these accounts at once: a campaign goes on."""
    if account_ids:
        await db.execute(AGAIN, {"accounts": account_ids, "now": now})


async def turn_syncs(kit: PlannerKit, now: datetime, most: int = 50) -> int:
    """Submit the readings whose time has come; how many."""
    submitted = 0
    async with kit.sessions.begin() as db:
        for account_id, kind in (await db.execute(DUE, {"now": now, "most": most})).all():
            sync = await db.get_one(Sync, (account_id, kind), populate_existing=True)
            until = await held_until(db, sync, now)
            if until is not None:
                sync.next_at = until
                continue
            await submit(kit, db, sync, now)
            submitted += 1
    return submitted


async def held_until(db: AsyncSession, sync: Sync, now: datetime) -> datetime | None:
    """Until when a reading has to wait: the account is stopped or asleep, or the last one is under way."""
    account = await accounts.by_id(db, sync.account_id)
    if account.removed_at is not None or not await db.scalar(USED, {"account": account.id}):
        return now + UNUSED_LOOK
    if account.state != "active" or await accounts.stopping(db, account) is not None:
        return now + STOPPED_LOOK
    if sync.run_id is not None:
        run = await db.get_one(runs.Run, sync.run_id)
        if run.status not in runs.TERMINAL:
            return now + BUSY_LOOK
    opening = next_opening(WorkingHours.model_validate(account.working_hours), account.zone, now)
    return opening if opening > now else None


async def submit(kit: PlannerKit, db: AsyncSession, sync: Sync, now: datetime) -> None:
    """One reading, from where the last complete one began."""
    account = await accounts.by_id(db, sync.account_id)
    since = sync.read_until - OVERLAP[sync.kind] if sync.read_until is not None else now - FIRST
    is_inbox = sync.kind == "sync_inbox"
    touchpoint: Touchpoint = SyncInbox(since=since) if is_inbox else SyncRelations(since=since)
    request = runs.RunRequest(account.handle, touchpoint, tags=("planner", sync.kind), priority=4)
    submitted = await runs.submit(db, kit.ids, request, now, kit.leased(now))
    every = kit.inbox_every if is_inbox else kit.relations_every
    sync.run_id, sync.asked_at, sync.next_at = submitted.run.id, now, now + every


COMPLETE: Final = text("""
update syncs set read_until = syncs.asked_at from runs
where syncs.run_id = any(:runs) and runs.run_id = syncs.run_id and runs.status = 'completed'
  and runs.result->'complete' = 'true'
""")


async def finished(db: AsyncSession, run_ids: Sequence[UUID]) -> None:
    """Readings that were complete: the next ones begin where these began."""
    if run_ids:
        await db.execute(COMPLETE, {"runs": list(run_ids)})
