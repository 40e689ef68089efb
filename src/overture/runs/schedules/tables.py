"""Tables of schedules: when which run is to be submitted, and what became of each nominal time."""

from datetime import datetime
from typing import Final, Literal, get_args
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime
from overture.runs.tables import quoted

Missed = Literal["skip", "latest", "all"]
Overlap = Literal["skip", "queue"]
MISSED: Final[tuple[str, ...]] = get_args(Missed)
OVERLAP: Final[tuple[str, ...]] = get_args(Overlap)
STATES: Final = ("active", "paused", "removed")
FIRE_OUTCOMES: Final = ("submitted", "overlap")


class Schedule(Base):
    """One recurring touchpoint of an account."""

    __tablename__ = "schedules"
    __table_args__ = (
        CheckConstraint(f"missed in ({quoted(MISSED)})", name="missed"),
        CheckConstraint(f"overlap in ({quoted(OVERLAP)})", name="overlap"),
        CheckConstraint(f"state in ({quoted(STATES)})", name="state"),
        # Nothing waits silently: an active schedule has its next time, a stopped one a reason.
        CheckConstraint("(state = 'active') = (next_fire_at is not null)", name="active_has_time"),
        CheckConstraint("state = 'active' or state_reason is not null", name="stopped_has_reason"),
        Index("ix_schedules_due", "next_fire_at", postgresql_where="next_fire_at is not null"),
        Index("ix_schedules_handle", "handle", "schedule_id"),
    )

    id: Mapped[UUID] = mapped_column("schedule_id", primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    handle: Mapped[str] = mapped_column(Text)
    touchpoint_type: Mapped[str] = mapped_column(Text)
    touchpoint_input: Mapped[dict[str, object]] = mapped_column(JSONB)
    cron: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    missed: Mapped[str] = mapped_column(Text)
    overlap: Mapped[str] = mapped_column(Text)
    tags: Mapped[list[str]] = mapped_column(JSONB)
    priority: Mapped[int] = mapped_column(SmallInteger)
    state: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    next_fire_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_fire_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ScheduleFire(Base):
    """One nominal time that came: its key is what makes it fire once, whoever looks and however often."""

    __tablename__ = "schedule_fires"
    __table_args__ = (
        CheckConstraint(f"outcome in ({quoted(FIRE_OUTCOMES)})", name="outcome"),
        CheckConstraint("(outcome = 'submitted') = (run_id is not null)", name="submitted_has_run"),
    )

    schedule_id: Mapped[UUID] = mapped_column(ForeignKey("schedules.schedule_id"), primary_key=True)
    fire_at: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    at: Mapped[datetime] = mapped_column(UtcDateTime)
