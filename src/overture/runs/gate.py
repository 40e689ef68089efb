"""The gate: everything that may hold a run back, asked in one transaction right before it starts and, for
an irreversible act, once more in the transaction that commits the intent. What cannot be read is closed.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, Limits, WorkingHours, next_opening
from overture.core.reasons import Reason
from overture.runs.tables import Run
from overture.touchpoints import Touchpoint

DAY = timedelta(hours=24)
WEEK = timedelta(days=7)
SETTLE = timedelta(seconds=30)  # how often a run looks whether the earlier act is settled


@dataclass(frozen=True)
class Go:
    """Nothing holds the run back now."""


@dataclass(frozen=True)
class Wait:
    """Not now: look again at `until`, because of `reason`."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Never:
    """Not at all: the run ends with this code."""

    code: str
    message: str


Passage = Go | Wait | Never


@dataclass(frozen=True)
class Spent:
    """What an account has done of a category, and when it acted last."""

    day: int = 0
    week: int = 0
    day_frees_at: datetime | None = None
    week_frees_at: datetime | None = None
    last_act_at: datetime | None = None


async def ask(db: AsyncSession, run: Run, touchpoint: Touchpoint, account: Account, now: datetime) -> Passage:
    """May this run start, or act, now?"""
    standing = of_the_run(run, account, now)
    if not isinstance(standing, Go):
        return standing
    if touchpoint.reversibility == "read":
        return in_hours(account, now)
    rest = await accounts.cooldown_until(db, account.id, touchpoint.category, now)
    if rest is not None:
        return Wait(rest[0], Reason.PROVIDER_COOLDOWN)
    limits = Limits.model_validate(account.limits)
    spent = await spent_by(db, run, limits, touchpoint, now)
    passage = within(limits, spent, touchpoint, now)
    if isinstance(passage, Go) and await unsettled_before(db, run):
        return Wait(now + SETTLE, Reason.TARGET_UNRESOLVED)
    return passage if not isinstance(passage, Go) else in_hours(account, now)


def of_the_run(run: Run, account: Account, now: datetime) -> Passage:
    """What the run and its account say for themselves."""
    if run.expires_at is not None and run.expires_at <= now:
        return Never("expired", f"The run was to finish before {run.expires_at.isoformat()}.")
    if account.removed_at is not None:
        return Never("account_removed", f"The account {run.handle!r} was removed.")
    if account.state == "needs_attention":
        return Wait(now, Reason.ACCOUNT_NEEDS_ATTENTION)
    if account.state != "active":
        return Wait(now, Reason.ACCOUNT_PAUSED)
    return Go()


def in_hours(account: Account, now: datetime) -> Passage:
    """Whether the account's working hours are open."""
    opening = next_opening(WorkingHours.model_validate(account.working_hours), account.zone, now)
    return Go() if opening <= now else Wait(opening, Reason.WORKING_HOURS)


def within(limits: Limits, spent: Spent, touchpoint: Touchpoint, now: datetime) -> Passage:
    """Whether one more stays within the account's limits and gap."""
    window = limits.window(touchpoint.category)
    if window.per_day is not None and spent.day >= window.per_day:
        return Wait(spent.day_frees_at or now + DAY, Reason.DAILY_QUOTA)
    if window.per_week is not None and spent.week >= window.per_week:
        return Wait(spent.week_frees_at or now + WEEK, Reason.WEEKLY_QUOTA)
    gap = timedelta(seconds=limits.min_gap_s)
    if gap and spent.last_act_at is not None and spent.last_act_at + gap > now:
        return Wait(spent.last_act_at + gap, Reason.MIN_INTERVAL)
    return Go()


# Counted from the runs themselves, by index: no counter that could drift. The n-th newest act of a window is
# the one whose ageing frees a slot.
SPENT = text("""
with acts as (
    select intended_at from runs
    where account_id = :account and category = :category and run_id <> :run
      and effect in ('intended', 'confirmed', 'unknown') and intended_at > :week_ago
)
select (select count(*) from acts where intended_at > :day_ago),
       (select count(*) from acts),
       (select intended_at from acts where intended_at > :day_ago
        order by intended_at desc offset greatest(cast(:per_day as int) - 1, 0) limit 1),
       (select intended_at from acts
        order by intended_at desc offset greatest(cast(:per_week as int) - 1, 0) limit 1),
       (select max(intended_at) from runs where account_id = :account and run_id <> :run
          and effect in ('intended', 'confirmed', 'unknown') and intended_at > :day_ago)
""")


async def spent_by(
    db: AsyncSession, run: Run, limits: Limits, touchpoint: Touchpoint, now: datetime
) -> Spent:
    """What the account has spent of the touchpoint's category, this run not counted."""
    window = limits.window(touchpoint.category)
    if window.per_day is None and window.per_week is None and not limits.min_gap_s:
        return Spent()
    row = (
        await db.execute(
            SPENT,
            {
                "account": run.account_id,
                "run": run.id,
                "category": touchpoint.category,
                "day_ago": now - DAY,
                "week_ago": now - WEEK,
                "per_day": window.per_day or 1,
                "per_week": window.per_week or 1,
            },
        )
    ).one()
    return Spent(
        day=row[0],
        week=row[1],
        day_frees_at=row[2] + DAY if row[2] else None,
        week_frees_at=row[3] + WEEK if row[3] else None,
        last_act_at=row[4],
    )


UNSETTLED = text("""
select exists (select 1 from runs where account_id = :account and target = :target and run_id <> :run
    and effect in ('intended', 'unknown') and status in ('running', 'held'))
""")


async def unsettled_before(db: AsyncSession, run: Run) -> bool:
    """Whether an earlier act of this account toward the same person has an unknown end."""
    if run.target is None:
        return False
    parameters = {"account": run.account_id, "target": run.target, "run": run.id}
    return bool(await db.scalar(UNSETTLED, parameters))
