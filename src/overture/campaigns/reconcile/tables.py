"""Tables of reconciliations: comparisons of an account's connections with the leads, and how far they are."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime

STATES: Final = ("reading", "resolving", "finished", "failed", "cancelled")
OVER: Final = ("finished", "failed", "cancelled")


def quoted(words: tuple[str, ...]) -> str:
    """The words as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


class Reconciliation(Base):
    """One comparison, of one account; of each account at most one is under way."""

    __tablename__ = "reconciliations"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(STATES)})", name="state"),
        CheckConstraint(f"(state in ({quoted(OVER)})) = (finished_at is not null)", name="over_has_end"),
        CheckConstraint("(state = 'failed') = (problem is not null)", name="failed_says_why"),
        Index("uq_reconciliations_open", "account_id", unique=True, postgresql_where="finished_at is null"),
    )

    id: Mapped[UUID] = mapped_column("reconciliation_id", primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    state: Mapped[str] = mapped_column(Text)
    scope: Mapped[dict[str, object]] = mapped_column(JSONB)
    """What was asked for, as `Scope`."""
    run_ids: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """The runs that read the connections, in their order; the last may be under way."""
    counts: Mapped[dict[str, object]] = mapped_column(JSONB)
    """How far it is, and what came of it, as `Counts`."""
    unmatched: Mapped[dict[str, object]] = mapped_column(JSONB)
    """A sample of whom nobody was found for, on both sides, with the reason."""
    problem: Mapped[str | None] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    why: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReconciliationLead(Base):
    """A lead whose lasting id is to be found out by one profile read, and what came of it."""

    __tablename__ = "reconciliation_leads"
    __table_args__ = (
        CheckConstraint("(outcome is null) = (ended_at is null)", name="outcome_has_time"),
        Index("ix_reconciliation_leads_lead_id", "lead_id"),
    )

    reconciliation_id: Mapped[UUID] = mapped_column(
        ForeignKey("reconciliations.reconciliation_id", ondelete="CASCADE"), primary_key=True
    )
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer)
    """In this order they are read."""
    run_id: Mapped[UUID | None]
    outcome: Mapped[str | None] = mapped_column(Text)
    """`resolved`, `another_member`, `cancelled`, or the code of the run that failed."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
