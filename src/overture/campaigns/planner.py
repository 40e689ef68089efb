"""The planner: a tick applies what happened, moves what became due, serves the lanes whose time has come.

Any number of planners may tick at once, and any of them may die anywhere: each batch is one transaction
under row locks that leaves to another planner what it has, and a touch has one key.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import text

from overture.campaigns.apply import apply_events
from overture.campaigns.due import turn_due
from overture.campaigns.planner_kit import CONSUMER, PlannerKit
from overture.campaigns.queue import MOST_LANES, serve
from overture.campaigns.syncs import turn_syncs
from overture.db import fetch

__all__ = ["PlannerKit", "Ticked", "next_wakeup", "tick"]


@dataclass(frozen=True)
class Ticked:
    """What a tick did, and when there is something to do again; None: nothing until an event."""

    next_at: datetime | None
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def is_idle(self) -> bool:
        """Whether it did nothing at all."""
        return not any(self.counts.values())


async def tick(kit: PlannerKit, now: datetime) -> Ticked:
    """Do what there is to do now. A bounded amount: what is left comes with the next tick."""
    counts = dict.fromkeys(("events", "due", "syncs", "submitted", "lanes"), 0)
    head = await look(kit, now)
    for _ in range(kit.batches if head.has_news else 0):
        news = await apply_events(kit, now)
        counts["events"] += len(news.entered)
        if news.is_all:
            break
    # Events that concerned nobody, as the planner's own mostly do, made nothing due that was not.
    for _ in range(kit.batches if head.has_due or counts["events"] else 0):
        turned = await turn_due(kit, now)
        counts["due"] += turned
        if turned < kit.batch:
            break
    if head.has_syncs:
        counts["syncs"] = await turn_syncs(kit, now)
    for _ in range(kit.batches if head.has_lanes or counts["events"] or counts["due"] else 0):
        served = await serve(kit, now)
        counts["lanes"] += served.lanes
        counts["submitted"] += served.submitted
        if served.lanes < MOST_LANES:
            break
    return Ticked(await next_wakeup(kit) if head.is_busy else head.next_at, counts)


@dataclass(frozen=True)
class Head:
    """What there is to do, looked at once, and when something becomes due by itself if that is nothing."""

    has_news: bool
    has_due: bool
    has_syncs: bool
    has_lanes: bool
    next_at: datetime | None

    @property
    def is_busy(self) -> bool:
        """Whether there is anything to do."""
        return self.has_news or self.has_due or self.has_syncs or self.has_lanes


DUE: Final = """
select min(next_action_at) as at from enrollments
where state = 'active' and reason <> 'queued' and next_action_at is not null
"""
WHEN: Final = f"least(({DUE}), (select min(next_at) from lanes), (select min(next_at) from syncs))"
NEXT: Final = text(f"select {WHEN}")
# `lateral`, so that the log is read from the reader's place on, and not from its beginning at every tick.
# The earliest of each kind is the first entry of an index; whether one `exists` that is due would be looked
# for in the whole table, of which PostgreSQL expects a third to be.
LOOK: Final = text(f"""
with place as materialized (
    select xid, event_id from consumers where name = :consumer
    union all select cast('0' as xid8), 0 order by 1 desc limit 1
)
select exists (select from place cross join lateral (
        select from events e where (e.xid, e.id) > (place.xid, place.event_id)
          and e.xid < pg_snapshot_xmin(pg_current_snapshot()) order by e.xid, e.id limit 1) news),
    coalesce(due.at <= :now, false), coalesce(sync.at <= :now, false), coalesce(lane.at <= :now, false),
    least(due.at, sync.at, lane.at)
from ({DUE}) due, (select min(next_at) as at from syncs) sync, (select min(next_at) as at from lanes) lane
""")


async def look(kit: PlannerKit, now: datetime) -> Head:
    """What there is to do now."""
    async with kit.sessions.looking() as db:
        (row,) = await fetch(db, LOOK, {"consumer": CONSUMER, "now": now})
        return Head(*row)


async def next_wakeup(kit: PlannerKit) -> datetime | None:
    """When something becomes due by itself; an event may come sooner."""
    async with kit.sessions.looking() as db:
        found: datetime | None = (await fetch(db, NEXT, {}))[0][0]
        return found
