"""Making, pausing, resuming and removing a schedule."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account
from overture.core.ids import public_id
from overture.db import append_event
from overture.runs.schedules import store
from overture.runs.schedules.cron import Cron, read_cron
from overture.runs.schedules.tables import Schedule
from overture.runs.schedules.wanted import NewSchedule


async def create(
    db: AsyncSession, schedule_id: UUID, wanted: NewSchedule, now: datetime, *, by: str = "api"
) -> Schedule:
    """Store a schedule; refuses an unknown account and an expression that never fires."""
    account = await accounts.by_handle(db, wanted.handle)
    schedule = new_schedule(schedule_id, account, wanted, now)
    db.add(schedule)
    await db.flush()
    await tell(db, schedule, "schedule.created", now, by=by)
    return schedule


def new_schedule(schedule_id: UUID, account: Account, wanted: NewSchedule, now: datetime) -> Schedule:
    """The row of a new schedule."""
    cron = read_cron(wanted.cron, wanted.zone or account.zone, now)
    return Schedule(
        id=schedule_id,
        account_id=account.id,
        handle=account.handle,
        touchpoint_type=wanted.touchpoint.kind(),
        touchpoint_input=wanted.touchpoint.model_dump(mode="json", exclude_none=True),
        cron=cron.expression,
        zone=cron.zone,
        missed=wanted.missed,
        overlap=wanted.overlap,
        tags=list(wanted.tags),
        priority=wanted.priority,
        state="active",
        next_fire_at=cron.first_after(now),
        created_at=now,
        updated_at=now,
    )


async def pause(
    db: AsyncSession, schedule: Schedule, now: datetime, reason: str = "operator", *, by: str | None = None
) -> None:
    """Let it submit nothing until it is resumed; the times that pass are not made up for."""
    if schedule.state == "paused":
        return
    stop(schedule, "paused", reason, now)
    await tell(db, schedule, "schedule.paused", now, **({"by": by} if by is not None else {}))


async def pause_all(db: AsyncSession, account_id: UUID, now: datetime, reason: str) -> None:
    """Pause whatever an account has scheduled."""
    for schedule in await store.of_account(db, account_id):
        await pause(db, schedule, now, reason)


async def resume(db: AsyncSession, schedule: Schedule, now: datetime, *, by: str = "api") -> None:
    """Let it submit runs again, from the next time on."""
    if schedule.state == "active":
        return
    schedule.state, schedule.state_reason = "active", None
    schedule.next_fire_at = Cron(schedule.cron, schedule.zone).first_after(now)
    schedule.updated_at = now
    await tell(db, schedule, "schedule.resumed", now, by=by)


async def remove(db: AsyncSession, schedule: Schedule, now: datetime, *, by: str = "api") -> None:
    """Take it out of use; runs it has submitted go on."""
    stop(schedule, "removed", "operator", now)
    await tell(db, schedule, "schedule.removed", now, by=by)


def stop(schedule: Schedule, state: str, reason: str, now: datetime) -> None:
    """Without a next time, for a reason."""
    schedule.state, schedule.state_reason = state, reason
    schedule.next_fire_at = None
    schedule.updated_at = now


async def tell(db: AsyncSession, schedule: Schedule, kind: str, now: datetime, **facts: object) -> None:
    """Write an event of a schedule down."""
    data = {
        "schedule_id": public_id("sch", schedule.id),
        "handle": schedule.handle,
        "touchpoint_type": schedule.touchpoint_type,
        "reason": schedule.state_reason,
        **facts,
    }
    await append_event(db, now, kind, account_id=schedule.account_id, data=data)
