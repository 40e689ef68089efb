"""Regular readings of an account's relations and inbox: what tells campaigns of acceptances and replies."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, KillSwitch, WorkingHours, next_opening
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.spoiling import UNFORESEEN
from overture.core.remembered import remembered
from overture.db import carry_out, fetch
from overture.touchpoints import SyncInbox, SyncRelations, Touchpoint

log = structlog.get_logger()

OVERLAP: Final = {"sync_relations": timedelta(days=1), "sync_inbox": timedelta(hours=1)}
"""How far back before the last complete reading the next one goes: clocks differ, and lists lag."""
FIRST: Final = timedelta(days=30)
"""How far back the first reading goes."""
FIRST_LOOK: Final = timedelta(minutes=30)
"""How long after an account's first act it is read first, where the settings do not say sooner."""
BUSY_LOOK: Final = timedelta(minutes=30)
STOPPED_LOOK: Final = timedelta(minutes=30)
UNUSED_LOOK: Final = timedelta(days=1)
ANSWERED_FOR: Final = timedelta(days=30)
"""How long after a campaign's end its senders' inboxes are read on: who answers it is not to be written to by
another (I4).
"""
DUE: Final = text(r"""
select s.account_id, s.kind, s.read_until, r.status, exists (
    select from campaign_accounts ca join campaigns c on c.campaign_id = ca.campaign_id
    where ca.account_id = s.account_id and (c.state in ('active', 'paused')
      or (s.kind = 'sync_inbox' and c.started_at is not null and c.updated_at > :ended_since))),
    coalesce((select max(cast(thread->>'last_activity_at' as timestamptz))
              from jsonb_path_query(r.result, '$.conversations[*]') thread
              where thread->>'last_activity_at' ~ '^\d{4}-\d\d-\d\dT\d\d:\d\d') - cast(:overlap as interval),
             cast(r.touchpoint_input->>'since' as timestamptz))
from syncs s left join runs r on r.run_id = s.run_id
where s.next_at <= :now order by s.next_at, s.account_id, s.kind limit :most for update of s skip locked
""")
BEGIN: Final = text("""
with begun as (
    insert into syncs (account_id, kind, next_at)
    select account_id, kind, soon
    from unnest(cast(:accounts as uuid[])) as account_id
    cross join (values ('sync_inbox', cast(:inbox as timestamptz)),
                       ('sync_relations', cast(:relations as timestamptz))) as one(kind, soon)
    order by account_id, kind
    on conflict (account_id, kind) do nothing
)
select account_id, read_until from syncs
where account_id = any(:accounts) and kind = 'sync_inbox' and read_until is not null
""")
AGAIN: Final = text("update syncs set next_at = :now where account_id = any(:accounts) and next_at > :now")


async def begin(
    kit: PlannerKit, db: AsyncSession, account_ids: Collection[UUID], now: datetime
) -> dict[UUID, datetime]:
    """Accounts act for a campaign: from now on they are read. Until when their inboxes surely were."""
    if not account_ids:
        return {}
    asked = {
        "accounts": sorted(account_ids),
        "inbox": now + min(FIRST_LOOK, kit.inbox_every),
        "relations": now + min(FIRST_LOOK, kit.relations_every),
    }
    rows = await fetch(db, BEGIN, asked)
    return {account_id: read_until - OVERLAP["sync_inbox"] for account_id, read_until in rows}


async def read_soon(db: AsyncSession, account_ids: list[UUID], now: datetime) -> None:
    """Read these accounts at once: a campaign goes on."""
    if account_ids:
        await carry_out(db, AGAIN, {"accounts": account_ids, "now": now})


@dataclass(frozen=True)
class Due:
    """A reading whose time has come."""

    account_id: UUID
    kind: str
    read_until: datetime | None
    status: str | None
    """Of the run that is under way, or was the last."""
    is_used: bool
    """Whether a campaign needs it."""
    seen_from: datetime | None
    """From where the service's own times are known of: a little before the newest that was read, or what the
    last reading asked for, when it found nothing."""

    def touchpoint(self, now: datetime) -> Touchpoint:
        """What reads, from where the last complete one began; an inbox from where the service's times say, if
        our clock was ahead of them: else an answer between the two is never read.
        """
        since = self.read_until - OVERLAP[self.kind] if self.read_until is not None else now - FIRST
        if self.kind == "sync_relations":
            return SyncRelations(since=since, with_invitations=True)
        return SyncInbox(since=min(since, self.seen_from or since))


