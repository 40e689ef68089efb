"""What a campaign did and heard, by the day of a time zone.

Counted from the same rows as its funnel (`overture.campaigns.funnel`): all days together are what the funnel
says, wherever both count acts.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import KIN

WRITTEN: Final = "('message', 'inmail', 'email', 'contact_form')"
# An invitation that was pending before, or who was connected already, is none of ours.
OURS: Final = "t.touchpoint_type = 'connect' and runs.result->>'state' is distinct from 'connected'"

DAYS: Final = text(f"""
with recursive {KIN}, counted as (
    select t.ended_at as at, case when {OURS} then 'invites' else 'messages' end as what
    from touches t left join runs on runs.run_id = t.run_id and t.touchpoint_type = 'connect'
    where t.campaign_id = any(:campaigns) and t.state = 'delivered'
      and t.ended_at >= :since and t.ended_at <= :until
      and (t.touchpoint_type in {WRITTEN} or {OURS})
    union all
    select min(s.at), 'replies' from mine join kin using (lead_id)
    join signals s on s.lead_id = kin.member and s.at >= mine.enrolled_at
    where s.kind in ('replied', 'declined', 'opted_out') and s.at >= :since and s.at <= :until
    group by mine.enrollment_id, s.source
    union all
    select min(r.since), 'connections' from mine join kin using (lead_id)
    join relationships r on r.lead_id = kin.member and r.state = 'connected'
    where exists (
        select from touches t join runs using (run_id)
        where t.enrollment_id = mine.enrollment_id and t.account_id = r.account_id and t.state = 'delivered'
          and {OURS} and t.planned_at <= r.since)
    group by mine.enrollment_id having min(r.since) >= :since and min(r.since) <= :until
)
select width_bucket(at, cast(:midnights as timestamptz[])) - 1 as day, what, count(*)::int from counted
group by day, what
""")

ANSWERED: Final = text(f"""
with recursive {KIN}, first as (
    select t.enrollment_id, min(t.ended_at) as at from touches t
    where t.campaign_id = any(:campaigns) and t.state = 'delivered' and t.touchpoint_type in {WRITTEN}
    group by t.enrollment_id
)
select count(*)::int as written_to, count(*) filter (where exists (
    select from kin join signals s on s.lead_id = kin.member
    where kin.lead_id = mine.lead_id and s.at >= first.at
      and s.kind in ('replied', 'declined', 'opted_out')))::int as answered
from first join mine using (enrollment_id) where first.at >= :since and first.at <= :until
""")

# Newest first by the index of the campaign's events: one row is read.
LAST: Final = text("select at from events where campaign_id = :campaign order by id desc limit 1")


@dataclass(frozen=True)
class Day:
    """One day of a campaign: how many acts of it arrived and what was heard."""

    day: date
    invites: int = 0
    messages: int = 0
    replies: int = 0
    connections: int = 0


@dataclass(frozen=True)
class Answered:
    """Of the people first written to in some days: how many, and how many of them have answered since."""

    written_to: int
    answered: int

    @property
    def rate(self) -> float | None:
        """The share that answered; none where nobody was written to."""
        return round(self.answered / self.written_to, 4) if self.written_to else None


def midnights(now: datetime, days: int, zone: ZoneInfo) -> list[datetime]:
    """When each of so many days began, of which the last is today; a day may have 23 or 25 hours."""
    today = now.astimezone(zone).date()
    return [datetime.combine(today - timedelta(days=n), time(), zone) for n in reversed(range(days))]


async def days_of(
    db: AsyncSession, campaign_id: UUID, now: datetime, days: int, zone: ZoneInfo
) -> tuple[Day, ...]:
    """The last so many days up to now, oldest first, days without anything too."""
    begins = midnights(now, days, zone)
    given = {"campaigns": [campaign_id], "since": begins[0], "until": now, "midnights": begins}
    counts: dict[int, dict[str, int]] = {}
    for day, what, count in await db.execute(DAYS, given):
        counts.setdefault(day, {})[what] = count
    return tuple(Day(begin.date(), **counts.get(n, {})) for n, begin in enumerate(begins))


async def answered(db: AsyncSession, campaign_id: UUID, now: datetime, days: int, zone: ZoneInfo) -> Answered:
    """How many of those first written to in the last so many days have answered."""
    given = {"campaigns": [campaign_id], "since": midnights(now, days, zone)[0], "until": now}
    (found,) = (await db.execute(ANSWERED, given)).all()
    return Answered(found.written_to, found.answered)


async def last_activity(db: AsyncSession, campaign_id: UUID) -> datetime | None:
    """When the campaign's log was last written to."""
    found: datetime | None = await db.scalar(LAST, {"campaign": campaign_id})
    return found
