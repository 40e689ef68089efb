"""Room: what an account may still do of a category, now and until its hours close; the planner's look ahead.

It asks the queries the gate asks, so that what is planned is what will be let through.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account
from overture.core.reasons import Reason
from overture.db import fetch
from overture.runs import quota
from overture.runs.quota import Pace
from overture.runs.spent import READS, Quota, Spent, spent_of_many
from overture.touchpoints import Category


@dataclass(frozen=True)
class Room:
    """What is left of a category; None is no limit."""

    remaining: int | None
    """Acts that would be let through now."""
    by_close: int | None
    """Acts that would be let through until the hours close, counting what frees until then."""
    per_day: int | None
    """The limit of 24 hours as it stands."""
    least_gap: timedelta
    """The least time between two acts; none between reads."""
    next_at: datetime | None = None
    """When there is room again, if there is none now."""
    reason: Reason | None = None
    """What leaves no room now."""
    is_waiting: bool = False
    """Whether a run of this category is still to be performed: another would only join the queue."""


@dataclass(frozen=True)
class Wanted:
    """Whose room is asked for: an account's, for a category, between now and `until`."""

    account: Account
    category: Category
    until: datetime


async def room(
    db: AsyncSession, account: Account, category: Category, now: datetime, until: datetime
) -> Room:
    """The room of an account for a category between now and `until`."""
    (found,) = await rooms(db, [Wanted(account, category, until)], now)
    return found


async def rooms(db: AsyncSession, wanted: Sequence[Wanted], now: datetime) -> list[Room]:
    """The room of many, in a fixed number of statements (but for InMail, whose credits are looked up)."""
    paces = [quota.pace_of(one.account, now) for one in wanted]
    asked: list[tuple[UUID, Quota]] = []
    for one, pace in zip(wanted, paces, strict=True):
        quotas = quota.wanted(pace, one.category, with_note=False)
        later = (shifted(window, one.until - now) for window in quotas)
        asked += [(one.account.id, window) for window in (*quotas, *later)]
    spent = iter(await spent_of_many(db, asked, None, now))
    rests = await accounts.cooldowns_of(db, {one.account.id for one in wanted}, now)
    waiting = await waiting_of(db, wanted)
    found = []
    for one, pace in zip(wanted, paces, strict=True):
        quotas = quota.wanted(pace, one.category, with_note=False)
        counted = Counted([next(spent) for _ in quotas], [next(spent) for _ in quotas])
        left = quota.Credits()
        if one.category == "inmail":
            left = await quota.credits_of(db, one.account, None, now)
        made = room_of(pace, one.category, counted, left)
        made = replace(made, is_waiting=(one.account.id, one.category) in waiting)
        orders = (rests.get((one.account.id, lane)) for lane in (one.category, accounts.EVERY_LANE))
        found.append(rested(made, max((order[0] for order in orders if order is not None), default=None)))
    return found


@dataclass(frozen=True)
class Counted:
    """What was spent in each window as it lies now, and as it will lie when the hours close."""

    now: list[Spent]
    later: list[Spent]


def room_of(pace: Pace, category: Category, counted: Counted, left: quota.Credits) -> Room:
    """The room that the quotas leave."""
    quotas = quota.wanted(pace, category, with_note=False)
    ledger = quota.Ledger(spent=tuple(zip(quotas, counted.now, strict=True)), credits=left)
    held = quota.held_by(pace, ledger, category)
    return Room(
        remaining=0 if held is not None else least_left(quotas, counted.now),
        by_close=least_left(quotas, counted.later),
        per_day=next((one.bound.limit for one in quotas if one.span == "rolling_24h"), None),
        least_gap=gap_of(pace, category),
        next_at=held.until if held is not None else None,
        reason=held.reason if held is not None else None,
    )


def rested(room: Room, until: datetime | None) -> Room:
    """The room when the service has ordered a rest."""
    if until is None:
        return room
    if room.next_at is not None and until <= room.next_at:
        return replace(room, remaining=0)
    return replace(room, remaining=0, next_at=until, reason=Reason.PROVIDER_COOLDOWN)


def shifted(asked: Quota, later: timedelta) -> Quota:
    """The same window as it will lie then."""
    return replace(asked, since=asked.since + later)


def least_left(quotas: tuple[Quota, ...], spent: list[Spent]) -> int | None:
    """What the tightest of the windows leaves."""
    left = [
        max(0, one.bound.limit - used.used)
        for one, used in zip(quotas, spent, strict=False)
        if one.bound.limit is not None
    ]
    return min(left, default=None)


def gap_of(pace: Pace, category: Category) -> timedelta:
    """How far apart acts of this category are."""
    return timedelta() if category in READS else timedelta(seconds=pace.limits.min_gap_s)


ITS_OWN: Final = (
    *(Reason.DELAY, Reason.CAMPAIGN_PAUSED, Reason.ENROLLMENT_PAUSED),
    *(Reason.TOUCH_LIMIT, Reason.COMPANY_LOCK, Reason.TARGET_UNRESOLVED),
)
"""What one run waits for by itself, be it for days: it keeps nothing else of its account from going."""
WAITING: Final = text("""
select w.account_id, w.category
from unnest(cast(:accounts as uuid[]), cast(:categories as text[])) as w(account_id, category)
where exists (select 1 from runs r where r.account_id = w.account_id and r.admitted_at is null
    and r.next_at is not null and r.status = 'pending' and r.category = w.category
    and not r.wait_reason = any(:its_own))
or exists (select 1 from runs r where r.account_id = w.account_id and r.admitted_at is not null
    and r.status in ('pending', 'running') and r.category = w.category)
""")


async def waiting_of(db: AsyncSession, wanted: Sequence[Wanted]) -> set[tuple[UUID, str]]:
    """Of which accounts and categories a run is due or under way."""
    asked = {
        "accounts": [one.account.id for one in wanted],
        "categories": [one.category for one in wanted],
        "its_own": list(ITS_OWN),
    }
    return {(account_id, category) for account_id, category in await fetch(db, WAITING, asked)}
