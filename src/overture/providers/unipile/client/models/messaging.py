"""Chats, messages, and who takes part."""

from typing import Any

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag, Moment


class AttachmentSeen(Lenient):
    """A file on a message."""

    id: str | None = None
    type: str | None = None
    file_name: str | None = None
    file_size: float | None = None
    mimetype: str | None = None
    url: str | None = None
    url_expires_at: Moment = None
    unavailable: Flag = None


class ReactionSeen(Lenient):
    """A reaction on a message."""

    value: str | None = None
    sender_id: str | None = None
    is_sender: Flag = None


class Message(Lenient):
    """A message, an InMail or the note of an invitation, as Unipile has stored it."""

    id: str
    account_id: str | None = None
    chat_id: str | None = None
    chat_provider_id: str | None = None
    provider_id: str | None = None
    sender_id: str | None = None
    sender_attendee_id: str | None = None
    sender_urn: str | None = None
    attendee_type: str | None = None
    attendee_distance: int | None = None
    text: str | None = None
    subject: str | None = None
    timestamp: Moment = None
    message_type: str | None = None
    is_sender: Flag = None
    seen: Flag = None
    hidden: Flag = None
    deleted: Flag = None
    edited: Flag = None
    is_event: Flag = None
    event_type: int | None = None
    delivered: Flag = None
    reactions: list[ReactionSeen] | None = None
    attachments: list[AttachmentSeen] | None = None
    quoted: dict[str, Any] | None = None
    reply_to: dict[str, Any] | None = None

    @property
    def is_theirs(self) -> bool | None:
        """Whether a human other than the account wrote it; None when Unipile does not say."""
        if self.is_sender is None:
            return None
        return not (self.is_sender or self.is_event or self.hidden)


class Chat(Lenient):
    """A conversation; who takes part is asked for apart, but for the other one of a chat of two."""

    id: str
    account_id: str | None = None
    account_type: str | None = None
    provider_id: str | None = None
    attendee_provider_id: str | None = None
    name: str | None = None
    type: int | None = None  # 0 two people, 1 a group, 2 a channel
    timestamp: Moment = None
    unread: Flag = None
    unread_count: int | None = None
    archived: Flag = None
    pinned: Flag = None
    muted_until: str | None = None
    read_only: int | None = None
    subject: str | None = None
    content_type: str | None = None
    folder: list[str] | None = None
    lastMessage: Message | None = None  # noqa: N815 - the API's own spelling

    @property
    def is_group(self) -> bool | None:
        """Whether more than two people take part; None when Unipile does not say."""
        return None if self.type is None else self.type != 0


class AttendeeSpecifics(Lenient):
    """What LinkedIn tells about somebody in a chat."""

    provider: str | None = None
    member_urn: str | None = None
    occupation: str | None = None
    network_distance: str | None = None
    pending_invitation: Flag = None
    location: str | None = None
    headline: str | None = None
    contact_info: dict[str, Any] | None = None


class Attendee(Lenient):
    """Somebody who takes part in a chat."""

    id: str
    account_id: str | None = None
    provider_id: str | None = None
    name: str | None = None
    is_self: Flag = None
    hidden: Flag = None
    picture_url: str | None = None
    profile_url: str | None = None
    specifics: AttendeeSpecifics | None = None


class ChatStarted(Done):
    """A chat was opened; either id may be null, and the chat is then found through its attendee."""

    chat_id: str | None = None
    message_id: str | None = None


class MessageSent(Done):
    """A message went out; its id may be null."""

    message_id: str | None = None
