"""Messages: sent into a chat, listed, caught up with, their files."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from overture.providers.unipile.client.calls import Call
from overture.providers.unipile.client.encoding import Attachment, bounded, file_parts, text_parts
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.messaging import Message, MessageSent
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act_in_parts, stored
from overture.providers.unipile.client.values import write_moment


@dataclass(frozen=True)
class MessageFilter:
    """Which messages are meant; the bounds in time are exclusive."""

    account_id: str | None = None
    chat_id: str | None = None
    sender_id: str | None = None
    before: datetime | None = None
    after: datetime | None = None

    def call(self, limit: int | None) -> Call:
        """The list these messages are on: a chat's, or everybody's."""
        return stored(
            f"/chats/{path_part(self.chat_id)}/messages" if self.chat_id is not None else "/messages",
            "messages.list",
            account_id=self.account_id if self.chat_id is None else None,
            sender_id=self.sender_id,
            before=write_moment(self.before) if self.before else None,
            after=write_moment(self.after) if self.after else None,
            limit=bounded(limit, 250),
        )


class Messages(Resource):
    """Messages as Unipile has them stored, the newest first; half a minute behind LinkedIn."""

    async def send(
        self,
        account_id: str,
        chat_id: str,
        text: str,
        *,
        attachments: Sequence[Attachment] = (),
        quote_id: str | None = None,
    ) -> MessageSent:
        """Write into a chat, provided it is this account's."""
        parts = [*text_parts(account_id=account_id, text=text, quote_id=quote_id), *file_parts(attachments)]
        path = f"/chats/{path_part(chat_id)}/messages"
        return await self._ask(
            MessageSent, act_in_parts(path, "messages.send", account_id, parts, "MessageSent")
        )

    async def list(
        self, which: MessageFilter, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Message]:
        """One page of messages."""
        return await self._page(Message, which.call(limit), cursor)

    def iter(self, which: MessageFilter, bounds: Bounds[Message] | None = None) -> Walk[Message]:
        """All messages meant: of a chat, of an account, since a time."""
        return self._walk(Message, which.call(250), bounds)

    async def get(self, message_id: str) -> Message:
        """One message."""
        return await self._ask(Message, stored(f"/messages/{path_part(message_id)}", "messages.get"))

    async def attachment(self, message_id: str, attachment_id: str) -> bytes:
        """The file on a message."""
        path = f"/messages/{path_part(message_id)}/attachments/{path_part(attachment_id)}"
        return await self._wire.download(stored(path, "messages.attachment"))
