"""Quotas: what an account has spent, counted from its runs, and what that holds back.

There is no counter to reset, drift or heal: the gate and the view both ask the same queries (`spent`). An act
counts from its intent for as long as its window and a little more, a future one (the clock went back) always.
What is unknown is spent; so is a run under way that has not come to its intent.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import (
    CEILINGS,
    GAP_JITTER,
    Account,
    Bound,
    Limits,
    OnRamp,
    bound,
    least,
    month_of,
    on_ramp,
)
from overture.core.reasons import Reason
from overture.core.remembered import remembered
from overture.runs.reading import Part, Seen, read
from overture.runs.spent import (
    LAST_ACT_PART,
    READS,
    Quota,
    Span,
    Spent,
    counting,
    spent_in,
    spent_of,
    spent_part_of,
)
from overture.touchpoints import Category, Connect, Touchpoint

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
LATE: Final = timedelta(minutes=1)
"""How much longer than its window an act counts: between intent and act lies up to OVERTURE_ACT_WINDOW, and a
window is the service's, from act to act."""
CREDITS_KNOWN: Final = timedelta(days=31)
"""InMail credits come monthly: a balance this old has been renewed since, and is not known any more."""


@dataclass(frozen=True)
class Hold:
    """A quota that allows no more before `until`."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Pace:
    """The rules an account is under at an instant."""

    limits: Limits
    ceilings: Limits
    ramp: OnRamp
    zone: str
    now: datetime

    def quotas(self, category: Category) -> tuple[Quota, ...]:
        """The rolling windows of a category."""
        own, top = self.limits.window(category), self.ceilings.window(category)
        young = self.ramp.stage.window(category)
        day = bound(own.per_day, young.per_day, top.per_day)
        week = bound(own.per_week, young.per_week, top.per_week)
        return (
            Quota(category, "rolling_24h", self.now - DAY - LATE, day),
            Quota(category, "rolling_7d", self.now - WEEK - LATE, week),
        )

    @property
    def gap(self) -> timedelta:
        """The least distance between two acts; chance adds to it."""
        return timedelta(seconds=self.limits.min_gap_s)

    @property
    def gap_since(self) -> datetime:
        """No act before this keeps another waiting."""
        return self.now - self.gap * (1 + GAP_JITTER)

    def notes(self) -> Quota:
        """The month's notes of invitations."""
        top = self.ceilings.notes_per_month
        most = Bound(least(self.limits.notes_per_month, top), top)
        since, _ = month_of(self.zone, self.now)
        return Quota("invite", "calendar_month", since - LATE, most, notes=True)


def pace_of(account: Account, now: datetime) -> Pace:
    """The rules of an account."""
    limits = remembered(Limits, account.limits)
    ramp = on_ramp(account.ramp_since, account.zone, now)
    return Pace(limits, CEILINGS[account.tier], ramp, account.zone, now)


@dataclass(frozen=True)
class Credits:
    """The InMail credits of an account as last known, and what was spent or may have been since."""

    balance: int | None = None
    read_at: datetime | None = None
    source: Literal["run", "operator"] | None = None
    spent_since: int = 0

    @property
    def available(self) -> int | None:
        """What is left; None when nobody knows."""
        return None if self.balance is None else max(0, self.balance - self.spent_since)


@dataclass(frozen=True)
class Ledger:
    """What an account has spent, of the quotas that were asked about."""

    spent: tuple[tuple[Quota, Spent], ...] = ()
    credits: Credits = field(default_factory=Credits)
    gap_until: datetime | None = None


@dataclass(frozen=True)
class Bill:
    """What must be counted before a run may start: read along with all else the gate asks."""

    account_id: UUID
    pace: Pace
    category: Category
    quotas: tuple[Quota, ...]

    @property
    def parts(self) -> tuple[Part, ...]:
        """What is to be read."""
        keeps_gap = self.category not in READS and self.pace.gap
        spent = (spent_part_of(self.category),) if self.quotas else ()
        return spent + ((LAST_ACT_PART,) if keeps_gap else ())

    @property
    def given(self) -> dict[str, object]:
        """The parameters of these parts, without those that say which run it is."""
        counted = counting([(self.account_id, quota) for quota in self.quotas])
        return {**counted, "gap_since": self.pace.gap_since}


def bill_of(account: Account, touchpoint: Touchpoint, now: datetime) -> Bill:
    """What a touchpoint counts against."""
    pace = pace_of(account, now)
    with_note = isinstance(touchpoint, Connect) and bool(touchpoint.note)
    return Bill(account.id, pace, touchpoint.counts_as, wanted(pace, touchpoint.counts_as, with_note))


async def hold(db: AsyncSession, account: Account, run_id: UUID, bill: Bill, seen: Seen) -> Hold | None:
    """What keeps this run from counting against the account's quotas now."""
    is_inmail = any(quota.category == "inmail" for quota in bill.quotas)
    spent = spent_in(seen) if bill.quotas else ()
    ledger = Ledger(
        spent=tuple(zip(bill.quotas, spent, strict=True)),
        credits=await credits_of(db, account, run_id, bill.pace.now) if is_inmail else Credits(),
        gap_until=gap_after(bill.pace, seen["last_act_at"], seen["last_act_token"])
        if LAST_ACT_PART in bill.parts
        else None,
    )
    return held_by(bill.pace, ledger, bill.category)


