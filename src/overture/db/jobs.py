"""Jobs of the installation: each under way once at most, each night's once at most, over all copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, Index, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from overture.db.base import Base, UtcDateTime

JOB_STATUSES: Final = ("running", "completed", "failed", "skipped")
LEASE: Final = timedelta(minutes=30)
"""How long a job may show no sign of life before another copy of the process takes it up."""
DIED: Final = "died"
"""The error of a job whose process was gone."""
STOPPED: Final = "stopped"
"""The error of a job whose process was told to end."""
Ending = Literal["completed", "failed", "skipped"]


class JobRun(Base):
    """One time a job was done: who or what asked for it, and what came of it."""

    __tablename__ = "job_runs"
    __table_args__ = (
        CheckConstraint("status in ('running', 'completed', 'failed', 'skipped')", name="status"),
        CheckConstraint("(status = 'running') = (finished_at is null)", name="running_has_no_end"),
        CheckConstraint("(status = 'running') = (alive_until is not null)", name="running_has_lease"),
        CheckConstraint("(status = 'failed') = (error is not null)", name="failed_says_why"),
        Index("uq_job_runs_night", "job", "night", unique=True, postgresql_where="night is not null"),
        Index("uq_job_runs_running", "job", unique=True, postgresql_where="status = 'running'"),
        Index("ix_job_runs_job", "job", "started_at"),
    )

    id: Mapped[UUID] = mapped_column("job_run_id", primary_key=True)
    job: Mapped[str] = mapped_column(Text)
    night: Mapped[date | None] = mapped_column(Date)
    """The night it was done for; one whose process died gives its night back."""
    trigger: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    asked: Mapped[dict[str, object]] = mapped_column(JSONB, server_default="{}")
    status: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    alive_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    result: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    error: Mapped[str | None] = mapped_column(Text)


@dataclass(frozen=True)
class Wish:
    """A job to be done: what started it, who asked, and about what."""

    job: str
    trigger: str
    by: str
    asked: Mapping[str, object] = field(default_factory=dict)
    night: date | None = None


BURY: Final = text("""
update job_runs set status = 'failed', error = :died, finished_at = :now, alive_until = null, night = null
where job = :job and status = 'running' and alive_until < :now
""")
BEGIN: Final = text("""
insert into job_runs (job_run_id, job, night, trigger, by, asked, status, started_at, alive_until)
values (:id, :job, :night, :trigger, :by, :asked, 'running', :now, :until)
on conflict do nothing returning job_run_id
""").bindparams(bindparam("asked", type_=JSONB))


async def begin_job(db: AsyncSession, job_run_id: UUID, wish: Wish, now: datetime) -> bool:
    """Begin a job; False: it is under way, or that night's was begun already."""
    await db.execute(BURY, {"job": wish.job, "died": DIED, "now": now})
    values = {**vars(wish), "asked": dict(wish.asked), "id": job_run_id, "now": now, "until": now + LEASE}
    return await db.scalar(BEGIN, values) is not None


FINISH: Final = text("""
update job_runs set status = :status, finished_at = :now, alive_until = null, result = :result,
    error = :error, night = case when :gives_back then null else night end
where job_run_id = :id and status = 'running' returning job_run_id
""").bindparams(bindparam("result", type_=JSONB(none_as_null=True)))


@dataclass(frozen=True)
class Outcome:
    """What came of a job."""

    status: Ending
    result: Mapping[str, object] | None = None
    error: str | None = None


async def finish_job(db: AsyncSession, job_run_id: UUID, outcome: Outcome, now: datetime) -> bool:
    """Write down what came of it; False: it had been given up for dead."""
    values = {**vars(outcome), "id": job_run_id, "now": now, "gives_back": outcome.error == STOPPED}
    return await db.scalar(FINISH, values) is not None


BEAT: Final = text("update job_runs set alive_until = :until where job_run_id = :id and status = 'running'")


async def beat(db: AsyncSession, job_run_id: UUID, now: datetime) -> None:
    """Show that the job goes on."""
    await db.execute(BEAT, {"id": job_run_id, "until": now + LEASE})


SKIP: Final = text("""
insert into job_runs (job_run_id, job, night, trigger, by, status, started_at, finished_at)
values (:id, :job, :night, :trigger, :by, 'skipped', :now, :now) on conflict do nothing
""")


async def skip_night(db: AsyncSession, job_run_id: UUID, wish: Wish, now: datetime) -> None:
    """Let a night pass without the job."""
    values = {"job": wish.job, "night": wish.night, "trigger": wish.trigger, "by": wish.by}
    await db.execute(SKIP, {**values, "id": job_run_id, "now": now})


NEWEST: Final = text("""
select max(night) from job_runs where job = :job and (status <> 'running' or alive_until >= :now)
""")


async def newest_night(db: AsyncSession, job: str, now: datetime) -> date | None:
    """The newest night the job was begun for, or let pass; one whose process is gone does not count."""
    found: date | None = await db.scalar(NEWEST, {"job": job, "now": now})
    return found


LAST: Final = text("""
select distinct on (job) * from job_runs where status <> 'skipped'
order by job, started_at desc, job_run_id desc
""")


async def last_jobs(db: AsyncSession) -> dict[str, JobRun]:
    """The last time each job was begun."""
    rows = await db.scalars(
        select(JobRun).from_statement(LAST), execution_options={"populate_existing": True}
    )
    return {one.job: one for one in rows}


async def job_runs(db: AsyncSession, job: str, most: int) -> Sequence[JobRun]:
    """The last times a job was begun, newest first."""
    query = select(JobRun).where(JobRun.job == job, JobRun.status != "skipped")
    return (await db.scalars(query.order_by(JobRun.started_at.desc(), JobRun.id.desc()).limit(most))).all()


TIDY: Final = text("""
delete from job_runs j where j.finished_at < :before
  and exists (select from job_runs n where n.job = j.job and n.started_at > j.started_at)
""")


async def tidy_jobs(db: AsyncSession, before: datetime) -> None:
    """Remove what is old, but the last of each job."""
    await db.execute(TIDY, {"before": before})
