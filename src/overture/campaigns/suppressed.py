"""A suppression of a domain or company: everybody it may mean is decided upon at the next tick."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns import store
from overture.core.ids import read_public_id
from overture.people import suppression

CHUNK: Final = 5000
MARK: Final = text(
    store.telling("""
update enrollments set next_action_at = :now, backoff_hours = nullif(backoff_hours, 0),
    reason = case when reason = 'queued' then 'delay' else reason end
where enrollment_id in (
    select enrollment_id from enrollments where lead_id = any(:leads) and state = 'active'
    order by enrollment_id for update)
""")
)
PAUSED: Final = text("""
select distinct lead_id from enrollments where lead_id = any(:leads) and state = 'paused'
""")


async def mark(db: AsyncSession, suppression_ids: Collection[str], now: datetime) -> set[UUID]:
    """Make due whatever is planned for those they may mean; the leads among them that are paused, who are
    never due. Who is meant indeed is found when they are decided upon, a batch at a time.
    """
    paused: set[UUID] = set()
    for shown in sorted(suppression_ids):
        suppression_id = read_public_id("sup", shown)
        leads = await suppression.meant(db, suppression_id, now) if suppression_id else []
        for start in range(0, len(leads), CHUNK):
            asked = {"leads": list(leads[start : start + CHUNK])}
            await db.execute(MARK, {**asked, "now": now, "why": "suppression", "by": "planner"})
            paused |= set((await db.scalars(PAUSED, asked)).all())
    return paused
