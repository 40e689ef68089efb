"""E-mails through a mail account of the workspace."""

from pydantic import Field

from overture.providers.unipile.client.models.base import Done, Lenient
from overture.providers.unipile.client.values import Flag, Moment


class MailAttendee(Lenient):
    """An address with a name."""

    display_name: str | None = None
    identifier: str | None = None
    identifier_type: str | None = None


class MailAttachment(Lenient):
    """A file on an e-mail."""

    id: str | None = None
    name: str | None = None
    size: float | None = None
    extension: str | None = None
    mime: str | None = None
    cid: str | None = None


class RepliedTo(Lenient):
    """The e-mail one is an answer to."""

    id: str | None = None
    message_id: str | None = None


class Email(Lenient):
    """An e-mail in a mailbox."""

    id: str
    account_id: str | None = None
    date: Moment = None
    role: str | None = None
    folders: list[str] | None = None
    read_date: Moment = None
    message_id: str | None = None
    provider_id: str | None = None
    kind: str | None = None
    subject: str | None = None
    body: str | None = None
    body_plain: str | None = None
    sender: MailAttendee | None = Field(None, alias="from_attendee")
    recipients: list[MailAttendee] | None = Field(None, alias="to_attendees")
    cc_attendees: list[MailAttendee] | None = None
    bcc_attendees: list[MailAttendee] | None = None
    reply_to_attendees: list[MailAttendee] | None = None
    has_attachments: Flag = None
    attachments: list[MailAttachment] | None = None
    origin: str | None = None
    in_reply_to: RepliedTo | None = None
    tracking_id: str | None = None
    thread_id: str | None = None


class EmailSent(Done):
    """An e-mail went out."""

    id: str | None = None
    provider_id: str | None = None
    tracking_id: str | None = None


class Folder(Lenient):
    """A folder of a mailbox."""

    id: str | None = None
    provider_id: str | None = None
    name: str | None = None
    role: str | None = None
