"""Numbers and rows of campaigns: the steps, and whoever stands behind each number."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.campaigns import (
    BLOCKED,
    Approval,
    Campaign,
    CampaignAccount,
    Enrollment,
    SequenceVersion,
    Touch,
    counted_in,
)
from overture.people import Lead

STAGES: Final = ("enrolled", "invited", "accepted", "messaged", "replied")
"""What pages show of the funnel; each is told by itself and is no promise to be part of the one before."""


@dataclass(frozen=True)
class StepCount:
    """What became of the touches of one step, and how many stand at it."""

    here: int = 0
    submitted: int = 0
    delivered: int = 0
    noop: int = 0
    """It was so already: nothing had to be done, and nothing was."""
    unknown: int = 0
    failed: int = 0
    cancelled: int = 0


async def by_step(db: AsyncSession, campaign_id: UUID) -> dict[str, StepCount]:
    """The numbers of each step of a campaign."""
    query = select(Touch.step, Touch.state, func.count()).where(Touch.campaign_id == campaign_id)
    numbers: dict[str, dict[str, int]] = {}
    for step, state, count in await db.execute(query.group_by(Touch.step, Touch.state)):
        numbers.setdefault(step, {})[state] = count
    standing = select(Enrollment.step, func.count()).where(
        Enrollment.campaign_id == campaign_id, Enrollment.state == "active", Enrollment.step.is_not(None)
    )
    for at, count in await db.execute(standing.group_by(Enrollment.step)):
        numbers.setdefault(at or "", {})["here"] = count
    return {step: StepCount(**counted) for step, counted in numbers.items()}


async def campaigns(
    db: AsyncSession, before: UUID | None, size: int, *, archived: bool
) -> Sequence[Campaign]:
    """Campaigns, newest first."""
    query = select(Campaign).order_by(Campaign.id.desc()).limit(size)
    if not archived:
        query = query.where(Campaign.state != "archived")
    if before is not None:
        query = query.where(Campaign.id < before)
    return (await db.scalars(query)).all()


async def senders(db: AsyncSession, campaign_id: UUID) -> Sequence[tuple[str, CampaignAccount]]:
    """The accounts of a campaign with their weights."""
    query = select(Account.handle, CampaignAccount).join(Account, Account.id == CampaignAccount.account_id)
    rows = await db.execute(query.where(CampaignAccount.campaign_id == campaign_id).order_by(Account.handle))
    return [(row[0], row[1]) for row in rows]


async def version_of(db: AsyncSession, version_id: UUID | None) -> SequenceVersion | None:
    """A published version."""
    return await db.get(SequenceVersion, version_id) if version_id is not None else None


@dataclass(frozen=True)
class WantedEnrollments:
    """Which enrollments a page shows; None is no condition."""

    campaign_id: UUID | None = None
    state: str | None = None
    reason: str | None = None
    step: str | None = None
    reached: str | None = None
    needing: bool = False
    touched: tuple[str, str] | None = None
    """A step and a state: those with such a touch."""


Enrolled = tuple[Enrollment, Lead, str, str]
"""An enrollment with its lead, its campaign's name and its account's handle."""


def enrolled() -> Select[Enrollment, Lead, str, str]:
    """Enrollments with what a row of theirs shows."""
    return (
        select(Enrollment, Lead, Campaign.name, Account.handle)
        .join(Lead, Lead.id == Enrollment.lead_id)
        .join(Campaign, Campaign.id == Enrollment.campaign_id)
        .join(Account, Account.id == Enrollment.account_id)
    )


async def enrollments(
    db: AsyncSession, wanted: WantedEnrollments, before: UUID | None, size: int
) -> list[Enrolled]:
    """Enrollments, newest first."""
    query = enrolled().order_by(Enrollment.id.desc()).limit(size)
    if wanted.campaign_id is not None:
        query = query.where(Enrollment.campaign_id == wanted.campaign_id)
    equal = (
        (Enrollment.state, wanted.state),
        (Enrollment.reason, wanted.reason),
        (Enrollment.step, wanted.step),
    )
    for column, value in equal:
        query = query.where(column == value) if value is not None else query
    if wanted.reached is not None:
        assert wanted.campaign_id is not None, "a number of the funnel is one campaign's"
        query = query.where(counted_in(wanted.reached, [wanted.campaign_id]))
    if wanted.touched is not None:
        step, state = wanted.touched
        touch = select(Touch.id).where(Touch.enrollment_id == Enrollment.id, Touch.step == step)
        query = query.where(touch.where(Touch.state == state).exists())
    if wanted.needing:
        query = query.where(Enrollment.reason.in_(tuple(BLOCKED)), Enrollment.state == "active")
    if before is not None:
        query = query.where(Enrollment.id < before)
    return [(row[0], row[1], row[2], row[3]) for row in await db.execute(query)]


async def one_enrolled(db: AsyncSession, enrollment_id: UUID) -> Enrolled:
    """One enrollment that is known to be there."""
    row = (await db.execute(enrolled().where(Enrollment.id == enrollment_id))).one()
    return (row[0], row[1], row[2], row[3])


async def touches_of(db: AsyncSession, enrollment_id: UUID) -> Sequence[Touch]:
    """What was done for one enrollment, newest first."""
    query = select(Touch).where(Touch.enrollment_id == enrollment_id)
    return (await db.scalars(query.order_by(Touch.planned_at.desc(), Touch.id))).all()


Asked = tuple[Approval, Lead, str, str]
"""An approval with its lead, its campaign's name and its account's handle."""


async def approvals(
    db: AsyncSession, state: str, campaign_id: UUID | None, after: UUID | None, size: int
) -> list[Asked]:
    """Approvals in a state, the one that waits longest first."""
    query = (
        select(Approval, Lead, Campaign.name, Account.handle)
        .join(Lead, Lead.id == Approval.lead_id)
        .join(Campaign, Campaign.id == Approval.campaign_id)
        .join(Account, Account.id == Approval.account_id)
        .where(Approval.state == state)
        .order_by(Approval.id)
        .limit(size)
    )
    if campaign_id is not None:
        query = query.where(Approval.campaign_id == campaign_id)
    if after is not None:
        query = query.where(Approval.id > after)
    return [(row[0], row[1], row[2], row[3]) for row in await db.execute(query)]


async def approvals_waiting(db: AsyncSession, campaign_id: UUID | None = None) -> int:
    """How many texts wait for a person."""
    query = select(func.count()).select_from(Approval).where(Approval.state == "pending")
    if campaign_id is not None:
        query = query.where(Approval.campaign_id == campaign_id)
    return await db.scalar(query) or 0
