"""What accounts have spent: the one count of their runs, in any number of windows, for gate and view."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Bound
from overture.db import fetch
from overture.runs.reading import Part, Seen
from overture.touchpoints import REGISTRY, Category

Span = Literal["rolling_24h", "rolling_7d", "calendar_month"]
READS: Final = frozenset(kind.category for kind in REGISTRY.values() if kind.reversibility == "read")


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


# Acts count by their intent; a read, which has none, by its beginning. The live run of the account (there is
# at most one) counts from being taken, so that nothing can be let through beside it. A visit whose worker
# died may have been seen, and is made again: both count.
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
