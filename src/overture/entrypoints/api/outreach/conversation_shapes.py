"""What the API shows of conversations and messages."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import shown_id
from overture.entrypoints.api.shapes import Page
from overture.inbox import Conversation, InboxMessage

Kind = Literal["reply", "auto_reply", "opt_out", "decline", "note", "own"]
EXAMPLE: JsonDict = {
    "conversation_id": "cnv_01kb3v6q2v8x0c5h2m9r4t7wze",
    "account": "ada",
    "channel": "linkedin",
    "lead_id": "lead_01kb3v6q2v8x0c5h2m9r4t7wze",
    "name": "Prisca Hollowell",
    "is_group": False,
    "subject": None,
    "labels": ["interested"],
    "unread_count": 1,
    "needs_reply": True,
    "snoozed_until": None,
    "is_snoozed": False,
    "last_message": {"at": "2026-03-02T09:00:00Z", "direction": "theirs", "text": "Sounds good!"},
}


class LastMessage(BaseModel):
    """The newest message, as far as a list shows it."""

    at: Instant
    direction: Literal["own", "theirs"]
    text: str | None = Field(description="Its beginning; null when it was deleted.")


class ConversationView(BaseModel):
    """A thread of an account with somebody."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    conversation_id: str
    account: str = Field(description="The handle of the account.")
    channel: str
    lead_id: str | None = Field(description="Null: they are none of your leads.")
    name: str | None
    is_group: bool
    subject: str | None
    labels: list[str]
    unread_count: int = Field(description="Messages of theirs you have not read, nor written after.")
    needs_reply: bool = Field(description="The last word is theirs.")
    snoozed_until: Instant | None
    is_snoozed: bool
    last_message: LastMessage


class ConversationList(BaseModel):
    """One page of conversations, those with the newest message first."""

    data: list[ConversationView]
    page: Page


class Reaction(BaseModel):
    """A sign somebody put on a message."""

    by: str | None = Field(description="Who, as the channel names them.")
    value: str


class MessageView(BaseModel):
    """One message."""

    message_id: str
    direction: Literal["own", "theirs"]
    by: Literal["them", "run", "inbox", "hand"] = Field(
        description="Who wrote it: they; a run of yours; a person of yours here, or elsewhere by hand."
    )
    kind: Kind = Field(description="What it is; of theirs, what it means as far as it leaves no doubt.")
    text: str
    subject: str | None
    at: Instant
    run_id: str | None = Field(description="The run that wrote it.")
    is_read: bool
    seen_at: Instant | None = Field(description="When the other side had read it.")
    edited_at: Instant | None
    deleted_at: Instant | None = Field(
        description="When it was taken back; the text is the last that was known."
    )
    reactions: list[Reaction]
    attachments: list[dict[str, object]] = Field(
        description="Names and types; the files stay at the channel."
    )


class MessageList(BaseModel):
    """One page of messages, newest first."""

    data: list[MessageView]
    page: Page


def conversation_view(one: Conversation, handles: Mapping[UUID, str], now: datetime) -> ConversationView:
    """A conversation as it is shown."""
    return ConversationView(
        conversation_id=public_id("cnv", one.id),
        account=handles[one.account_id],
        channel=one.channel,
        lead_id=shown_id("lead", one.lead_id),
        name=one.counterpart_name,
        is_group=one.is_group,
        subject=one.subject,
        labels=one.labels,
        unread_count=one.unread_count,
        needs_reply=one.last_direction == "theirs",
        snoozed_until=one.snoozed_until,
        is_snoozed=one.snoozed_until is not None and one.snoozed_until > now,
        last_message=LastMessage.model_validate(
            {"at": one.last_message_at, "direction": one.last_direction, "text": one.last_text}
        ),
    )


def message_views(found: Sequence[InboxMessage], of: Conversation) -> list[MessageView]:
    """Messages as they are shown."""
    return [message_view(one, of) for one in found]


def message_view(one: InboxMessage, of: Conversation) -> MessageView:
    """A message as it is shown."""
    is_read = one.direction == "own" or (of.read_until is not None and one.at <= of.read_until)
    parts = [reaction.rpartition("|") for reaction in one.reactions]
    return MessageView.model_validate(
        {
            "message_id": public_id("msg", one.id),
            "direction": one.direction,
            "by": one.by,
            "kind": one.kind,
            "text": one.text,
            "subject": one.subject,
            "at": one.at,
            "run_id": shown_id("run", one.run_id),
            "is_read": is_read,
            "seen_at": one.seen_at,
            "edited_at": one.edited_at,
            "deleted_at": one.deleted_at,
            "reactions": [{"by": who or None, "value": value} for who, _, value in parts],
            "attachments": one.attachments,
        }
    )