async def turn_syncs(kit: PlannerKit, now: datetime, most: int = 200) -> int:
    """Submit the readings whose time has come; how many."""
    async with kit.sessions.begin() as db:
        asked = {
            "now": now,
            "most": most,
            "ended_since": now - ANSWERED_FOR,
            "overlap": OVERLAP["sync_inbox"],
        }
        due = [Due(*row) for row in await fetch(db, DUE, asked)]
        if not due:
            return 0
        senders = await accounts.by_ids(db, {one.account_id for one in due})
        switches = await accounts.switches_on(db)
        held = {one: held_or_broken(kit, one, senders[one.account_id], switches, now) for one in due}
        going = [one for one, until in held.items() if until is None]
        requests = [request_of(one, senders[one.account_id], now) for one in going]
        submitted = await runs.submit_many(db, kit.ids, requests, now, kit.leased(now))
        begun = {one: answer.run.id for one, answer in zip(going, submitted, strict=True)}
        rows = [row_of(kit, one, until, begun.get(one), now) for one, until in held.items()]
        await carry_out(db, KEEP, {"rows": json.dumps(rows), "now": now})
    return len(going)


def held_or_broken(
    kit: PlannerKit, due: Due, account: Account, switches: Sequence[KillSwitch], now: datetime
) -> datetime | None:
    """`held_until`; an account whose settings cannot be read is looked at later, and holds up no other."""
    try:
        return held_until(kit, due, account, switches, now)
    except UNFORESEEN:
        log.exception("planner.account_not_understood", account_id=str(account.id))
        return now + STOPPED_LOOK


def held_until(
    kit: PlannerKit, due: Due, account: Account, switches: Sequence[KillSwitch], now: datetime
) -> datetime | None:
    """Until when a reading has to wait: the account is stopped or asleep, or the last one is under way."""
    if account.removed_at is not None or not due.is_used:
        return now + UNUSED_LOOK
    if account.state != "active" or accounts.is_stopped(account, switches):
        return now + STOPPED_LOOK
    if due.status is not None and due.status not in runs.TERMINAL:
        return now + min(BUSY_LOOK, every_of(kit, due))
    opening = next_opening(remembered(WorkingHours, account.working_hours), account.zone, now)
    return opening if opening > now else None


def every_of(kit: PlannerKit, due: Due) -> timedelta:
    """How often this is read."""
    return kit.inbox_every if due.kind == "sync_inbox" else kit.relations_every


def request_of(due: Due, account: Account, now: datetime) -> runs.RunRequest:
    """The run that reads."""
    tags = ("planner", due.kind)
    return runs.RunRequest(account.handle, due.touchpoint(now), tags=tags, priority=4)


def row_of(
    kit: PlannerKit, due: Due, until: datetime | None, run_id: UUID | None, now: datetime
) -> dict[str, str | None]:
    """When it is looked at next, and the run that was submitted."""
    return {
        "account_id": str(due.account_id),
        "kind": due.kind,
        "next_at": (until or now + every_of(kit, due)).isoformat(),
        "run_id": str(run_id) if run_id is not None else None,
    }


KEEP: Final = text("""
update syncs set next_at = said.next_at, run_id = coalesce(said.run_id, syncs.run_id),
    asked_at = case when said.run_id is not null then :now else syncs.asked_at end
from jsonb_to_recordset(cast(:rows as jsonb))
    as said(account_id uuid, kind text, next_at timestamptz, run_id uuid)
where syncs.account_id = said.account_id and syncs.kind = said.kind
""")
COMPLETE: Final = text("""
update syncs set read_until = syncs.asked_at from runs
where syncs.run_id = any(:runs) and runs.run_id = syncs.run_id and runs.status = 'completed'
  and runs.result->'complete' = 'true'
""")


async def finished(db: AsyncSession, run_ids: Sequence[UUID]) -> None:
    """Readings that were complete: the next ones begin where these began."""
    if run_ids:
        await carry_out(db, COMPLETE, {"runs": list(run_ids)})
