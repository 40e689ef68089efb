"""What comes next: runs and schedules that are due, the lanes' turns, readings, and leads on their way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, runs
from overture.accounts import WorkingHours, next_closing, next_opening
from overture.campaigns.lanes import CATEGORY_OF
from overture.campaigns.why import why_account
from overture.core.ids import public_id
from overture.entrypoints.api import scheduling
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import queries, words
from overture.runs import Run

AHEAD: Final = timedelta(hours=24)
MOST: Final = 1000
"""Leads of one lane, or due at one account, are counted up to this."""
LANES: Final = text("""
select l.account_id, a.handle, l.lane, l.next_at, l.reason, queue.size from lanes l
join accounts a on a.id = l.account_id and a.removed_at is null
cross join lateral (select count(*) as size from (
    select 1 from enrollments e join campaigns c on c.campaign_id = e.campaign_id and c.state = 'active'
    where e.account_id = l.account_id and e.lane = l.lane and e.state = 'active' and e.reason = 'queued'
    limit :most) queued) queue
where queue.size > 0 and (cast(:handle as text) is null or a.handle = :handle) order by l.next_at, a.handle
""")
SYNCS: Final = text("""
select a.handle, s.kind, s.next_at from syncs s
join accounts a on a.id = s.account_id and a.removed_at is null
where s.next_at <= :until and a.state = 'active' and (cast(:handle as text) is null or a.handle = :handle)
  and exists (select 1 from campaign_accounts ca join campaigns c on c.campaign_id = ca.campaign_id
    where ca.account_id = s.account_id and c.state in ('active', 'paused'))
order by s.next_at limit 40
""")
DUE: Final = text("""
select a.handle, due.campaign_id, due.name, due.reason, count(*) as size, min(due.at) as at from (
    select e.account_id, e.campaign_id, c.name, e.reason, e.next_action_at as at from enrollments e
    join campaigns c on c.campaign_id = e.campaign_id and c.state = 'active'
    where e.state = 'active' and e.reason <> 'queued' and e.reason <> 'running'
      and e.next_action_at is not null and e.next_action_at <= :until
    order by e.next_action_at limit :most) due
join accounts a on a.id = due.account_id where (cast(:handle as text) is null or a.handle = :handle)
group by a.handle, due.campaign_id, due.name, due.reason order by min(due.at)
""")


@dataclass(frozen=True)
class Coming:
    """One thing that is due within the next day."""

    at: datetime
    text: str
    handle: str
    href: str
    detail: str | None
    """What is to be known of it: how many leads, what it waits for."""


async def coming(app: App, db: AsyncSession, size: int, handle: str | None = None) -> list[Coming]:
    """What is due within a day, soonest first: everything, or what one account will do."""
    now = app.now()
    until = now + AHEAD
    found = [of_run(run) for run in await queries.coming(db, until, size, handle)]
    found += await of_schedules(app, until, handle)
    found += [one for one in await of_lanes(db, now, handle) if one.at <= until]
    rows = await db.execute(SYNCS, {"until": until, "handle": handle})
    found += [of_sync(row) for row in rows.mappings()]
    rows = await db.execute(DUE, {"until": until, "most": MOST, "handle": handle})
    found += [of_due(row) for row in rows.mappings()]
    return sorted(found, key=lambda one: (max(one.at, now), one.handle, one.text))[:size]


def of_run(run: Run) -> Coming:
    """A waiting run as something that comes."""
    href = f"/runs/{public_id('run', run.id)}"
    at = run.next_at or run.created_at
    waits = (
        words.plain(run.wait_reason).lower() if run.wait_reason not in (None, "ready") else "its run is ready"
    )
    return Coming(at, words.act(run.touchpoint_type), run.handle, href, waits)


async def of_schedules(app: App, until: datetime, handle: str | None) -> list[Coming]:
    """The times of schedules."""
    found = []
    for schedule in await scheduling.list_schedules(app, handle, None, 100):
        seen = scheduling.view(app, schedule)
        href = f"/schedules/{seen.schedule_id}"
        found += [
            Coming(at, words.act(seen.touchpoint_type), seen.handle, href, "by schedule")
            for at in seen.next_fires
            if at <= until
        ]
    return found


async def of_lanes(db: AsyncSession, now: datetime, handle: str | None = None) -> list[Coming]:
    """The next turn of each lane somebody queues in, and how many of them fit before the day is over."""
    rows = await db.execute(LANES, {"most": MOST, "handle": handle})
    return [await of_lane(db, row, now) for row in rows.mappings()]


async def of_lane(db: AsyncSession, row: RowMapping, now: datetime) -> Coming:
    """One lane's next turn: when its pace, its account's hours and its limit let it come."""
    account = await accounts.by_id(db, row["account_id"])
    size, hours = row["size"], WorkingHours.model_validate(account.working_hours)
    begins = next_opening(hours, account.zone, max(now, row["next_at"]))
    closes = next_closing(hours, account.zone, begins)
    room = await runs.room(db, account, CATEGORY_OF[row["lane"]], now, closes)
    if room.remaining == 0 and room.next_at is not None:
        begins = next_opening(hours, account.zone, max(begins, room.next_at))
    said = f"{size}{' or more' if size == MOST else ''} {'lead queues' if size == 1 else 'leads queue'}"
    if room.by_close is not None and room.by_close < size:
        said += f", at most {room.by_close} until its hours close"
    stop = await why_account(db, account, now)
    if stop is not None and stop.code != "working_hours":
        said += f"; held: {stop.sentence}"
    return Coming(begins, words.lane(row["lane"]), row["handle"], f"/accounts/{row['handle']}", said)


def of_sync(row: RowMapping) -> Coming:
    """A regular reading."""
    return Coming(
        row["next_at"],
        words.act(row["kind"]),
        row["handle"],
        f"/accounts/{row['handle']}",
        "by the planner",
    )


def of_due(row: RowMapping) -> Coming:
    """Leads whose wait ends, or is looked at again."""
    campaign_id = public_id("cmp", row["campaign_id"])
    leads = f"{row['size']} {'lead' if row['size'] == 1 else 'leads'}"
    href = f"/campaigns/{campaign_id}/leads?state=active&reason={row['reason']}"
    return Coming(
        row["at"],
        f"{leads} of {row['name']} looked at again",
        row["handle"],
        href,
        words.plain(row["reason"]).lower(),
    )


@dataclass(frozen=True)
class Blocked:
    """Leads of a campaign that wait for a person, by what for."""

    campaign_id: str
    campaign: str
    reason: str
    size: int


BLOCKED: Final = text("""
select c.campaign_id, c.name, e.reason, count(*) as size from campaigns c
join enrollments e on e.campaign_id = c.campaign_id and e.state = 'active' and e.reason = any(:reasons)
where c.state = 'active' group by c.campaign_id, c.name, e.reason order by count(*) desc, c.name limit 20
""")


async def blocked(db: AsyncSession, reasons: Sequence[str]) -> list[Blocked]:
    """What of running campaigns goes on only when somebody does something; most leads first."""
    rows = await db.execute(BLOCKED, {"reasons": list(reasons)})
    return [Blocked(public_id("cmp", row[0]), row[1], row[2], row[3]) for row in rows]
