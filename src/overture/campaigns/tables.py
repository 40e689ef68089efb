"""Tables of campaigns: the plan, its versions, who is in it and why they wait, what was planned and done."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, SmallInteger, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.campaigns.reasons import BLOCKED, DONE, WAITING
from overture.db import Base, UtcDateTime

CAMPAIGN_STATES: Final = ("draft", "active", "paused", "completed", "stopped", "archived")
ENROLLMENT_STATES: Final = ("active", "paused", "replied", "completed", "failed", "ignored")
OVER: Final = ("replied", "completed", "failed", "ignored")
LANES: Final = (
    *("connect", "check_pending", "follow_up", "engage", "enrich"),
    *("withdraw", "inmail", "react", "comment", "follow", "search", "sync"),
)
"""Pacing lanes of an account, one for each limit: invitations, looking after them, messages, visits, reading;
then the rarer acts. A full limit of one holds up nothing of another."""
SIGNALS: Final = (
    *("replied", "auto_replied", "declined", "opted_out", "bounced", "manual_contact"),
    *("accepted", "possible_opt_out", "opened"),
)
"""What a person (or their mail server, or our operator) did that a campaign must know of."""
TOUCH_STATES: Final = ("submitted", "delivered", "noop", "failed", "unknown", "cancelled")
APPROVAL_STATES: Final = ("drafting", "pending", "approved", "rejected", "stale")


def quoted(words: tuple[str, ...] | dict[str, str]) -> str:
    """The words as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


