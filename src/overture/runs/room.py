"""Room: what an account may still do of a category, now and until its hours close; the planner's look ahead.

It asks the queries the gate asks, so that what is planned is what will be let through.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account
from overture.core.reasons import Reason
from overture.runs import quota
from overture.runs.quota import Pace, Quota, Spent
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


async def room(
    db: AsyncSession, account: Account, category: Category, now: datetime, until: datetime
) -> Room:
    """The room of an account for a category between now and `until`."""
    pace = quota.pace_of(account, now)
    quotas = quota.wanted(pace, category, with_note=False)
    later = tuple(shifted(one, until - now) for one in quotas)
    spent = await quota.spent_of(db, account.id, (*quotas, *later), None, now)
    ledger = quota.Ledger(
        spent=tuple(zip(quotas, spent, strict=False)),
        credits=await quota.credits_of(db, account, None, now) if category == "inmail" else quota.Credits(),
    )
    held = quota.held_by(pace, ledger, category)
    rest = await accounts.cooldown_until(db, account.id, category, now)
    left = least_left(quotas, spent)
    found = Room(
        remaining=0 if held is not None or rest is not None else left,
        by_close=least_left(later, spent[len(quotas) :]),
        per_day=next((one.bound.limit for one in quotas if one.span == "rolling_24h"), None),
        least_gap=gap_of(pace, category),
        next_at=held.until if held is not None else None,
        reason=held.reason if held is not None else None,
        is_waiting=await is_waiting(db, account, category),
    )
    if rest is not None and (found.next_at is None or rest[0] > found.next_at):
        return replace(found, next_at=rest[0], reason=Reason.PROVIDER_COOLDOWN)
    return found


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
    return timedelta() if category in quota.READS else timedelta(seconds=pace.limits.min_gap_s)


ITS_OWN: Final = (
    *(Reason.DELAY, Reason.CAMPAIGN_PAUSED, Reason.ENROLLMENT_PAUSED),
    *(Reason.TOUCH_LIMIT, Reason.COMPANY_LOCK, Reason.TARGET_UNRESOLVED),
)
"""What one run waits for by itself, be it for days: it keeps nothing else of its account from going."""
WAITING: Final = text("""
select exists (select 1 from runs where account_id = :account and admitted_at is null and next_at is not null
    and status = 'pending' and category = :category and not wait_reason = any(:its_own))
or exists (select 1 from runs where account_id = :account and admitted_at is not null
    and status in ('pending', 'running') and category = :category)
""")


async def is_waiting(db: AsyncSession, account: Account, category: Category) -> bool:
    """Whether a run of the category is due or under way."""
    asked = {"account": account.id, "category": category, "its_own": list(ITS_OWN)}
    return bool(await db.scalar(WAITING, asked))
