"""`sync_inbox`: read the account's conversations without marking anything read."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.core.instants import Instant
from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint


class InboxMessage(BaseModel):
    """One message of a thread, its text as the service gives it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    message_urn: str
    sender_profile_id: str | None = None
    is_own: bool
    text: str
    delivered_at: datetime | None = None
    origin_token: str | None = None


class InboxConversation(BaseModel):
    """One thread: with whom, how much of it is unread, its newest messages, oldest of them first.

    `complete`: the thread holds no message since `since` (or, without it, none at all) besides these.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation_urn: str
    participant_profile_ids: list[str]
    """The others; the account itself is not among them."""
    participant_names: list[str]
    is_group: bool = False
    unread_count: int | None = None
    last_activity_at: datetime | None = None
    messages: list[InboxMessage]
    complete: bool


class InboxRead(Outcome):
    """Conversations, the latest first, and how far the reading came.

    `complete`: no conversation asked for is missing, the list was read to its end or to `since`, and there
    was time for the messages of each.
    """

    conversations: list[InboxConversation]
    complete: bool
    ended_by: Literal["end", "since", "limit", "time", "repeated"]


class SyncInbox(Touchpoint):
    """Read conversations, from the latest back to `since` or to `limit`; nothing is marked as read."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "sync"
    outcome: ClassVar[type[Outcome]] = InboxRead

    type: Literal["sync_inbox"] = "sync_inbox"
    since: Instant | None = Field(default=None, description="Stop at conversations quiet since before this.")
    limit: int = Field(default=50, strict=True, ge=1, le=500, description="The most conversations to read.")
    messages: int = Field(
        default=20,
        strict=True,
        ge=1,
        le=100,
        description="The most messages of each conversation; 1 is the latest alone, without a further read.",
    )
