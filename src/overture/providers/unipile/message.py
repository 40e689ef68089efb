"""Message: write to a connection, in the chat there is with them or a new one."""

from collections.abc import Set
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.registry import writes
from overture.providers.unipile.resolve import state_of
from overture.providers.unipile.store import CLASSIC, inboxes_of
from overture.providers.unipile.thread import chats_with, urn_of
from overture.providers.unipile.thread_write import ThreadWrite
from overture.touchpoints import Evidence, Message, MessageSent, Outcome
from overture.touchpoints.profile import RelationshipState


@writes
class MessageWrite(ThreadWrite[Message]):
    """One message to a connection under way."""

    kind = "message"

    def __init__(self, desk: Desk, touchpoint: Message, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)

    async def prepare(self) -> Outcome | None:
        """Only connections are written to; the chat there is with them is the one to write in."""
        state = state_of(await self._meet())
        if state is RelationshipState.UNKNOWN:
            raise PageChanged("the relationship to this member", code="relationship_unknown")
        if state is not RelationshipState.CONNECTED:
            raise NotPossible("not_connected", "only connections can be written to", state=state.value)
        self._chats = await chats_with(self._desk, self._known().profile_id)
        return None

    @property
    def _words(self) -> str:
        return self._touchpoint.message

    async def _inboxes(self) -> Set[str]:
        return frozenset({CLASSIC})

    async def _send(self) -> tuple[str | None, str | None]:
        """One route and no other: whichever fails, a second one could say it twice."""
        account, client = self._desk.account, self._desk.client
        chat_id = next((chat.id for chat in self._chats if _is_ordinary(chat)), None)
        if chat_id is not None:
            sent = await client.messages.send(account, chat_id, self._words)
            return chat_id, sent.message_id
        started = await client.chats.start(account, [self._known().profile_id], self._words)
        return started.chat_id, started.message_id

    async def _proof(self, message: api.Message) -> tuple[MessageSent, Evidence]:
        identity, urn = self._known(), urn_of(message.provider_id, message.id)
        outcome = MessageSent(
            message_urn=str(urn),
            conversation_urn=urn_of(message.chat_provider_id, message.chat_id),
            delivered_at=message.timestamp,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
        )
        facts = {"message_urn": urn, "message_id": message.id, "chat_id": message.chat_id}
        return outcome, Evidence("thread", facts)


def _is_ordinary(chat: api.Chat) -> bool:
    """A chat of two of classic LinkedIn, for certain: no InMail, no other product's, no group."""
    return chat.is_group is False and chat.content_type is None and CLASSIC in inboxes_of(chat)
