"""The queues: a lane of an account whose time has come looks ahead at hours and quotas, and serves one lead
of the campaign that was served longest ago. One lead's step is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, WorkingHours, next_closing, next_opening
from overture.campaigns import pacing, store, submit
from overture.campaigns.calendar import OpenHours, why_closed
from overture.campaigns.lanes import CATEGORY_OF, IDLE, IDLE_LOOK
from overture.campaigns.planner_kit import SOON, PlannerKit
from overture.campaigns.store import Running
from overture.campaigns.tables import CampaignAccount, Enrollment, Lane, Sync, Turn

BUSY_LOOK: Final = timedelta(minutes=10)  # the end of the run that is waited for comes sooner, as an event
STOPPED_LOOK: Final = timedelta(minutes=10)
MOST_PASSED: Final = 25
"""Leads of one lane that turn out to have to wait after all, in one tick."""
SYNC_FIRST: Final = timedelta(hours=12)
"""How old the last reading of an account's relations may be before a single invitation is looked at."""
PROFILE_GAP: Final = timedelta(minutes=2)


async def due_lanes(kit: PlannerKit, now: datetime, most: int = 1000) -> Sequence[tuple[UUID, str]]:
    """Lanes whose time has come, longest due first."""
    async with kit.sessions() as db:
        query = select(Lane.account_id, Lane.lane).where(Lane.next_at <= now)
        rows = await db.execute(query.order_by(Lane.next_at).limit(most))
        return [(row[0], row[1]) for row in rows]


async def serve(kit: PlannerKit, account_id: UUID, lane: str, now: datetime) -> int:
    """Serve one lane until it rests; how many runs it submitted (one at most, or none)."""
    for _ in range(MOST_PASSED):
        async with kit.sessions.begin() as db:
            row = await db.get(
                Lane, (account_id, lane), with_for_update={"skip_locked": True}, populate_existing=True
            )
            if row is None or row.next_at > now:
                return 0
            kit.on_step("lane.locked")
            did = await turn(kit, db, row, now)
            kit.on_step("lane.served")
        if did is not None:
            return did
    return 0


async def turn(kit: PlannerKit, db: AsyncSession, row: Lane, now: datetime) -> int | None:
    """One transaction of a lane: 1: a run was submitted, 0: it rests, None: a lead was passed over."""
    account = await accounts.by_id(db, row.account_id)
    stop = await stopped(kit, db, account, now)
    if stop is None and row.lane == "check_pending":
        stop = await relations_first(db, account, now)
    room = None
    if stop is None:
        room, stop = await look_ahead(db, account, row.lane, now)
    if stop is not None or room is None:
        rest(row, stop or Rest(now + SOON, "ready"))
        return 0
    found = await pick(kit, db, account, row.lane, now)
    if isinstance(found, Rest):
        rest(row, found)
        return 0
    did = await submit.take(kit, db, found, account, now)
    await remember_turn(db, found.campaign_id, row, now)
    if not did:
        return None
    rest(row, Rest(now + pace(kit, account, row.lane, room, now), "min_interval"))
    return 1


@dataclass(frozen=True)
class Rest:
    """Until when a lane rests, and why."""

    until: datetime
    reason: str


def rest(row: Lane, said: Rest) -> None:
    """Let the lane rest."""
    row.next_at, row.reason = said.until, said.reason


async def stopped(kit: PlannerKit, db: AsyncSession, account: Account, now: datetime) -> Rest | None:
    """What stops the account altogether: it is gone or paused, a switch is on, its hours are closed."""
    if account.removed_at is not None:
        return Rest(now + IDLE_LOOK, "account_disconnected")
    if account.state == "needs_attention":
        is_login = account.state_reason in ("login", "account_needs_login")
        return Rest(now + STOPPED_LOOK, "account_disconnected" if is_login else "challenge_required")
    if account.state != "active":
        return Rest(now + STOPPED_LOOK, "account_paused")
    if await accounts.stopping(db, account) is not None:
        return Rest(now + STOPPED_LOOK, "kill_switch")
    hours = WorkingHours.model_validate(account.working_hours)
    opening = next_opening(hours, account.zone, now)
    if opening <= now:
        return None
    # Not all at the stroke of nine: each account begins somewhere in its first quarter of an hour.
    stagger = kit.rng.stream("opening", account.id, opening).uniform(0, 900)
    return Rest(opening + timedelta(seconds=stagger), "working_hours")


async def relations_first(db: AsyncSession, account: Account, now: datetime) -> Rest | None:
    """One reading of the relations answers for every invitation before a single one is looked at."""
    sync = await db.get(Sync, (account.id, "sync_relations"), with_for_update=True)
    if sync is None:
        return None
    if sync.read_until is not None and sync.read_until > now - SYNC_FIRST:
        return None
    is_asked = sync.asked_at is not None and sync.asked_at > now - SYNC_FIRST
    if is_asked and sync.run_id is not None:
        run = await runs.by_id(db, sync.run_id)
        return Rest(now + BUSY_LOOK, "running") if run.status not in runs.TERMINAL else None
    sync.next_at = min(sync.next_at, now)
    return Rest(now + BUSY_LOOK, "running")


