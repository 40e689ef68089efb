"""The sweeper: finds every enrollment that waits silently (I11), and puts it back on its way, in the log."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import due, lanes, store
from overture.campaigns.reasons import BLOCKED, WAITING
from overture.core.ids import public_id
from overture.db import About, append_events

BOUND: Final = timedelta(hours=1)
"""How long past its time something may be before it counts as stuck: planners tick every few seconds."""

SENTENCES: Final = {
    "overdue": "Its time passed and nothing happened.",
    "no_time": "It waits without a time, and for nothing that somebody must clear.",
    "unknown_reason": "It waits for a reason that is none.",
    "no_run": "It is said to be under way, and there is no act of it under way.",
    "lost_end": "Its run has ended, and the enrollment was not told.",
    "lane_missing": "It queues in a lane that does not exist.",
    "lane_asleep": "It queues in a lane that sleeps.",
    "lane_overdue": "It queues in a lane whose time passed without a look.",
    "no_sender": "It queues for an account that does not act for its campaign.",
}


@dataclass(frozen=True)
class Violation:
    """An enrollment that is stuck, how that shows, and since when."""

    enrollment_id: UUID
    code: str
    since: datetime | None

    @property
    def sentence(self) -> str:
        """What is wrong."""
        return SENTENCES[self.code]


FIND: Final = text("""
select enrollment_id, code, since from (
    select e.enrollment_id, 'overdue' as code, e.next_action_at as since from enrollments e
    where e.state = 'active' and e.reason <> 'queued' and e.next_action_at < :bound
    union all
    select e.enrollment_id, 'no_time', e.entered_at from enrollments e
    where e.state in ('active', 'paused') and e.next_action_at is null and e.reason <> all(:blocked)
    union all
    select e.enrollment_id, 'unknown_reason', e.entered_at from enrollments e
    where e.state in ('active', 'paused') and e.reason <> all(:reasons)
    union all
    select e.enrollment_id, 'no_run', e.entered_at from enrollments e
    where e.state = 'active' and e.reason in ('running', 'waiting_reconcile', 'outcome_unknown')
      and not exists (select 1 from touches t where t.enrollment_id = e.enrollment_id
                      and t.state in ('submitted', 'unknown'))
    union all
    select t.enrollment_id, 'lost_end', r.completed_at from touches t join runs r on r.run_id = t.run_id
    where t.state in ('submitted', 'unknown') and r.completed_at < :bound
    union all
    select e.enrollment_id, case when l.lane is null then 'lane_missing'
        when l.reason = 'idle' then 'lane_asleep' else 'lane_overdue' end, e.next_action_at
    from enrollments e left join lanes l on l.account_id = e.account_id and l.lane = e.lane
    where e.state = 'active' and e.reason = 'queued'
      and (l.lane is null or l.reason = 'idle' or l.next_at < :bound)
    union all
    select e.enrollment_id, 'no_sender', e.next_action_at from enrollments e
    where e.state = 'active' and e.reason = 'queued' and not exists (select 1 from campaign_accounts ca
        where ca.campaign_id = e.campaign_id and ca.account_id = e.account_id)
) found order by since nulls first, enrollment_id limit :most
""")


async def sweep(db: AsyncSession, now: datetime, most: int = 1000) -> list[Violation]:
    """Everything that violates "nothing waits silently", the longest stuck first."""
    asked = {
        "bound": now - BOUND,
        "blocked": [*BLOCKED],
        "reasons": [*WAITING, *BLOCKED],
        "most": most,
    }
    return [Violation(row[0], row[1], row[2]) for row in await db.execute(FIND, asked)]


async def recover(db: AsyncSession, enrollment_id: UUID, by: str, now: datetime) -> None:
    """Put a stuck lead back on its way: it is decided upon at once, by all that is known; audited."""
    enrollment = await store.enrollment_by_id(db, enrollment_id, lock=True)
    if enrollment.state != "active":
        return
    enrollment.reason = (
        "delay" if enrollment.reason not in WAITING or enrollment.reason == "queued" else enrollment.reason
    )
    due.wait(enrollment, enrollment.reason, now, f"recovered by {by}")
    await store.keep(db, [enrollment], now, why="recovered", by=by)
    await retell(db, enrollment_id, now)
    await lanes.rouse(db, [enrollment.account_id], now)


RETELL: Final = text("""
select r.run_id, r.account_id from touches t join runs r on r.run_id = t.run_id
where t.enrollment_id = :enrollment and t.state in ('submitted', 'unknown') and r.completed_at is not null
""")


async def retell(db: AsyncSession, enrollment_id: UUID, now: datetime) -> None:
    """Say once more that a run has ended whose end was missed."""
    rows = (await db.execute(RETELL, {"enrollment": enrollment_id})).all()
    await append_events(db, [(now, "run.retold", About(row.account_id, row.run_id), {}) for row in rows])


async def recover_all(db: AsyncSession, by: str, now: datetime) -> list[str]:
    """Recover whatever the sweeper finds; the enrollments, by their outside ids."""
    found = sorted({one.enrollment_id for one in await sweep(db, now)})
    for enrollment_id in found:
        await recover(db, enrollment_id, by, now)
    return [public_id("enr", one) for one in found]