def wanted(pace: Pace, category: Category, with_note: bool) -> tuple[Quota, ...]:
    """The quotas that bind a touchpoint."""
    notes = (pace.notes(),) if with_note else ()
    return tuple(quota for quota in (*pace.quotas(category), *notes) if quota.bound.limit is not None)


async def ledger_of(
    db: AsyncSession, account: Account, pace: Pace, quotas: Sequence[Quota], run_id: UUID | None
) -> Ledger:
    """What the account has spent of these quotas; the run that asks is not counted."""
    categories = {quota.category for quota in quotas}
    return Ledger(
        spent=tuple(zip(quotas, await spent_of(db, account.id, quotas, run_id, pace.now), strict=True)),
        credits=await credits_of(db, account, run_id, pace.now) if "inmail" in categories else Credits(),
        gap_until=await gap_of(db, account.id, pace, run_id),
    )


def held_by(pace: Pace, ledger: Ledger, category: Category) -> Hold | None:
    """The hold that lasts longest, if there is any."""
    holds = [hold for quota, spent in ledger.spent if (hold := over(pace, quota, spent)) is not None]
    if category == "inmail":
        holds += no_credits(pace, ledger.credits)
    if category not in READS and ledger.gap_until is not None and ledger.gap_until > pace.now:
        holds.append(Hold(ledger.gap_until, Reason.MIN_INTERVAL))
    return max(holds, key=lambda hold: hold.until, default=None)


REASONS: Final[dict[Span, Reason]] = {
    "rolling_24h": Reason.DAILY_QUOTA,
    "rolling_7d": Reason.WEEKLY_QUOTA,
    "calendar_month": Reason.MONTHLY_QUOTA,
}


def over(pace: Pace, quota: Quota, spent: Spent) -> Hold | None:
    """The hold of one window that is full."""
    limit = quota.bound.limit
    if limit is None or spent.used < limit:
        return None
    if quota.span == "calendar_month":
        return Hold(month_of(pace.zone, pace.now)[1], Reason.MONTHLY_QUOTA)
    length = pace.now - quota.since
    frees_at = spent.nth_at + length if spent.nth_at is not None and limit > 0 else pace.now + DAY
    if not quota.bound.is_ramp:
        return Hold(frees_at, REASONS[quota.span])
    return Hold(min(frees_at, pace.ramp.next_at or frees_at), Reason.RAMP)


def no_credits(pace: Pace, known: Credits) -> list[Hold]:
    """The hold when nothing is left above the reserve; none when the balance is not known."""
    if known.available is None or known.read_at is None or known.available > pace.limits.inmail_reserve:
        return []
    return [Hold(known.read_at + CREDITS_KNOWN, Reason.NO_INMAIL_CREDITS)]


async def gap_of(db: AsyncSession, account_id: UUID, pace: Pace, run_id: UUID | None) -> datetime | None:
    """Until when the account keeps its distance from its last act, if it does."""
    if not pace.gap:
        return None
    asked = {"account": account_id, "run": run_id, "gap_since": pace.gap_since}
    seen = await read(db, (LAST_ACT_PART,), asked)
    return gap_after(pace, seen["last_act_at"], seen["last_act_token"])


def gap_after(pace: Pace, at: datetime | None, token: UUID) -> datetime | None:
    """Until when the distance from this act lasts."""
    return at + pace.gap * (1 + GAP_JITTER * draw(token)) if at is not None else None


def draw(token: UUID) -> float:
    """A number in [0, 1) that belongs to a run: its token was drawn from the port of chance."""
    return (token.int % 10_007) / 10_007


CREDITS: Final = text("""
select (result->>'credits_after')::int as balance, intended_at from runs
where account_id = :account and category = 'inmail' and effect = 'confirmed' and intended_at > :since
  and result->>'credits_after' is not null
order by intended_at desc limit 1
""")
SPENT_CREDITS: Final = text("""
select count(*) from runs where account_id = :account and category = 'inmail'
  and effect in ('intended', 'confirmed', 'unknown') and intended_at > :since
  and run_id is distinct from cast(:run as uuid)
""")


async def credits_of(db: AsyncSession, account: Account, run_id: UUID | None, now: datetime) -> Credits:
    """The newest balance a run read or the operator stated; each InMail since then is taken to cost one."""
    since = now - CREDITS_KNOWN
    row = (await db.execute(CREDITS, {"account": account.id, "since": since})).one_or_none()
    stated_at = account.inmail_credits_at
    known = Credits()
    if row is not None:
        known = Credits(row.balance, row.intended_at, "run")
    if stated_at is not None and stated_at > since and (known.read_at is None or stated_at > known.read_at):
        known = Credits(account.inmail_credits, stated_at, "operator")
    if known.read_at is None:
        return known
    parameters = {"account": account.id, "since": known.read_at, "run": run_id}
    spent = await db.scalar(SPENT_CREDITS, parameters) or 0
    return Credits(known.balance, known.read_at, known.source, spent)
