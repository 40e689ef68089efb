"""Tables of the inbox: deliveries as they came, conversations, and the messages in them."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from overture.db import Base, UtcDateTime

DELIVERY_STATES: Final = ("received", "applied", "unmatched", "dead")
DIRECTIONS: Final = ("own", "theirs")
WRITERS: Final = ("them", "run", "inbox", "hand")
"""Who wrote a message: they; a run of ours; a person of ours, in this inbox (by a run) or by hand."""
KINDS: Final = ("reply", "auto_reply", "opt_out", "decline", "note", "own")


def quoted(words: tuple[str, ...]) -> str:
    """The words as an SQL list."""
    return ", ".join(f"'{word}'" for word in words)


class WebhookDelivery(Base):
    """What a service delivered, byte for byte, and what became of it."""

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        CheckConstraint(f"state in ({quoted(DELIVERY_STATES)})", name="state"),
        CheckConstraint("(state = 'received') = (next_at is not null)", name="received_is_due"),
        CheckConstraint("(state = 'applied') = (applied_at is not null)", name="applied_has_time"),
        CheckConstraint("state in ('received', 'applied') or error is not null", name="left_has_reason"),
        Index("uq_webhook_deliveries_dedup_key", "dedup_key", unique=True),
        Index("ix_webhook_deliveries_due", "next_at", "delivery_id", postgresql_where="state = 'received'"),
        Index("ix_webhook_deliveries_unmatched", "delivery_id", postgresql_where="state = 'unmatched'"),
        Index("ix_webhook_deliveries_state", "state", "delivery_id"),
        Index("ix_webhook_deliveries_endpoint", "endpoint", "received_at"),
        Index("ix_webhook_deliveries_received_at", "received_at"),
    )

    id: Mapped[UUID] = mapped_column("delivery_id", primary_key=True)
    provider: Mapped[str] = mapped_column(Text)
    endpoint: Mapped[str] = mapped_column(Text)
    """The address it came to."""
    source: Mapped[str] = mapped_column(Text)
    """What it is by its content, wherever it came to: `users`, `messaging`, `account_status`, …"""
    event: Mapped[str] = mapped_column(Text)
    service_account: Mapped[str | None] = mapped_column(Text)
    """The account as the service names it."""
    dedup_key: Mapped[str] = mapped_column(Text)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    content_type: Mapped[str | None] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    state: Mapped[str] = mapped_column(Text)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str | None] = mapped_column(Text)
    waits_for: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """Of `unmatched`: what has to be known first, `account:…`, `message:…` or a key of a person."""
    applied_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class MessageMark(Base):
    """Up to when the messages of an account surely were received, and when they are caught up with next."""

    __tablename__ = "message_marks"
    __table_args__ = (
        CheckConstraint("(next_at is null) = (why is null)", name="next_has_reason"),
        Index("ix_message_marks_next_at", "next_at", postgresql_where="next_at is not null"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    received_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    unsettled_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The account was away: until then the service may still be fetching what was said meanwhile."""
    walked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    why: Mapped[str | None] = mapped_column(Text)


class Conversation(Base):
    """A thread of an account with somebody, on whatever channel and however it is read."""

    __tablename__ = "conversations"
    __table_args__ = (
        CheckConstraint("last_direction in ('own', 'theirs')", name="last_direction"),
        Index("uq_conversations_thread", "account_id", "thread_key", unique=True),
        Index("ix_conversations_lead_id", "lead_id", postgresql_where="lead_id is not null"),
        Index("ix_conversations_nobodys", "conversation_id", postgresql_where="lead_id is null"),
        Index("ix_conversations_last", "last_message_at", "conversation_id"),
        Index("ix_conversations_labels", "labels", postgresql_using="gin"),
    )

    id: Mapped[UUID] = mapped_column("conversation_id", primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    channel: Mapped[str] = mapped_column(Text)
    lead_id: Mapped[UUID | None] = mapped_column(ForeignKey("leads.lead_id"))
    thread_key: Mapped[str] = mapped_column(Text)
    """The thread's id at the channel, in the one spelling of `thread_key`."""
    service_thread_id: Mapped[str | None] = mapped_column(Text)
    """Its id at the service between us and the channel, if there is one: Unipile's `chat_id`."""
    counterpart_keys: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """The other person's keys, `kind:value`; of a group none."""
    counterpart_name: Mapped[str | None] = mapped_column(Text)
    is_group: Mapped[bool] = mapped_column(Boolean, server_default="false")
    subject: Mapped[str | None] = mapped_column(Text)
    labels: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    snoozed_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    read_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Everything of theirs up to then is read, by us or because we wrote after it."""
    unread_count: Mapped[int] = mapped_column(Integer, server_default="0")
    last_message_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_direction: Mapped[str] = mapped_column(Text)
    last_text: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class InboxMessage(Base):
    """One message of a conversation, kept once whoever told of it."""

    __tablename__ = "inbox_messages"
    __table_args__ = (
        CheckConstraint(f"direction in ({quoted(DIRECTIONS)})", name="direction"),
        CheckConstraint(f"by in ({quoted(WRITERS)})", name="by"),
        CheckConstraint("(direction = 'theirs') = (by = 'them')", name="theirs_is_by_them"),
        CheckConstraint(f"kind in ({quoted(KINDS)})", name="kind"),
        Index("uq_inbox_messages_key", "account_id", "message_key", unique=True),
        Index("ix_inbox_messages_conversation", "conversation_id", "at", "message_id"),
        Index("ix_inbox_messages_run_id", "run_id", postgresql_where="run_id is not null"),
    )

    id: Mapped[UUID] = mapped_column("message_id", primary_key=True)
    conversation_id: Mapped[UUID] = mapped_column(
        ForeignKey("conversations.conversation_id", ondelete="CASCADE")
    )
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    message_key: Mapped[str] = mapped_column(Text)
    """The message's id at the channel, in the one spelling of `message_key`."""
    service_message_id: Mapped[str | None] = mapped_column(Text)
    direction: Mapped[str] = mapped_column(Text)
    by: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    kind: Mapped[str] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the other side had read it."""
    reactions: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    attachments: Mapped[list[dict[str, object]]] = mapped_column(JSONB, server_default="[]")
    """What hangs on it, by name and type; the files stay where they are."""
    heard: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """Every kind its words ever were: an opt-out that was edited away is one."""
    told: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    """The kinds for which the log tells of it already."""
    seen_by: Mapped[str] = mapped_column(Text)
    """What told of it first: `webhook`, `sync`, `run`."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