async def look_ahead(
    db: AsyncSession, account: Account, lane: str, now: datetime
) -> tuple[runs.Room, Rest | None]:
    """What the account may still do in this lane, and the rest when it is nothing now."""
    hours = WorkingHours.model_validate(account.working_hours)
    room = await runs.room(db, account, CATEGORY_OF[lane], now, next_closing(hours, account.zone, now))
    if room.remaining == 0:
        return room, Rest(max(room.next_at or now, now + SOON), str(room.reason or "daily_quota"))
    return room, Rest(now + BUSY_LOOK, "running") if room.is_waiting else None


def pace(kit: PlannerKit, account: Account, lane: str, room: runs.Room, now: datetime) -> timedelta:
    """The time to this lane's next act."""
    hours = WorkingHours.model_validate(account.working_hours)
    is_read = lane in ("check_pending", "enrich", "search", "sync")
    paced = pacing.Paced(
        now=now,
        close_at=next_closing(hours, account.zone, now),
        day=pacing.day_length(hours),
        per_day=room.per_day,
        by_close=room.by_close,
        least_gap=max(room.least_gap, PROFILE_GAP if is_read else timedelta()),
    )
    return pacing.gap(paced, kit.rng.stream("pace", account.id, lane, now))


HEADS: Final = text("""
select ca.campaign_id from campaign_accounts ca
join campaigns c on c.campaign_id = ca.campaign_id and c.state = 'active'
left join turns t on t.campaign_id = ca.campaign_id and t.account_id = ca.account_id and t.lane = :lane
where ca.account_id = :account and exists (
    select 1 from enrollments e where e.account_id = ca.account_id and e.lane = :lane
      and e.campaign_id = ca.campaign_id and e.state = 'active' and e.reason = 'queued')
order by t.served_at nulls first, ca.campaign_id
""")
TAKE: Final = text("""
select enrollment_id from enrollments
where account_id = :account and lane = :lane and campaign_id = :campaign
  and state = 'active' and reason = 'queued'
order by priority desc, enrollment_id limit 1 for update skip locked
""")


async def pick(
    kit: PlannerKit, db: AsyncSession, account: Account, lane: str, now: datetime
) -> Enrollment | Rest:
    """The lead whose turn it is, of the campaign served longest ago that may act; or how long to rest."""
    campaign_ids = (await db.scalars(HEADS, {"account": account.id, "lane": lane})).all()
    if not campaign_ids:
        return Rest(now + IDLE_LOOK, IDLE)
    known = await store.running(db, kit.shelf, campaign_ids)
    rests: list[Rest] = []
    for campaign_id in campaign_ids:
        held = await campaign_rests(db, known[campaign_id], account, now)
        if held is not None:
            rests.append(held)
            continue
        asked = {"account": account.id, "lane": lane, "campaign": campaign_id}
        enrollment_id = await db.scalar(TAKE, asked)
        if enrollment_id is not None:
            return await db.get_one(Enrollment, enrollment_id, populate_existing=True)
    return min(rests, key=lambda one: one.until, default=Rest(now + SOON, "running"))


CAPPED: Final = text("""
select count(*) as used, min(planned_at) as first from (
    select planned_at from touches where campaign_id = :campaign and planned_at > :since
      and reaches_person and state not in ('cancelled', 'failed') order by planned_at desc limit :cap) latest
""")

CAP_LOCK: Final = text("select pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
"""No two planners count a campaign's touches at a time. None waits for the other: with two campaigns' caps
that could be a circle."""


async def campaign_rests(db: AsyncSession, of: Running, account: Account, now: datetime) -> Rest | None:
    """What keeps a whole campaign from acting for this account now: a day of rest, or its own cap."""
    hours = WorkingHours.model_validate(account.working_hours)
    rest_days = of.settings.rest_days.around(now.date())
    closed = why_closed(now, OpenHours(hours, account.zone, rest_days))
    if closed is not None:
        return Rest(closed.until, closed.reason)
    cap = of.settings.daily_cap
    if cap is None:
        return None
    if not await db.scalar(CAP_LOCK, {"key": f"cap:{of.campaign.id}"}):
        return Rest(now + SOON, "running")
    asked = {"campaign": of.campaign.id, "since": now - timedelta(days=1), "cap": cap}
    row = (await db.execute(CAPPED, asked)).one()
    return Rest(row.first + timedelta(days=1, minutes=1), "daily_quota") if row.used >= cap else None


async def remember_turn(db: AsyncSession, campaign_id: UUID, row: Lane, now: datetime) -> None:
    """The campaign has had its turn in this lane."""
    made = insert(Turn).values(
        campaign_id=campaign_id, account_id=row.account_id, lane=row.lane, served_at=now
    )
    await db.execute(
        made.on_conflict_do_update(
            index_elements=["campaign_id", "account_id", "lane"], set_={"served_at": now}
        )
    )
    mine = await db.get(CampaignAccount, (campaign_id, row.account_id))
    if mine is not None:
        mine.served_at = now
