"""Quotas: what an account has spent, counted from its runs, and what that holds back.

There is no counter to reset, drift or heal: the gate and the view both ask these same queries. An act counts
from its intent for as long as its window and a little more, a future one (the clock went back) always. What
is unknown is spent; so is a run under way that has not come to its intent.
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
from overture.db import fetch
from overture.runs.reading import Part, Seen, read
from overture.touchpoints import REGISTRY, Category, Connect, Touchpoint

DAY: Final = timedelta(hours=24)
WEEK: Final = timedelta(days=7)
LATE: Final = timedelta(minutes=1)
"""How much longer than its window an act counts: between intent and act lies up to OVERTURE_ACT_WINDOW, and a
window is the service's, from act to act."""
CREDITS_KNOWN: Final = timedelta(days=31)
"""InMail credits come monthly: a balance this old has been renewed since, and is not known any more."""

Span = Literal["rolling_24h", "rolling_7d", "calendar_month"]
READS: Final = frozenset(kind.category for kind in REGISTRY.values() if kind.reversibility == "read")


@dataclass(frozen=True)
class Hold:
    """A quota that allows no more before `until`."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Quota:
    """One window of one category, and what may be done in it at most."""

    category: Category
    span: Span
    since: datetime
    """What was intended after this counts."""
    bound: Bound
    notes: bool = False
    """Whether only invitations with a note count."""


@dataclass(frozen=True)
class Spent:
    """What was done in a window."""

    delivered: int = 0
    unknown: int = 0
    in_flight: int = 0
    nth_at: datetime | None = None
    """The act whose ageing brings the count below the limit."""

    @property
    def used(self) -> int:
        """All that counts."""
        return self.delivered + self.unknown + self.in_flight


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
    limits = Limits.model_validate(account.limits)
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


# The one count, for gate and view, of any number of windows. Acts count by their intent; a read, which has
# none, by its beginning. The live run of the account (there is at most one) counts from being taken, so that
# nothing can be let through beside it. A visit whose worker died may have been seen, and is made again: both
# count.
ACTS: Final = """
select intended_at as at, effect from runs
where not quota.is_read and account_id = quota.account_id and category = quota.category
  and effect in ('intended', 'confirmed', 'unknown') and intended_at > quota.since
  and run_id is distinct from cast(:run as uuid)
  and (not quota.notes or (coalesce(touchpoint_input->>'note', '') <> ''
       and not (effect = 'confirmed' and coalesce(result->>'note_sent', 'true') = 'false')))
union all
select cast(:now as timestamptz), 'live' from runs
where not quota.is_read and account_id = quota.account_id and admitted_at is not null
  and category = quota.category and status = 'running' and effect in ('none', 'absent')
  and not dry_run and run_id is distinct from cast(:run as uuid)
  and (not quota.notes or coalesce(touchpoint_input->>'note', '') <> '')
"""
DIED: Final = """
select a.ended_at as at, 'unknown' as effect from attempts a join runs r on r.run_id = a.run_id
where quota.category = 'visit' and a.ended_as = 'died' and a.ended_at > quota.since
  and r.account_id = quota.account_id and r.category = 'visit' and not r.dry_run
"""
BEGUN: Final = """
select started_at as at, case when status = 'running' then 'intended' else 'confirmed' end as effect from runs
where quota.is_read and account_id = quota.account_id and category = quota.category
  and category in ('profile_read', 'search', 'sync') and started_at is not null
  and started_at > quota.since and run_id is distinct from cast(:run as uuid)
"""


def counted(*sources: str) -> str:
    """The count over these sources."""
    return f"""
select counted.delivered, counted.unknown, counted.in_flight, counted.nth_at, quota.place
from (select * from unnest(cast(:accounts as uuid[]), cast(:categories as text[]),
                           cast(:since as timestamptz[]), cast(:limits as int[]), cast(:notes as bool[]),
                           cast(:reads as bool[]))
      with ordinality as given(account_id, category, since, most, notes, is_read, place) limit :windows) quota
cross join lateral (
    with acts as ({" union all ".join(sources)})
    select count(*) filter (where effect = 'confirmed') as delivered,
           count(*) filter (where effect = 'unknown') as unknown,
           count(*) filter (where effect in ('intended', 'live')) as in_flight,
           (select at from acts order by at desc offset greatest(quota.most - 1, 0) limit 1) as nth_at
    from acts
) counted
"""


SPENT: Final = text(
    f"select delivered, unknown, in_flight, nth_at from ({counted(ACTS, DIED, BEGUN)}) c order by c.place"
)


def spent_part(*sources: str) -> Part:
    """The count as a part of the gate's reading: only what the category can have is set up."""
    return Part(
        "spent",
        f"""select array_agg(delivered order by place) as delivered,
        array_agg(unknown order by place) as unknown, array_agg(in_flight order by place) as in_flight,
        array_agg(nth_at order by place) as nth_at
        from ({counted(*sources)}) c""",
    )


SPENT_BY_ACTS: Final = spent_part(ACTS)
SPENT_BY_READS: Final = spent_part(BEGUN)
SPENT_BY_VISITS: Final = spent_part(ACTS, DIED)


def spent_part_of(category: Category) -> Part:
    """What counts a category."""
    if category in READS:
        return SPENT_BY_READS
    return SPENT_BY_VISITS if category == "visit" else SPENT_BY_ACTS


def counting(windows: Sequence[tuple[UUID, Quota]]) -> dict[str, object]:
    """The windows of accounts as the count takes them."""
    quotas = [quota for _, quota in windows]
    return {
        "windows": len(windows),  # tells PostgreSQL that they are few: else it plans anew each time
        "accounts": [account_id for account_id, _ in windows],
        "categories": [quota.category for quota in quotas],
        "since": [quota.since for quota in quotas],
        "limits": [quota.bound.limit or 0 for quota in quotas],
        "notes": [quota.notes for quota in quotas],
        "reads": [quota.category in READS for quota in quotas],
    }


def spent_in(seen: Seen) -> list[Spent]:
    """What was done in each window, as it was read along with other things."""
    columns = (seen["delivered"], seen["unknown"], seen["in_flight"], seen["nth_at"])
    return [Spent(*row) for row in zip(*columns, strict=True)]


async def spent_of(
    db: AsyncSession, account_id: UUID, quotas: Sequence[Quota], run_id: UUID | None, now: datetime
) -> list[Spent]:
    """What was done in each window of an account; the run that asks is not counted."""
    return await spent_of_many(db, [(account_id, quota) for quota in quotas], run_id, now)


async def spent_of_many(
    db: AsyncSession, windows: Sequence[tuple[UUID, Quota]], run_id: UUID | None, now: datetime
) -> list[Spent]:
    """What was done in each window of each account."""
    if not windows:
        return []
    rows = await fetch(db, SPENT, {"run": run_id, "now": now, **counting(windows)})
    return [Spent(*row) for row in rows]


LAST_ACT_PART: Final = Part(
    "last_act",
    """select intended_at as last_act_at, token as last_act_token from runs
    where account_id = :account and run_id is distinct from cast(:run as uuid)
      and effect in ('intended', 'confirmed', 'unknown') and intended_at > :gap_since
    order by intended_at desc limit 1""",
)


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
