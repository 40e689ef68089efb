"""Tables of accounts: the sender, its sealed secrets, and the rests a service ordered."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime

AccountState = Literal["active", "paused", "needs_attention"]


class Account(Base):
    """One sender on one channel."""

    __tablename__ = "accounts"
    __table_args__ = (
        CheckConstraint("state in ('active', 'paused', 'needs_attention')", name="state"),
        CheckConstraint("state = 'active' or state_reason is not null", name="stopped_has_reason"),
        Index("uq_accounts_handle", "handle", unique=True, postgresql_where="removed_at is null"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    working_hours: Mapped[dict[str, object]] = mapped_column(JSONB)
    limits: Mapped[dict[str, object]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    state_detail: Mapped[str | None] = mapped_column(Text)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountSecret(Base):
    """What an account logs in with, and the session it kept; both sealed (core.crypto)."""

    __tablename__ = "account_secrets"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    credentials: Mapped[bytes | None] = mapped_column(LargeBinary)
    credential_names: Mapped[list[str]] = mapped_column(JSONB)
    session: Mapped[bytes | None] = mapped_column(LargeBinary)
    session_version: Mapped[int]
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AccountCooldown(Base):
    """A rest the service ordered for one category of an account."""

    __tablename__ = "account_cooldowns"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(Text)
