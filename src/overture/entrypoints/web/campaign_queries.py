"""Numbers and rows of campaigns: the funnel, the steps, and whoever stands behind each number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.campaigns import (
    BLOCKED,
    Approval,
    Campaign,
    CampaignAccount,
    Enrollment,
    SequenceVersion,
    Signal,
    Touch,
)
from overture.people import Lead, Relationship

STAGES: Final = ("enrolled", "invited", "accepted", "messaged", "replied")
"""The funnel; each next one is told by itself and is no promise to be part of the one before."""
WRITING: Final = ("message", "inmail", "email", "contact_form")
DELIVERED: Final = ("delivered", "noop")


def reached(stage: str) -> ColumnElement[bool]:
    """Whether an enrollment got as far as this, proved by a touch, a relationship or a signal."""
    touch = select(Touch.id).where(Touch.enrollment_id == Enrollment.id, Touch.state.in_(DELIVERED))
    invited = touch.where(Touch.touchpoint_type == "connect")
    connected = exists().where(
        Relationship.lead_id == Enrollment.lead_id,
        Relationship.account_id == Enrollment.account_id,
        Relationship.state == "connected",
    )
    answered = exists().where(
        Signal.lead_id == Enrollment.lead_id, Signal.kind == "replied", Signal.at >= Enrollment.enrolled_at
    )
    rules: Mapping[str, ColumnElement[bool]] = {
        "enrolled": Enrollment.id.is_not(None),
        "invited": invited.exists(),
        "accepted": and_(invited.exists(), connected),
        "messaged": touch.where(Touch.touchpoint_type.in_(WRITING)).exists(),
        "replied": or_(Enrollment.state == "replied", answered),
    }
    return rules[stage]


async def funnels(db: AsyncSession, campaign_ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The funnel of each campaign, with how many need somebody."""
    counts = [func.count().filter(reached(stage)) for stage in STAGES]
    needing = func.count().filter(Enrollment.reason.in_(tuple(BLOCKED)), Enrollment.state == "active")
    active = func.count().filter(Enrollment.state == "active")
    query = (
        select(Enrollment.campaign_id, *counts, needing, active)
        .where(Enrollment.campaign_id.in_(campaign_ids))
        .group_by(Enrollment.campaign_id)
    )
    names = (*STAGES, "needing", "active")
    found = {one: dict.fromkeys(names, 0) for one in campaign_ids}
    for row in await db.execute(query):
        found[row[0]] = dict(zip(names, row[1:], strict=True))
    return found


@dataclass(frozen=True)
class StepCount:
    """What became of the touches of one step, and how many stand at it."""

    here: int = 0
    submitted: int = 0
    delivered: int = 0
    unknown: int = 0
    failed: int = 0
    cancelled: int = 0


async def by_step(db: AsyncSession, campaign_id: UUID) -> dict[str, StepCount]:
    """The numbers of each step of a campaign."""
    query = select(Touch.step, Touch.state, func.count()).where(Touch.campaign_id == campaign_id)
    numbers: dict[str, dict[str, int]] = {}
    for step, state, count in await db.execute(query.group_by(Touch.step, Touch.state)):
        of_step = numbers.setdefault(step, {})
        name = "delivered" if state in DELIVERED else state
        of_step[name] = of_step.get(name, 0) + count
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
    touched: tuple[str, tuple[str, ...]] | None = None
    """A step and states: those with such a touch."""


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
        query = query.where(reached(wanted.reached))
    if wanted.touched is not None:
        step, states = wanted.touched
        touch = select(Touch.id).where(Touch.enrollment_id == Enrollment.id, Touch.step == step)
        query = query.where(touch.where(Touch.state.in_(states)).exists())
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
