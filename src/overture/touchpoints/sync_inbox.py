"""`sync_inbox`: read the account's conversations without marking anything read."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

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
    """One thread: with whom, how much of it is unread, its newest messages."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conversation_urn: str
    participant_profile_ids: list[str]
    participant_names: list[str]
    unread_count: int | None = None
    last_activity_at: datetime | None = None
    messages: list[InboxMessage]


class InboxRead(Outcome):
    """Conversations newest first; `complete` when the list was read to where it was asked to."""

    conversations: list[InboxConversation]
    complete: bool


class SyncInbox(Touchpoint):
    """Read conversations, from the newest back to `since` or to `limit`."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "sync"
    outcome: ClassVar[type[Outcome]] = InboxRead

    type: Literal["sync_inbox"] = "sync_inbox"
    since: datetime | None = Field(default=None, description="Stop at conversations quiet since before this.")
    limit: int = Field(default=50, strict=True, ge=1, le=500, description="The most conversations to read.")
