"""Tables of runs: the run (the truth), its attempts, and the keys that make a submission idempotent."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime

STATUSES = ("pending", "running", "completed", "failed", "cancelled", "held")
EFFECTS = ("none", "intended", "confirmed", "absent", "unknown")
TERMINAL = ("completed", "failed", "cancelled")
ARTIFACT_KINDS = ("screenshot", "page", "dom", "console", "network")


def quoted(words: tuple[str, ...]) -> str:
    """The words as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


class Run(Base):
    """One touchpoint by one account: unit of queue, quota and evidence.

    A run is *live* while `admitted_at` is set: it has been handed to the engine under its `epoch`, and no
    other run of the account can be. The partial unique index makes that a guarantee no worker can break.
    """

    __tablename__ = "runs"
    __table_args__ = (
        CheckConstraint(f"status in ({quoted(STATUSES)})", name="status"),
        CheckConstraint(f"effect in ({quoted(EFFECTS)})", name="effect"),
        CheckConstraint(
            f"(status in ({quoted(TERMINAL)})) = (completed_at is not null)", name="terminal_has_end"
        ),
        CheckConstraint(
            f"status not in ({quoted(TERMINAL)}) or (next_at is null and admitted_at is null)",
            name="terminal_is_quiet",
        ),
        # Nothing waits silently: whatever is not over has a next time, or a reason only a person clears.
        CheckConstraint("status <> 'pending' or next_at is not null", name="pending_has_time"),
        CheckConstraint(
            "status <> 'held' or next_at is not null or wait_reason is not null", name="held_has_reason"
        ),
        CheckConstraint("status <> 'running' or admitted_at is not null", name="running_is_live"),
        CheckConstraint("admitted_at is null or lease_until is not null", name="live_has_lease"),
        Index("uq_runs_live_account", "account_id", unique=True, postgresql_where="admitted_at is not null"),
        Index(
            "ix_runs_due",
            "account_id",
            text("priority desc"),
            "next_at",
            "run_id",
            postgresql_where="admitted_at is null and next_at is not null",
        ),
        Index("ix_runs_kill_switch", "account_id", postgresql_where="wait_reason = 'kill_switch'"),
        Index("ix_runs_lease", "lease_until", postgresql_where="admitted_at is not null"),
        Index(
            "ix_runs_spent",
            "account_id",
            "category",
            "intended_at",
            postgresql_where="effect in ('intended', 'confirmed', 'unknown')",
        ),
        Index(
            "ix_runs_begun",
            "account_id",
            "category",
            "started_at",
            postgresql_where="started_at is not null and category in ('profile_read', 'search', 'sync')",
        ),
        Index("ix_runs_target", "account_id", "target"),
        Index(
            "ix_runs_unsettled",
            "account_id",
            postgresql_where="effect in ('intended', 'unknown') and status in ('running', 'held')",
        ),
        Index("ix_runs_handle", "handle", "run_id"),
        Index("ix_runs_status", "status", "run_id"),
        Index("ix_runs_type", "touchpoint_type", "run_id"),
        Index("ix_runs_tags", "tags", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column("run_id", primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    handle: Mapped[str] = mapped_column(Text)
    touchpoint_type: Mapped[str] = mapped_column(Text)
    touchpoint_input: Mapped[dict[str, object]] = mapped_column(JSONB)
    category: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    content_hash: Mapped[str] = mapped_column(Text)
    token: Mapped[UUID]
    dry_run: Mapped[bool]
    tags: Mapped[list[str]] = mapped_column(JSONB)
    priority: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    not_before: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    look_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when whoever asked knows nothing of the thread: the last look goes back this far."""
    known_as: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Other names of the target: runs under them are ours as well."""

    status: Mapped[str] = mapped_column(Text)
    effect: Mapped[str] = mapped_column(Text)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    wait_reason: Mapped[str | None] = mapped_column(Text)
    cancel_requested: Mapped[bool]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    read_backs: Mapped[int] = mapped_column(SmallInteger)

    epoch: Mapped[int]
    admitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(Text)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    intended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    completed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    duration_ms: Mapped[int | None]
    result: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    evidence: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    error: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(Text)
    error_screenshot: Mapped[str | None] = mapped_column(Text)

    @property
    def targets(self) -> list[str]:
        """Every name of whom it is about."""
        return [one for one in (self.target, *(self.known_as or ())) if one is not None]


class Attempt(Base):
    """One try of a run, or one reading back of its effect: its steps and how it ended."""

    __tablename__ = "attempts"
    __table_args__ = (
        CheckConstraint("purpose in ('perform', 'read_back')", name="purpose"),
        Index("ix_attempts_started_at", "started_at"),
        Index("ix_attempts_died", "ended_at", postgresql_where="ended_as = 'died'"),
    )

    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(Text)
    worker: Mapped[str] = mapped_column(Text)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_as: Mapped[str | None] = mapped_column(Text)
    error_code: Mapped[str | None] = mapped_column(Text)
    error: Mapped[str | None] = mapped_column(Text)
    traceback: Mapped[str | None] = mapped_column(Text)
    steps: Mapped[list[dict[str, object]]] = mapped_column(JSONB)
    screenshot: Mapped[str | None] = mapped_column(Text)


class Artifact(Base):
    """One file a failed attempt left to look at; the row goes when the file's time is over."""

    __tablename__ = "artifacts"
    __table_args__ = (
        CheckConstraint(f"kind in ({quoted(ARTIFACT_KINDS)})", name="kind"),
        Index("ix_artifacts_run", "run_id", "epoch"),
        Index("ix_artifacts_expires_at", "expires_at"),
    )

    id: Mapped[UUID] = mapped_column("artifact_id", primary_key=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.run_id", ondelete="CASCADE"))
    epoch: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(Text)
    """Below the folder of artefacts, `run_…/<epoch>.png`."""
    bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DailyUsage(Base):
    """What an account did of one category on one day of its own zone, as it was counted from its runs."""

    __tablename__ = "daily_usage"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    done: Mapped[int]
    unknown: Mapped[int]
    counted_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdempotencyKey(Base):
    """The first answer to a submission, given again to whoever repeats its key."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (Index("ix_idempotency_keys_created_at", "created_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
