"""What an account did day by day, counted from its runs; and what was written down of it, put right.

Quotas need none of this: the gate counts the runs themselves over rolling windows, so there is no counter
that could drift. The days are for people, and for comparing: what is written down of a day is compared with
the runs and with the log, which was written in the same transactions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.db import append_event, fetch
from overture.runs.tables import DailyUsage


@dataclass(frozen=True)
class Used:
    """What was done of one category on one day of the account's zone."""

    day: date
    category: str
    done: int
    unknown: int = 0
    """Begun, and not proved either way: counted as done by every quota."""

    @property
    def total(self) -> int:
        """As the quotas count."""
        return self.done + self.unknown


# As `spent.ACTS` and `spent.BEGUN` do: acts by their intent, reads, which have none, by their beginning.
COUNTED: Final = """
select cast(at at time zone cast(:zone as text) as date) as day, category,
    count(*) filter (where sure) as done, count(*) filter (where not sure) as unknown
from (
    select intended_at as at, category, effect = 'confirmed' as sure from runs
    where account_id = :account and effect in ('intended', 'confirmed', 'unknown')
      and category not in ('profile_read', 'search', 'sync')
      and intended_at >= :since and intended_at < :until
    union all
    select started_at, category, status <> 'running' from runs
    where account_id = :account and category in ('profile_read', 'search', 'sync')
      and started_at >= :since and started_at < :until
) acts group by 1, 2 order by 1, 2
"""
COUNT: Final = text(COUNTED)


async def count_days(db: AsyncSession, account: Account, first: date, last: date) -> list[Used]:
    """What the account did on each of these days, by its runs; what it did nothing of is left out."""
    since, until = bounds(account.zone, first, last)
    asked = {"account": account.id, "zone": account.zone, "since": since, "until": until}
    return [Used(*row) for row in await fetch(db, COUNT, asked)]


def bounds(zone: str, first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of the first day to the end of the last."""
    place = ZoneInfo(zone)
    ends = last + timedelta(days=1)
    return (
        datetime(first.year, first.month, first.day, tzinfo=place),
        datetime(ends.year, ends.month, ends.day, tzinfo=place),
    )


async def written_days(db: AsyncSession, account: Account, first: date, last: date) -> Sequence[DailyUsage]:
    """What is written down of these days."""
    query = select(DailyUsage).where(DailyUsage.account_id == account.id, DailyUsage.day.between(first, last))
    rows = await db.scalars(query, execution_options={"populate_existing": True})
    return sorted(rows, key=lambda one: (one.day, one.category))


# Every intent is told of in the transaction that makes it; a run whose write was proved absent afterwards is
# told of as well, and counts no more.
TOLD: Final = text("""
select cast(r.intended_at at time zone cast(:zone as text) as date) as day, r.category,
    count(distinct r.run_id)
from events e join runs r on r.run_id = e.run_id
where e.type = 'run.intended' and r.account_id = :account and r.effect in ('intended', 'confirmed', 'unknown')
  and r.intended_at >= :since and r.intended_at < :until
group by 1, 2 order by 1, 2
""")


async def told_days(
    db: AsyncSession, account: Account, first: date, last: date
) -> dict[tuple[date, str], int]:
    """The acts of each day the log tells of."""
    since, until = bounds(account.zone, first, last)
    asked = {"account": account.id, "zone": account.zone, "since": since, "until": until}
    return {(row[0], row[1]): row[2] for row in await fetch(db, TOLD, asked)}


@dataclass(frozen=True)
class Difference:
    """A day of which something else was written down than the runs say."""

    day: date
    category: str
    written: int
    counted: int


WRITE: Final = text("""
insert into daily_usage (account_id, day, category, done, unknown, counted_at)
select :account, day, category, done, unknown, :now
from unnest(cast(:days as date[]), cast(:categories as text[]), cast(:done as int[]), cast(:unknown as int[]))
    as said(day, category, done, unknown)
order by day, category
on conflict (account_id, day, category) do update
set done = excluded.done, unknown = excluded.unknown, counted_at = excluded.counted_at
where (daily_usage.done, daily_usage.unknown) <> (excluded.done, excluded.unknown)
returning day
""")


async def write_days(
    db: AsyncSession, account: Account, first: date, last: date, now: datetime
) -> tuple[int, list[Difference]]:
    """Write these days down as the runs say; how many numbers were new or other, and which were wrong.

    What was written down and is not so is put right, with an event for each account of which there was any.
    """
    counted = {(one.day, one.category): one for one in await count_days(db, account, first, last)}
    was = {(one.day, one.category): one for one in await written_days(db, account, first, last)}
    wrong = [
        Difference(*key, written=old.done + old.unknown, counted=counted[key].total if key in counted else 0)
        for key, old in was.items()
        if old.done + old.unknown != (counted[key].total if key in counted else 0)
    ]
    wanted = [counted.get(key) or Used(*key, done=0) for key in sorted(counted.keys() | was.keys())]
    values = {
        "account": account.id,
        "days": [one.day for one in wanted],
        "categories": [one.category for one in wanted],
        "done": [one.done for one in wanted],
        "unknown": [one.unknown for one in wanted],
        "now": now,
    }
    changed = len(await fetch(db, WRITE, values))
    if wrong:
        data = {"days": [shown(one) for one in wrong]}
        await append_event(db, now, "account.usage_corrected", account_id=account.id, data=data)
    return changed, wrong


def shown(one: Difference) -> dict[str, object]:
    """A difference as it stands in the log and in a job's result."""
    return {**vars(one), "day": one.day.isoformat()}
