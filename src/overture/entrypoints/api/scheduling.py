"""What a client can do with schedules, as transactions, and the shapes it gets back."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.core.ids import public_id, read_public_id
from overture.core.instants import Instant
from overture.entrypoints.api.acts import check_supported
from overture.entrypoints.api.shapes import Json, Page
from overture.entrypoints.bootstrap import App
from overture.runs import RunRequest, schedules
from overture.runs.schedules import Cron, Missed, NewSchedule, Overlap, Schedule, ScheduleFire

FIRES_SHOWN = 20
STATE_SENTENCES = {
    "operator": "An operator paused it: resume it to go on.",
    "account_removed": "Its account was removed: make a schedule for another account.",
    "touchpoint_unreadable": "This version cannot read its touchpoint: make the schedule anew.",
}


class FireView(BaseModel):
    """One nominal time that came, and the run it led to."""

    fire_at: Instant
    outcome: Literal["submitted", "overlap"] = Field(
        description="`overlap`: passed over, because the run before was not over."
    )
    run_id: str | None
    at: Instant = Field(description="When it was looked at.")


class ScheduleView(BaseModel):
    """One recurring touchpoint of an account."""

    model_config = ConfigDict(from_attributes=True)

    schedule_id: str = Field(examples=["sch_01kb3v6q2v8x0c5h2m9r4t7wze"])
    handle: str = Field(examples=["ada"])
    touchpoint_type: str = Field(examples=["sync_relations"])
    touchpoint_input: Json
    cron: str = Field(examples=["0 9 * * MON-FRI"])
    zone: str = Field(examples=["Europe/Berlin"])
    missed: Missed
    overlap: Overlap
    tags: list[str]
    priority: int
    state: Literal["active", "paused"]
    state_reason: str | None
    next_step: str = Field(description="What it waits for, or the one thing to do.")
    next_fires: list[Instant] = Field(description="The next five times; none while it is paused.")
    created_at: Instant
    updated_at: Instant


class ScheduleDetail(ScheduleView):
    """A schedule with the newest of its times that came."""

    fires: list[FireView]


class ScheduleList(BaseModel):
    """A page of schedules."""

    data: list[ScheduleView]
    page: Page


async def create_schedule(app: App, wanted: NewSchedule, *, dry_run: bool, by: str = "api") -> ScheduleDetail:
    """Store a schedule; a dry run only says what it would be."""
    async with app.sessions.begin() as db:
        account = await accounts.by_handle(db, wanted.handle)
        check_supported(app.provider(account.provider), RunRequest(wanted.handle, wanted.touchpoint))
        if dry_run:
            return detail(app, schedules.new_schedule(app.ids.new(), account, wanted, app.now()), [])
        made = await schedules.create(db, app.ids.new(), wanted, app.now(), by=by)
        await db.refresh(made)
        return detail(app, made, [])


async def list_schedules(app: App, handle: str | None, before: UUID | None, limit: int) -> list[Schedule]:
    """Schedules, newest first."""
    async with app.sessions() as db:
        return list(await schedules.page(db, handle, before, limit))


async def show_schedule(app: App, schedule_id: UUID) -> ScheduleDetail:
    """One schedule with its newest fires."""
    async with app.sessions() as db:
        return await shown(app, db, await schedules.by_id(db, schedule_id))


async def pause_schedule(app: App, schedule_id: UUID, by: str = "api") -> ScheduleDetail:
    """Let it submit nothing more for now."""
    async with app.sessions.begin() as db:
        schedule = await schedules.by_id(db, schedule_id, lock=True)
        await schedules.pause(db, schedule, app.now(), by=by)
        return await shown(app, db, schedule)


async def resume_schedule(app: App, schedule_id: UUID, by: str = "api") -> ScheduleDetail:
    """Let it submit runs again; what passed meanwhile is not made up for."""
    async with app.sessions.begin() as db:
        schedule = await schedules.by_id(db, schedule_id, lock=True)
        await accounts.by_handle(db, schedule.handle)
        await schedules.resume(db, schedule, app.now(), by=by)
        return await shown(app, db, schedule)


async def remove_schedule(app: App, schedule_id: UUID, by: str = "api") -> None:
    """Take it out of use."""
    async with app.sessions.begin() as db:
        schedule = await schedules.by_id(db, schedule_id, lock=True)
        await schedules.remove(db, schedule, app.now(), by=by)


async def shown(app: App, db: AsyncSession, schedule: Schedule) -> ScheduleDetail:
    """A schedule with its newest fires."""
    return detail(app, schedule, list(await schedules.fires_of(db, schedule.id, FIRES_SHOWN)))


def detail(app: App, schedule: Schedule, fires: list[ScheduleFire]) -> ScheduleDetail:
    """The shape of a schedule with its fires."""
    seen = [
        FireView.model_validate(
            {
                "fire_at": fire.fire_at,
                "outcome": fire.outcome,
                "run_id": public_id("run", fire.run_id) if fire.run_id else None,
                "at": fire.at,
            }
        )
        for fire in fires
    ]
    return ScheduleDetail(**view(app, schedule).model_dump(), fires=seen)


def view(app: App, schedule: Schedule) -> ScheduleView:
    """The shape of a schedule."""
    coming = (
        schedules.next_fires(Cron(schedule.cron, schedule.zone), app.now())
        if schedule.state == "active"
        else []
    )
    step = f"Nothing: it fires next at {coming[0].isoformat()}." if coming else ""
    return ScheduleView.model_validate(
        {
            **{name: getattr(schedule, name, None) for name in ScheduleView.model_fields},
            "schedule_id": public_id("sch", schedule.id),
            "next_fires": coming,
            "next_step": step or STATE_SENTENCES[schedule.state_reason or "operator"],
        }
    )


def schedule_uuid(schedule_id: str) -> UUID | None:
    """The id inside `sch_…`."""
    return read_public_id("sch", schedule_id)
