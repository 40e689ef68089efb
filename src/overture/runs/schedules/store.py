"""Every query about schedules."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.runs.schedules.tables import Schedule, ScheduleFire
from overture.runs.tables import TERMINAL, Run


async def by_id(db: AsyncSession, schedule_id: UUID, *, lock: bool = False) -> Schedule:
    """The schedule, or a refusal; a removed one is not found."""
    query = select(Schedule).where(Schedule.id == schedule_id, Schedule.state != "removed")
    schedule: Schedule | None = await db.scalar(query.with_for_update() if lock else query)
    if schedule is None:
        raise NotFound(
            "schedule_not_found",
            f"There is no schedule {public_id('sch', schedule_id)}.",
            fix="List them with GET /api/v1/schedules.",
        )
    return schedule


async def page(db: AsyncSession, handle: str | None, before: UUID | None, limit: int) -> Sequence[Schedule]:
    """Schedules that are not removed, newest first, from after a cursor."""
    query = select(Schedule).where(Schedule.state != "removed").order_by(Schedule.id.desc()).limit(limit)
    if handle is not None:
        query = query.where(Schedule.handle == handle)
    if before is not None:
        query = query.where(Schedule.id < before)
    return (await db.scalars(query)).all()


async def next_due(db: AsyncSession, now: datetime) -> Schedule | None:
    """One schedule whose time has come, or whose last fire lies in the future because the clock went back.

    Locked; one that another dispatcher works on is passed over.
    """
    query = (
        select(Schedule)
        .where(Schedule.state == "active", or_(Schedule.next_fire_at <= now, Schedule.last_fire_at > now))
        .order_by(Schedule.next_fire_at)
        .limit(1)
    )
    found: Schedule | None = await db.scalar(query.with_for_update(skip_locked=True))
    return found


async def has_come(db: AsyncSession, schedule_id: UUID, nominal: datetime) -> bool:
    """Whether this nominal time came before."""
    return await db.get(ScheduleFire, (schedule_id, nominal)) is not None


async def unfinished_run(db: AsyncSession, schedule_id: UUID) -> UUID | None:
    """A run of this schedule that is not over yet."""
    query = (
        select(Run.id)
        .join(ScheduleFire, ScheduleFire.run_id == Run.id)
        .where(ScheduleFire.schedule_id == schedule_id, Run.status.not_in(TERMINAL))
        .limit(1)
    )
    found: UUID | None = await db.scalar(query)
    return found


async def fires_of(db: AsyncSession, schedule_id: UUID, limit: int) -> Sequence[ScheduleFire]:
    """The newest nominal times that came."""
    query = select(ScheduleFire).where(ScheduleFire.schedule_id == schedule_id)
    return (await db.scalars(query.order_by(ScheduleFire.fire_at.desc()).limit(limit))).all()


async def of_account(db: AsyncSession, account_id: UUID) -> Sequence[Schedule]:
    """The active schedules of an account, locked."""
    query = select(Schedule).where(Schedule.account_id == account_id, Schedule.state == "active")
    return (await db.scalars(query.with_for_update())).all()
