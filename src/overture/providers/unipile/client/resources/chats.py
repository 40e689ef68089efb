"""Conversations: listed, found by person, opened, marked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from overture.providers.unipile.client.calls import Call, Kind
from overture.providers.unipile.client.encoding import (
    Attachment,
    LinkedInOptions,
    attendee_parts,
    bounded,
    file_parts,
    linkedin_parts,
    text_parts,
)
from overture.providers.unipile.client.errors import NotFound
from overture.providers.unipile.client.identifiers import path_part
from overture.providers.unipile.client.models.accounts import SyncState
from overture.providers.unipile.client.models.base import Done
from overture.providers.unipile.client.models.messaging import Attendee, Chat, ChatStarted
from overture.providers.unipile.client.pages import Bounds, Page, Walk
from overture.providers.unipile.client.resources.base import Resource, act_in_parts, stored
from overture.providers.unipile.client.values import write_moment


@dataclass(frozen=True)
class ChatFilter:
    """Which chats are meant; the bounds in time are exclusive."""

    account_ids: Sequence[str] = ()
    account_type: str | None = None
    unread: bool | None = None
    before: datetime | None = None
    after: datetime | None = None


class Chats(Resource):
    """Conversations as Unipile has them stored."""

    async def list(
        self, which: ChatFilter | None = None, *, limit: int | None = None, cursor: str | None = None
    ) -> Page[Chat]:
        """One page of chats."""
        return await self._page(Chat, self._list(which or ChatFilter(), limit), cursor)

    def iter(self, which: ChatFilter | None = None, bounds: Bounds[Chat] | None = None) -> Walk[Chat]:
        """All chats."""
        return self._walk(Chat, self._list(which or ChatFilter(), 250), bounds)

    async def get(self, chat_id: str, *, account_id: str | None = None) -> Chat:
        """One chat with its last message; with the account, the provider's own id of the chat will do."""
        return await self._ask(
            Chat, stored(f"/chats/{path_part(chat_id)}", "chats.get", account_id=account_id)
        )

    def iter_with(self, account_id: str, attendee_id: str, bounds: Bounds[Chat] | None = None) -> Walk[Chat]:
        """Chats with somebody, by provider id or attendee id; `NotFound` means there is none yet."""
        path = f"/chat_attendees/{path_part(attendee_id)}/chats"
        return self._walk(Chat, stored(path, "chats.with", account_id=account_id, limit=250), bounds)

    async def find_with(self, account_id: str, attendee_id: str) -> Chat | None:
        """The chat of two with this person, or None when Unipile knows of none.

        Asks for their chats directly, and never falls back to reading all chats of the account.
        """
        try:
            return await anext(
                chat async for chat in self.iter_with(account_id, attendee_id) if not chat.is_group
            )
        except (NotFound, StopAsyncIteration):
            return None

    async def start(
        self,
        account_id: str,
        attendees_ids: Sequence[str],
        text: str,
        *,
        subject: str | None = None,
        attachments: Sequence[Attachment] = (),
        linkedin: LinkedInOptions | None = None,
    ) -> ChatStarted:
        """Open a chat by its first message, or an InMail; an existing chat of two is gone on with."""
        parts = [
            *text_parts(account_id=account_id, text=text, subject=subject),
            *attendee_parts(attendees_ids),
            *linkedin_parts(linkedin or LinkedInOptions()),
            *file_parts(attachments),
        ]
        action = (
            "chats.inmail" if linkedin and (linkedin.inmail or linkedin.api != "classic") else "chats.start"
        )
        return await self._ask(ChatStarted, act_in_parts("/chats", action, account_id, parts, "ChatStarted"))

    async def patch(self, account_id: str, chat_id: str, action: str, value: bool | str) -> Done:
        """Change a chat: `setReadStatus`, `setMuteStatus`, `setArchiveStatus`, `setPinnedStatus`."""
        body = {"action": action, "value": value}
        path = f"/chats/{path_part(chat_id)}"
        call = Call(
            "PATCH", path, Kind.LIVE_WRITE, "chats.patch", account_id, body=body, answers="ChatPatched"
        )
        return await self._ask(Done, call)

    async def mark_read(self, account_id: str, chat_id: str) -> Done:
        """Mark a chat as read, which the other one sees."""
        return await self.patch(account_id, chat_id, "setReadStatus", value=True)

    async def attendees(self, chat_id: str) -> Page[Attendee]:
        """Who takes part in a chat."""
        path = f"/chats/{path_part(chat_id)}/attendees"
        return await self._page(Attendee, stored(path, "chats.attendees"))

    async def resync(self, account_id: str, chat_id: str) -> SyncState:
        """Start fetching a chat's history, or see how far that is; asked after its end it starts again."""
        path = f"/chats/{path_part(chat_id)}/sync"
        kind = Kind.LIVE_WRITE
        return await self._ask(
            SyncState, Call("GET", path, kind, "chats.resync", account_id, answers="ChatHistorySync")
        )

    def _list(self, which: ChatFilter, limit: int | None) -> Call:
        return stored(
            "/chats",
            "chats.list",
            account_id=",".join(which.account_ids) or None,
            account_type=which.account_type,
            unread=which.unread,
            before=write_moment(which.before) if which.before else None,
            after=write_moment(which.after) if which.after else None,
            limit=bounded(limit, 250),
        )
