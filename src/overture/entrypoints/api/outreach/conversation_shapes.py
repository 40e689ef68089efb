"""What the API shows of conversations and messages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from pydantic.config import JsonDict

from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.entrypoints.api.outreach.fields import shown_id
from overture.entrypoints.api.shapes import Page
from overture.inbox import KIND_OF, Conversation, InboxMessage, grounds_of

Kind = Literal["reply", "auto_reply", "opt_out", "decline", "note", "own"]
TheirKind = Literal["reply", "auto_reply", "opt_out", "decline"]
KINDS: Final[TypeAdapter[TheirKind | None]] = TypeAdapter(TheirKind | None)
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
    "is_back": False,
    "kind": "reply",
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
    is_back: bool = Field(description="Its snooze is over, and nobody has taken it up since.")
    kind: TheirKind | None = Field(description="What their newest message means; null: they wrote nothing.")
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
    read_as: TheirKind | None = Field(
        description="What the rules read in it; another `kind` is a person's correction. Null of your own."
    )
    read_by: str | None = Field(
        description="The words by which the rules know it; null of a reply, which is whatever is not clear.",
        examples=["unsubscribe"],
    )
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


@dataclass(frozen=True)
class Beside:
    """What a view of conversations needs beside them: what accounts are called, and what answers mean."""

    handles: Mapping[UUID, str]
    kinds: Mapping[UUID, str]


def conversation_view(one: Conversation, beside: Beside, now: datetime) -> ConversationView:
    """A conversation as it is shown."""
    return ConversationView(
        conversation_id=public_id("cnv", one.id),
        account=beside.handles[one.account_id],
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
        is_back=one.snoozed_until is not None and one.snoozed_until <= now,
        kind=KINDS.validate_python(beside.kinds.get(one.id)),
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
    grounds = grounds_of(one.text) if one.direction == "theirs" else None
    parts = [reaction.rpartition("|") for reaction in one.reactions]
    return MessageView.model_validate(
        {
            "message_id": public_id("msg", one.id),
            "direction": one.direction,
            "by": one.by,
            "kind": one.kind,
            "read_as": KIND_OF[grounds.meaning] if grounds else None,
            "read_by": grounds.words if grounds else None,
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
