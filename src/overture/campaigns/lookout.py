"""Looking ahead: what keeps an account, a lane or a campaign from acting now, and until when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import Account, KillSwitch, WorkingHours, next_closing, next_opening
from overture.campaigns import pacing
from overture.campaigns.calendar import OpenHours, why_closed
from overture.campaigns.lanes import CATEGORY_OF, IDLE_LOOK
from overture.campaigns.planner_kit import SOON, PlannerKit
from overture.campaigns.store import Running
from overture.core.remembered import remembered
from overture.db import carry_out, fetch

BUSY_LOOK: Final = timedelta(minutes=10)  # the end of the run that is waited for comes sooner, as an event
STOPPED_LOOK: Final = timedelta(minutes=10)
SYNC_FIRST: Final = timedelta(hours=12)
"""How old the last reading of an account's relations may be before a single invitation is looked at."""
PROFILE_GAP: Final = timedelta(minutes=2)
DAY: Final = timedelta(days=1)
GIVEN_UP: Final = timedelta(days=30)
"""How long a touch that is under way, or that nobody settles, counts for its campaign's cap."""


@dataclass(frozen=True)
class Rest:
    """Until when a lane rests, and why."""

    until: datetime
    reason: str


def closing(account: Account, now: datetime) -> datetime:
    """When the hours of the account, which are open, close."""
    return closes_at(remembered(WorkingHours, account.working_hours), account.zone, now)


@lru_cache(maxsize=256)
def closes_at(hours: WorkingHours, zone: str, now: datetime) -> datetime:
    """When these hours close: asked of each lane of an account, and of its pace, at one and the same time."""
    return next_closing(hours, zone, now)


async def rooms(db: AsyncSession, lanes: Sequence[tuple[Account, str]], now: datetime) -> list[runs.Room]:
    """What the accounts may still do in these lanes until their hours close."""
    if not lanes:
        return []
    wanted = [runs.Wanted(one, CATEGORY_OF[lane], closing(one, now)) for one, lane in lanes]
    return await runs.rooms(db, wanted, now)


def no_room(room: runs.Room, now: datetime) -> Rest | None:
    """The rest of a lane that may do nothing now."""
    if room.remaining == 0:
        return Rest(max(room.next_at or now, now + SOON), str(room.reason or "daily_quota"))
    return Rest(now + BUSY_LOOK, "running") if room.is_waiting else None


def stopped(kit: PlannerKit, account: Account, switches: Sequence[KillSwitch], now: datetime) -> Rest | None:
    """What stops the account altogether: it is gone or paused, a switch is on, its hours are closed."""
    if account.removed_at is not None:
        return Rest(now + IDLE_LOOK, "account_disconnected")
    if account.state == "needs_attention":
        is_login = account.state_reason in ("login", "account_needs_login")
        return Rest(now + STOPPED_LOOK, "account_disconnected" if is_login else "challenge_required")
    if account.state != "active":
        return Rest(now + STOPPED_LOOK, "account_paused")
    if accounts.is_stopped(account, switches):
        return Rest(now + STOPPED_LOOK, "kill_switch")
    hours = remembered(WorkingHours, account.working_hours)
    opening = next_opening(hours, account.zone, now)
    if opening <= now:
        return None
    # Not all at the stroke of nine: each account begins somewhere in its first quarter of an hour.
    stagger = kit.rng.stream("opening", account.id, opening).uniform(0, 900)
    return Rest(opening + timedelta(seconds=stagger), "working_hours")


READING: Final = text("""
select s.account_id, s.read_until, s.asked_at, r.status
from syncs s left join runs r on r.run_id = s.run_id
where s.account_id = any(:accounts) and s.kind = 'sync_relations'
""")
# Who has the row reads anyway, and may wait for a lane of ours.
READ_SOON: Final = text("""
update syncs set next_at = :now where kind = 'sync_relations' and account_id in (
    select account_id from syncs where account_id = any(:accounts) and kind = 'sync_relations'
      and next_at > :now for update skip locked)
""")


async def relations_first(db: AsyncSession, account_ids: Collection[UUID], now: datetime) -> dict[UUID, Rest]:
    """One reading of the relations answers for every invitation before a single one is looked at."""
    if not account_ids:
        return {}
    rests: dict[UUID, Rest] = {}
    old: list[UUID] = []
    rows = await fetch(db, READING, {"accounts": list(account_ids)})
    for account_id, read_until, asked_at, status in rows:
        if read_until is not None and read_until > now - SYNC_FIRST:
            continue
        is_asked = asked_at is not None and asked_at > now - SYNC_FIRST and status is not None
        if is_asked and status in runs.TERMINAL:
            continue
        rests[account_id] = Rest(now + BUSY_LOOK, "running")
        if not is_asked:
            old.append(account_id)
    if old:
        await carry_out(db, READ_SOON, {"accounts": old, "now": now})
    return rests


def pace(kit: PlannerKit, account: Account, lane: str, room: runs.Room, now: datetime) -> timedelta:
    """The time to this lane's next act."""
    hours = remembered(WorkingHours, account.working_hours)
    is_read = lane in ("check_pending", "enrich", "search", "sync")
    paced = pacing.Paced(
        now=now,
        close_at=closes_at(hours, account.zone, now),
        day=pacing.day_length(hours),
        per_day=room.per_day,
        by_close=room.by_close,
        least_gap=max(room.least_gap, PROFILE_GAP if is_read else timedelta()),
    )
    return pacing.gap(paced, kit.rng.stream("pace", account.id, lane, now))


def closed(of: Running, account: Account, now: datetime) -> Rest | None:
    """A campaign's day of rest."""
    hours = remembered(WorkingHours, account.working_hours)
    said = why_closed(now, OpenHours(hours, account.zone, of.settings.rest_days.around(now.date())))
    return Rest(said.until, said.reason) if said is not None else None


CAPPED: Final = text("""
select count(*) as used, min(ended_at) as first from (
    select ended_at from touches where campaign_id = :campaign and planned_at > :given_up
      and (ended_at is null or ended_at > :since) and reaches_person and state not in ('cancelled', 'failed')
    order by ended_at desc nulls first limit :cap) latest
""")
CAP_LOCK: Final = text("select pg_try_advisory_xact_lock(hashtextextended(:key, 0))")
"""No two planners count a campaign's touches at a time. None waits for the other: with two campaigns' caps
that could be a circle."""


@dataclass
class Caps:
    """What campaigns with a daily cap on what reaches people may still do, and why others may not."""

    left: dict[UUID, int] = field(default_factory=dict)
    rests: dict[UUID, Rest] = field(default_factory=dict)


async def used_of_caps(db: AsyncSession, known: Mapping[UUID, Running], now: datetime) -> Caps:
    """Count what the campaigns did."""
    found = Caps()
    for campaign_id in sorted(known):
        cap = known[campaign_id].settings.daily_cap
        if cap is None:
            continue
        if not await db.scalar(CAP_LOCK, {"key": f"cap:{campaign_id}"}):
            found.rests[campaign_id] = Rest(now + SOON, "running")
            continue
        asked = {"campaign": campaign_id, "since": now - DAY, "given_up": now - GIVEN_UP, "cap": cap}
        row = (await db.execute(CAPPED, asked)).one()
        found.left[campaign_id] = cap - row.used
        if row.used >= cap:
            until = row.first + DAY + SOON if row.first is not None else now + BUSY_LOOK
            found.rests[campaign_id] = Rest(until, "daily_quota")
    return found
