"""Where the people of a campaign stand, and what became of the acts of each step."""

from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.entrypoints.api.outreach.campaign_shapes import StepCounts

STATES: Final = text("""
select state, reason, count(*) from enrollments where campaign_id = :campaign group by state, reason
""")
STEPS: Final = text("""
select step, sum(waiting)::int as waiting, sum(submitted)::int as submitted,
    sum(delivered)::int as delivered, sum(noop)::int as noop, sum(failed)::int as failed,
    sum(unknown)::int as unknown, sum(cancelled)::int as cancelled
from (
    select step, 0 as waiting, (state = 'submitted')::int as submitted,
        (state = 'delivered')::int as delivered, (state = 'noop')::int as noop,
        (state = 'failed')::int as failed, (state = 'unknown')::int as unknown,
        (state = 'cancelled')::int as cancelled
    from touches where campaign_id = :campaign
    union all
    select step, 1, 0, 0, 0, 0, 0, 0 from enrollments
    where campaign_id = :campaign and state in ('active', 'paused') and step is not null
) counted group by step
""")


async def counts_of(db: AsyncSession, campaign_id: UUID) -> tuple[dict[str, int], dict[str, int]]:
    """Enrollments by state, and by reason."""
    states: dict[str, int] = {}
    reasons: dict[str, int] = {}
    for state, reason, count in await db.execute(STATES, {"campaign": campaign_id}):
        states[state] = states.get(state, 0) + count
        reasons[reason] = reasons.get(reason, 0) + count
    return states, reasons


async def steps_of(db: AsyncSession, campaign_id: UUID, order: list[str]) -> list[StepCounts]:
    """Acts and waiting people by step, in the order of the sequence; steps that are gone come last."""
    rows = (await db.execute(STEPS, {"campaign": campaign_id})).mappings().all()
    found = {row["step"]: StepCounts(**row) for row in rows}
    none = dict.fromkeys(("waiting", "submitted", "delivered", "noop", "failed", "unknown", "cancelled"), 0)
    known = [found.pop(step, StepCounts(step=step, **none)) for step in order]
    return [*known, *(found[step] for step in sorted(found))]