class Campaign(Base):
    """What is wanted of whom, from which accounts; runs the newest published version of its sequence."""

    __tablename__ = "campaigns"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(CAMPAIGN_STATES)})", name="state"),
        CheckConstraint("state <> 'active' or version_id is not null", name="active_has_sequence"),
        Index("uq_campaigns_name", text("lower(name)"), unique=True, postgresql_where="state <> 'archived'"),
    )

    id: Mapped[UUID] = mapped_column("campaign_id", primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    state_reason: Mapped[str | None] = mapped_column(Text)
    settings: Mapped[dict[str, object]] = mapped_column(JSONB)
    draft: Mapped[dict[str, object]] = mapped_column(JSONB)
    """The sequence as it is being edited; `revision` guards it against lost updates."""
    revision: Mapped[int]
    version_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("sequence_versions.version_id", use_alter=True, name="fk_campaigns_version_id")
    )
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SequenceVersion(Base):
    """A published sequence; never changed."""

    __tablename__ = "sequence_versions"
    __table_args__ = (Index("uq_sequence_versions_number", "campaign_id", "number", unique=True),)

    id: Mapped[UUID] = mapped_column("version_id", primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"))
    number: Mapped[int]
    body: Mapped[dict[str, object]] = mapped_column(JSONB)
    body_hash: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_by: Mapped[str] = mapped_column(Text)


class CampaignAccount(Base):
    """An account that sends for a campaign; leads are dealt out by weight and then stay with theirs."""

    __tablename__ = "campaign_accounts"
    __table_args__ = (
        CheckConstraint("weight > 0", name="weight"),
        Index("ix_campaign_accounts_account_id", "account_id"),
    )

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    weight: Mapped[int] = mapped_column(SmallInteger)
    dealt: Mapped[int]
    """Leads dealt to it so far."""
    served_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the planner last took a lead of this campaign for this account."""


class Turn(Base):
    """When a lane of an account last served a campaign: the one served longest ago is next."""

    __tablename__ = "turns"

    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    lane: Mapped[str] = mapped_column(Text, primary_key=True)
    served_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Sync(Base):
    """The reading of an account's relations or inbox that campaigns rely on: when asked, how it went."""

    __tablename__ = "syncs"
    __table_args__ = (
        CheckConstraint("kind in ('sync_relations', 'sync_inbox')", name="kind"),
        Index("ix_syncs_next_at", "next_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    run_id: Mapped[UUID | None]
    """The run that is under way, or was the last."""
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Everything older than this has been read: the beginning of the last complete reading."""
    pending: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Of the relations: profile ids and names of all on the newest complete list of sent invitations."""
    pending_read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the run that read that list began."""


class Signal(Base):
    """Something seen of a person: they answered, opted out, bounced …; each seen thing is kept once."""

    __tablename__ = "signals"
    __table_args__ = (
        CheckConstraint(f"kind in ({quoted(SIGNALS)})", name="kind"),
        Index("uq_signals_source", "lead_id", "kind", "source", unique=True),
        Index("ix_signals_lead_id", "lead_id", "at"),
        Index("ix_signals_run_id", "run_id", postgresql_where="run_id is not null"),
    )

    id: Mapped[UUID] = mapped_column("signal_id", primary_key=True)
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    kind: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of an automatic answer: when they are back."""
    account_id: Mapped[UUID | None]
    channel: Mapped[str | None] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    """Of `opened`: the run that sent it."""
    source: Mapped[str] = mapped_column(Text)
    """What makes it one thing: a message's id, `run:run_…`, `api:…`."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Lane(Base):
    """The pace of one lane of an account: nothing of it is planned before `next_at`."""

    __tablename__ = "lanes"
    __table_args__ = (
        CheckConstraint(f"lane in ({quoted(LANES)})", name="lane"),
        Index("ix_lanes_next_at", "next_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    lane: Mapped[str] = mapped_column(Text, primary_key=True)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(Text)
    """Why it rests until then: what `why` says of the leads queued in it."""


class Enrollment(Base):
    """Our plan for one lead in one campaign: it acts at `next_action_at`, or `reason` says why it waits."""

    __tablename__ = "enrollments"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(ENROLLMENT_STATES)})", name="state"),
        CheckConstraint(f"lane in ({quoted(LANES)})", name="lane"),
        CheckConstraint(f"(state in ({quoted(OVER)})) = (finished_at is not null)", name="over_has_end"),
        # Nothing waits silently (I11): what is not over waits for a known reason, what is over says why.
        CheckConstraint(
            f"state in ({quoted(OVER)}) or reason in ({quoted(WAITING | BLOCKED)})", name="waits_with_reason"
        ),
        CheckConstraint(
            f"state not in ({quoted(OVER)}) or reason in ({quoted(DONE)})", name="over_with_reason"
        ),
        CheckConstraint(
            f"state in ({quoted(OVER)}) or next_action_at is not null or reason in ({quoted(BLOCKED)})",
            name="waits_with_time",
        ),
        CheckConstraint(f"state not in ({quoted(OVER)}) or next_action_at is null", name="over_is_quiet"),
        CheckConstraint("(state = 'paused') = (reason = 'paused_by_user')", name="paused"),
        Index("uq_enrollments_lead", "campaign_id", "lead_id", unique=True),
        Index("ix_enrollments_lead_id", "lead_id"),
        Index("ix_enrollments_campaign_state", "campaign_id", "state", "reason"),
        # What becomes due, whatever the number that waits.
        Index(
            "ix_enrollments_due",
            "next_action_at",
            postgresql_where="state = 'active' and reason <> 'queued' and next_action_at is not null",
        ),
        # Whose turn it is in a lane of an account.
        Index(
            "ix_enrollments_queue",
            "account_id",
            "lane",
            "campaign_id",
            text("priority desc"),
            "enrollment_id",
            postgresql_where="state = 'active' and reason = 'queued'",
        ),
    )

    id: Mapped[UUID] = mapped_column("enrollment_id", primary_key=True)
    campaign_id: Mapped[UUID] = mapped_column(ForeignKey("campaigns.campaign_id"))
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    """The account of its present step; its accounts on all channels are in `seats`."""
    seats: Mapped[dict[str, object]] = mapped_column(JSONB)
    """Channel by channel, the account that was dealt to this lead and stays with it."""
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("sequence_versions.version_id"))
    """Null until its campaign first starts."""
    state: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    detail: Mapped[str | None] = mapped_column(Text)
    """One sentence more than the code says: which field is missing, which switch is on."""
    next_action_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lane: Mapped[str] = mapped_column(Text)
    priority: Mapped[float] = mapped_column(Float)
    """Higher first; the lead's score."""
    step: Mapped[str | None] = mapped_column(Text)
    """The step it stands at; null before the first and after the last."""
    round: Mapped[int] = mapped_column(SmallInteger)
    """Which try of the step (the attempt group of its touch key)."""
    fallback: Mapped[int] = mapped_column(SmallInteger)
    """Which of the step's ways is tried: 0 its own, 1 its first fallback, …"""
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it came to the step; delays count from here."""
    backoff_hours: Mapped[float | None] = mapped_column(Float)
    """Hours to the next look at an invitation that is out; 0: there will be none."""
    variants: Mapped[dict[str, object]] = mapped_column(JSONB)
    enrolled_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Touch(Base):
    """One act of an enrollment: its key makes that a step's try is submitted once, whatever crashes."""

    __tablename__ = "touches"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(TOUCH_STATES)})", name="state"),
        CheckConstraint("(state = 'submitted' or state = 'unknown') = (ended_at is null)", name="ended"),
        Index("uq_touches_key", "enrollment_id", "step", "round", "fallback", unique=True),
        Index("uq_touches_run_id", "run_id", unique=True),
        Index("ix_touches_lead_id", "lead_id", "planned_at"),
        Index("ix_touches_text_hash", "text_hash", "lead_id", postgresql_where="text_hash is not null"),
        Index("ix_touches_campaign_id", "campaign_id", "planned_at"),
    )

    id: Mapped[UUID] = mapped_column("touch_id", primary_key=True)
    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollments.enrollment_id"))
    campaign_id: Mapped[UUID]
    lead_id: Mapped[UUID] = mapped_column(ForeignKey("leads.lead_id"))
    account_id: Mapped[UUID]
    step: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    fallback: Mapped[int] = mapped_column(SmallInteger)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.run_id"))
    channel: Mapped[str] = mapped_column(Text)
    touchpoint_type: Mapped[str] = mapped_column(Text)
    target: Mapped[str | None] = mapped_column(Text)
    """Whom the run was about: later runs of the account name this person the same way."""
    reaches_person: Mapped[bool]
    variant: Mapped[str | None] = mapped_column(Text)
    text_hash: Mapped[str | None] = mapped_column(Text)
    """SHA-256 of the text in one spelling (case and white space apart): the same is not sent twice (I3)."""
    approval_id: Mapped[UUID | None]
    needs_approval: Mapped[bool]
    """Whether a person had to approve the text when it was planned."""
    state: Mapped[str] = mapped_column(Text)
    code: Mapped[str | None] = mapped_column(Text)
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Approval(Base):
    """A text a person approves, bound to recipient, account, channel and every byte of it."""

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(APPROVAL_STATES)})", name="state"),
        Index(
            "uq_approvals_live",
            "enrollment_id",
            "step",
            "round",
            "fallback",
            unique=True,
            postgresql_where="state <> 'stale'",
        ),
        Index("ix_approvals_state", "state", "approval_id"),
        Index("ix_approvals_approved", "campaign_id", postgresql_where="approved_at is not null"),
    )

    id: Mapped[UUID] = mapped_column("approval_id", primary_key=True)
    enrollment_id: Mapped[UUID] = mapped_column(ForeignKey("enrollments.enrollment_id"))
    campaign_id: Mapped[UUID]
    lead_id: Mapped[UUID]
    account_id: Mapped[UUID]
    channel: Mapped[str] = mapped_column(Text)
    step: Mapped[str] = mapped_column(Text)
    round: Mapped[int] = mapped_column(SmallInteger)
    fallback: Mapped[int] = mapped_column(SmallInteger)
    touchpoint: Mapped[dict[str, object]] = mapped_column(JSONB)
    """The touchpoint as it would be submitted, text and all."""
    content_hash: Mapped[str] = mapped_column(Text)
    rendered_hash: Mapped[str] = mapped_column(Text)
    """Of what the template made: when that changes, so does what was approved (`stale`)."""
    text: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    written: Mapped[dict[str, object] | None] = mapped_column(JSONB)
    """The fields a model wrote."""
    origin: Mapped[str] = mapped_column(Text)
    """`template`, `ai` or `edited`."""
    decided_by: Mapped[str | None] = mapped_column(Text)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When a person first approved it, whatever became of it: what `first_n` counts."""
    note: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ModelCall(Base):
    """One request to a language model: what it cost, and that it was made; not its text."""

    __tablename__ = "model_calls"
    __table_args__ = (Index("ix_model_calls_at", "at"),)

    id: Mapped[UUID] = mapped_column("call_id", primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    campaign_id: Mapped[UUID | None]
    enrollment_id: Mapped[UUID | None]
    model: Mapped[str] = mapped_column(Text)
    prompt_tokens: Mapped[int | None]
    completion_tokens: Mapped[int | None]
    cost: Mapped[float | None] = mapped_column(Float)
    """In the currency of the prices set, null when none are."""
    duration_ms: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    """`ok`, or the code of what went wrong."""
