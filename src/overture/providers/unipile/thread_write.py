"""Words to one member, in the thread with them: sent once, and known there again by id and by text."""

from abc import ABC, abstractmethod
from collections.abc import Set
from datetime import datetime
from typing import ClassVar, Final, Literal
from uuid import UUID

from overture.core.errors import Uncertain
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.member_write import MemberWrite, W
from overture.providers.unipile.resolve import identify
from overture.providers.unipile.store import has_come_past
from overture.providers.unipile.thread import is_own, is_theirs, nobody_wrote, said_with
from overture.touchpoints import Accepted, Evidence, Intent, LastLook, Outcome, ReadBack

INVITATION: Final = "INVITATION"
"""The type of an invitation's note, which comes into the thread when it is accepted."""


class ThreadWrite(MemberWrite[W], ABC):
    """One message under way, paid for or not."""

    kind: ClassVar[Literal["message", "inmail"]]

    def __init__(self, desk: Desk, touchpoint: W, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._chats: list[api.Chat] = []
        self._began: datetime | None = None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread from Unipile's store; nothing is marked as read by it."""
        await nobody_wrote(self._desk, self._known().profile_id, look)

    async def act(self, intent: Intent) -> Accepted:
        """Send it once, in the chat there is or a new one; Unipile's answer is the verdict."""
        self._began = self._desk.clock.now()
        chat_id, message_id = await self._desk.fire(intent, self.kind, self._send)
        return Accepted(Evidence("write_answer", {"message_id": message_id, "chat_id": chat_id}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The message as the store has it: by the id the answer named, else by its text since the act."""
        told = accepted.evidence.facts.get("message_id")
        message_id = told if isinstance(told, str) else None
        return await self._desk.keep_looking(lambda: self._seen(message_id))

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether a thread with them holds our own words, not older than the intent.

        Better taken for this run's than sent twice. Not to be found means not sent only where the store is
        past the act, and still after what it missed meanwhile has had time to come in, in whatever order.
        """
        self._identity = await identify(self._desk, self._touchpoint.target)
        over = self._desk.over(intended_at)
        found = await self._by_text(intended_at)
        if found is None and await has_come_past(self._desk, over, await self._inboxes()):
            await self._desk.settled()
            found = await self._by_text(intended_at)
            if found is None and await self._is_silent(intended_at):
                return ReadBack("absent")
        return ReadBack("found", *await self._proof(found)) if found is not None else ReadBack("cannot_tell")

    @property
    @abstractmethod
    def _words(self) -> str:
        """The text exactly as it was given."""

    @abstractmethod
    async def _inboxes(self) -> Set[str]:
        """The inboxes of the account it may be in."""

    @abstractmethod
    async def _send(self) -> tuple[str | None, str | None]:
        """Make the one call; the chat and the message as its answer names them."""

    @abstractmethod
    async def _proof(self, message: api.Message) -> tuple[Outcome, Evidence]:
        """What it means that this is in the thread."""

    async def _seen(self, message_id: str | None) -> tuple[Outcome, Evidence] | None:
        found = await self._by_id(message_id) if message_id is not None else None
        if found is None and self._began is not None:
            found = await self._by_text(self._began)
        return await self._proof(found) if found is not None else None

    async def _by_id(self, message_id: str) -> api.Message | None:
        """The very message the answer named; one with other words is not what was asked for."""
        try:
            found = await self._desk.client.messages.get(message_id)
        except api.NotFound:
            return None
        if api.without_blanks(found.text or "") != api.without_blanks(self._words):
            raise Uncertain("the message that was named says something else")
        return found

    async def _by_text(self, since: datetime) -> api.Message | None:
        """The first of our own messages with these words that is not older."""
        wanted, me = api.without_blanks(self._words), self._desk.owner.profile_id
        for message in (await self._said(since))[0]:
            is_ours = is_own(message, me) and not message.deleted
            if is_ours and api.without_blanks(message.text or "") == wanted:
                return message
        return None

    async def _is_silent(self, since: datetime) -> bool:
        """Whether the account has said nothing to them since, for certain.

        What it has said may be this with its words changed, or taken back.
        """
        said, is_all = await self._said(since)
        me = self._desk.owner.profile_id
        return is_all and all(is_theirs(one, me) or one.message_type == INVITATION for one in said)

    async def _said(self, since: datetime) -> tuple[list[api.Message], bool]:
        return await said_with(self._desk, self._known().profile_id, self._desk.there(since))
