"""Message: write to a connection, by LinkedIn's own message box."""

from uuid import UUID

from overture.core.errors import NotPossible
from overture.providers.linkedin_browser.composer import open_composer
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import open_profile
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.thread_write import ThreadWrite
from overture.providers.linkedin_browser.voyager.threads import (
    Thread,
    ThreadMessage,
    find_conversation,
    find_one_to_one,
)
from overture.touchpoints import Evidence, Message, MessageSent, Outcome
from overture.touchpoints.profile import RelationshipState


@writes
class MessageWrite(ThreadWrite[Message]):
    """One message to a connection under way."""

    kind = "message"
    on_page = ("message_box",)

    def __init__(self, desk: Desk, touchpoint: Message, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)

    async def _ask(self) -> Outcome | None:
        """Only connections are written to; the thread there is with them is the one to write in."""
        state = await self._stand()
        profile_id = self._known().profile_id
        if state is not RelationshipState.CONNECTED:
            found, _ = await find_one_to_one(self._desk.client, self._desk.me, profile_id)
            if found is not None and found.was_declined:
                raise NotPossible("request_declined", "this member declined a message request of the account")
            raise NotPossible("not_connected", "only connections can be written to", state=state.value)
        self._conversation, _ = await find_conversation(self._desk.client, self._desk.me, profile_id)
        return None

    async def _open(self) -> None:
        """Fill the message box that belongs to this member."""
        identity = self._known()
        await open_profile(self._desk, identity)
        self._box = box = await open_composer(self._desk, identity, self._conversation)
        await box.write(self._words)

    @property
    def _words(self) -> str:
        return self._touchpoint.message

    async def _proof(self, message: ThreadMessage, thread: Thread) -> tuple[MessageSent, Evidence]:
        identity = self._known()
        outcome = MessageSent(
            message_urn=message.urn,
            conversation_urn=thread.conversation_urn,
            delivered_at=message.delivered_at,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
        )
        facts = {"message_urn": message.urn, "origin_token": message.origin_token}
        return outcome, Evidence("thread", facts)
