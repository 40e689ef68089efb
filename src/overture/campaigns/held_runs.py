"""Runs that wait at the gate for a pause to end: whoever ends it has the gate asked again at once."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.campaigns.tables import Touch
from overture.core.reasons import Reason


async def hurry(
    db: AsyncSession, whose: Literal["campaign", "enrollment"], its_id: UUID, now: datetime
) -> None:
    """Make due the runs that wait because this campaign, or this enrollment, was paused."""
    column = Touch.campaign_id if whose == "campaign" else Touch.enrollment_id
    waited_for = Reason.CAMPAIGN_PAUSED if whose == "campaign" else Reason.ENROLLMENT_PAUSED
    query = (
        select(Touch.run_id)
        .join(runs.Run, runs.Run.id == Touch.run_id)
        .where(column == its_id, Touch.state == "submitted", runs.Run.wait_reason == waited_for)
    )
    waiting = (await db.scalars(query)).all()
    if waiting:
        await runs.hurry(db, waiting, now)
