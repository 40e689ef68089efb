"""Tables of accounts: the sender, its sealed secrets, and the rests a service ordered."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text
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
        CheckConstraint("tier in ('basic', 'premium', 'sales_navigator')", name="tier"),
        CheckConstraint("(inmail_credits is null) = (inmail_credits_at is null)", name="credits_have_time"),
        CheckConstraint("(reported is null) = (reported_at is null)", name="report_has_time"),
        Index("uq_accounts_handle", "handle", unique=True, postgresql_where="removed_at is null"),
        Index(
            "uq_accounts_external_id",
            "provider",
            "external_id",
            unique=True,
            postgresql_where="external_id is not null and removed_at is null",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    handle: Mapped[str] = mapped_column(Text)
    channel: Mapped[str] = mapped_column(Text)
    provider: Mapped[str] = mapped_column(Text)
    zone: Mapped[str] = mapped_column(Text)
    working_hours: Mapped[dict[str, object]] = mapped_column(JSONB)
    limits: Mapped[dict[str, object]] = mapped_column(JSONB)
    tier: Mapped[str] = mapped_column(Text, server_default="basic")
    ramp_since: Mapped[date | None]
    """The first day of the ramp; null: there is none."""
    inmail_credits: Mapped[int | None]
    """What the operator said the balance was, at `inmail_credits_at`."""
    inmail_credits_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    state_detail: Mapped[str | None] = mapped_column(Text)
    state_since: Mapped[datetime] = mapped_column(UtcDateTime)
    external_id: Mapped[str | None] = mapped_column(Text)
    """What a service between us and the channel calls the account (Unipile's account id)."""
    reported: Mapped[str | None] = mapped_column(Text)
    """What that service last said of it, `OK`, `CREDENTIALS`, …"""
    reported_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
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


class LoginChallenge(Base):
    """What the service asks of a person before it lets an account in, and how that ended."""

    __tablename__ = "login_challenges"
    __table_args__ = (
        CheckConstraint("state in ('open', 'answered', 'passed', 'refused', 'expired')", name="state"),
        CheckConstraint("(state in ('open', 'answered')) = (closed_at is null)", name="closed_has_end"),
        CheckConstraint("state <> 'answered' or answer is not null", name="answered_has_answer"),
        CheckConstraint("closed_at is null or answer is null", name="closed_is_forgotten"),
        Index(
            "uq_login_challenges_live",
            "account_id",
            unique=True,
            postgresql_where="state in ('open', 'answered')",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    kind: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    path: Mapped[str | None] = mapped_column(Text)
    prompt: Mapped[str | None] = mapped_column(Text)
    said: Mapped[str | None] = mapped_column(Text)
    """What the page said of the last answer."""
    attempts: Mapped[int]
    """Answers that were tried."""
    answer: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Every answer given so far, sealed; the last one counts. Erased when it is over."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last answer went to a worker: from then on it is never tried again."""
    run_id: Mapped[UUID | None]
    """The run that carries the last answer."""
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class AccountCooldown(Base):
    """A rest the service ordered for one category of an account."""

    __tablename__ = "account_cooldowns"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    category: Mapped[str] = mapped_column(Text, primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
    code: Mapped[str] = mapped_column(Text)


class AccountBreaker(Base):
    """How often in a row one cause has hit an account, and since when its breaker is open."""

    __tablename__ = "account_breakers"
    __table_args__ = (CheckConstraint("consecutive >= 0", name="consecutive"),)

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    cause: Mapped[str] = mapped_column(Text, primary_key=True)
    consecutive: Mapped[int]
    tripped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_code: Mapped[str] = mapped_column(Text)
    last_run_id: Mapped[UUID]


class KillSwitch(Base):
    """A switch that stops everyone, a channel or an account; `file` is a stop file a worker has seen."""

    __tablename__ = "kill_switches"
    __table_args__ = (
        CheckConstraint("scope in ('global', 'channel', 'account', 'file')", name="scope"),
        CheckConstraint("(scope = 'global') = (subject = '')", name="subject"),
    )

    scope: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    is_on: Mapped[bool]
    reason: Mapped[str] = mapped_column(Text)
    set_by: Mapped[str] = mapped_column(Text)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
