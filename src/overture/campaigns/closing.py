"""Texts that wait although nobody will ever send them: they are closed, and the log says so."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import inspect, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.tables import OVER, Approval, Enrollment
from overture.core.ids import public_id
from overture.db import About, append_events, fetch

CLOSE: Final = """
update approvals a set state = 'stale', note = case when e.state = any(:over)
    then 'the lead is done here: ' || e.reason else 'the lead has gone on from this step' end
from enrollments e where e.enrollment_id = a.enrollment_id and a.state in ('drafting', 'pending')
  and (e.state = any(:over) or a.step is distinct from e.step) and {whose}
returning a.approval_id
"""
OF_ENROLLMENTS: Final = text(CLOSE.format(whose="a.enrollment_id = any(:ids)"))
OF_CAMPAIGN: Final = text(CLOSE.format(whose="a.campaign_id = :campaign"))


def has_left(enrollment: Enrollment) -> bool:
    """Whether what is about to be written ends it, or takes it from the step it stood at."""
    stood_at = inspect(enrollment).attrs.step.history.deleted
    return enrollment.state in OVER or any(step is not None for step in stood_at)


async def close_of(db: AsyncSession, left: Sequence[UUID], now: datetime) -> None:
    """Close what waits for enrollments that are over, or at another step by now."""
    if left:
        asked = {"ids": list(left), "over": list(OVER)}
        await tell_of(db, [row[0] for row in await fetch(db, OF_ENROLLMENTS, asked)], now)


async def close_of_campaign(db: AsyncSession, campaign_id: UUID, now: datetime) -> None:
    """The same for a campaign that is over."""
    asked = {"campaign": campaign_id, "over": list(OVER)}
    await tell_of(db, (await db.scalars(OF_CAMPAIGN, asked)).all(), now)


async def tell_of(db: AsyncSession, closed: Sequence[UUID], now: datetime) -> None:
    """The event of each that was closed."""
    if not closed:
        return
    query = select(Approval).where(Approval.id.in_(closed)).order_by(Approval.id)
    rows = await db.scalars(query, execution_options={"populate_existing": True})
    told = [(now, "approval.stale", about(one), data_of(one, "planner")) for one in rows]
    await append_events(db, told)


def about(approval: Approval) -> About:
    """What an approval's events are about."""
    return About(
        account_id=approval.account_id,
        lead_id=approval.lead_id,
        campaign_id=approval.campaign_id,
        enrollment_id=approval.enrollment_id,
    )


def data_of(approval: Approval, by: str) -> dict[str, object]:
    """What an event tells of an approval: what it is about and its state, not the text."""
    return {
        "approval_id": public_id("apr", approval.id),
        "state": approval.state,
        "step": approval.step,
        "round": approval.round,
        "fallback": approval.fallback,
        "channel": approval.channel,
        "content_hash": approval.content_hash,
        "origin": approval.origin,
        "note": approval.note,
        "by": by,
    }
