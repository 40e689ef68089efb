"""The planner: a tick applies what happened, moves what became due, serves the lanes whose time has come.

Any number of planners may tick at once, and any of them may die anywhere: each step of a lead is one
transaction under row locks, and a touch has one key.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import text

from overture.campaigns.apply import MOST, apply_events
from overture.campaigns.due import turn_due
from overture.campaigns.planner_kit import PlannerKit
from overture.campaigns.queue import due_lanes, serve
from overture.campaigns.syncs import turn_syncs

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
    for _ in range(kit.batches):
        applied = await apply_events(kit, now)
        counts["events"] += applied
        if applied < MOST:
            break
    for _ in range(kit.batches):
        turned = await turn_due(kit, now)
        counts["due"] += turned
        if turned < kit.batch:
            break
    counts["syncs"] = await turn_syncs(kit, now)
    for account_id, lane in await due_lanes(kit, now):
        counts["lanes"] += 1
        counts["submitted"] += await serve(kit, account_id, lane, now)
    return Ticked(await next_wakeup(kit), counts)


NEXT: Final = text("""
select least(
    (select min(next_action_at) from enrollments
     where state = 'active' and reason <> 'queued' and next_action_at is not null),
    (select min(next_at) from lanes),
    (select min(next_at) from syncs))
""")


async def next_wakeup(kit: PlannerKit) -> datetime | None:
    """When something becomes due by itself; an event may come sooner."""
    async with kit.sessions() as db:
        found: datetime | None = await db.scalar(NEXT)
        return found
