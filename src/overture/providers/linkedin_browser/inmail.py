"""InMail: write to a member the account is not connected with, and say what it cost."""

from typing import Literal
from uuid import UUID

from overture.core.errors import NotPossible
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import open_profile
from overture.providers.linkedin_browser.inmail_box import Credits, credits_left, open_inmail
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.thread_write import ThreadWrite
from overture.providers.linkedin_browser.voyager.threads import (
    Thread,
    ThreadMessage,
    find_one_to_one,
    read_messages,
)
from overture.touchpoints import Evidence, InMail, InMailSent, Outcome
from overture.touchpoints.profile import RelationshipState


@writes
class InMailWrite(ThreadWrite[InMail]):
    """One InMail under way."""

    kind = "inmail"
    on_page = ("inmail_box", "entitlement", "credits", "subject_limit")

    def __init__(self, desk: Desk, touchpoint: InMail, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._price = Credits(None, None)

    async def _ask(self) -> Outcome | None:
        """Connections are written to for nothing, and nobody twice before they answer."""
        if await self._stand() is RelationshipState.CONNECTED:
            raise NotPossible("use_message", "this member is a connection; a message costs nothing")
        await self._is_first()
        return None

    async def _open(self) -> None:
        """See what it costs, and fill the InMail box that belongs to this member."""
        identity = self._known()
        await open_profile(self._desk, identity)
        self._box = box = await open_inmail(self._desk, identity)
        self._price = box.credits
        self._desk.trace.step("inmail_price", cost=self._price.cost, available=self._price.available)
        await box.write(self._subject, self._words)

    @property
    def _words(self) -> str:
        return self._touchpoint.body

    @property
    def _subject(self) -> str | None:
        return self._touchpoint.subject

    async def _is_first(self) -> None:
        """LinkedIn lets nobody send a second InMail before the first is answered."""
        profile_id = self._known().profile_id
        found, _ = await find_one_to_one(self._desk.client, self._desk.me, profile_id)
        if found is None:
            return
        self._conversation = found.urn
        thread = await read_messages(self._desk.client, found.urn)
        if found.is_inmail and all(message.sender_id == self._desk.me for message in thread.messages):
            raise NotPossible("inmail_unavailable", "an InMail to this member awaits their answer")

    async def _proof(self, message: ThreadMessage, thread: Thread) -> tuple[InMailSent, Evidence]:
        identity, before = self._known(), self._price
        after = await self._left(thread)
        outcome = InMailSent(
            message_urn=message.urn,
            conversation_urn=thread.conversation_urn,
            delivered_at=message.delivered_at,
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
            credits_cost=before.cost,
            credits_before=before.available,
            credits_after=after,
            warning=_warning(before, after),
        )
        facts = {
            "message_urn": message.urn,
            "origin_token": message.origin_token,
            "subject": message.subject is not None,
            "credits_after": after,
        }
        return outcome, Evidence("thread", facts)

    async def _left(self, thread: Thread) -> int | None:
        """The credits by a fresh look; not where it would mark an answer as read."""
        if thread.conversation_urn is None or any(
            message.sender_id != self._desk.me for message in thread.messages
        ):
            return None
        return await credits_left(self._desk, thread.conversation_urn)


def _warning(before: Credits, after: int | None) -> Literal["credits_not_read", "credits_differ"] | None:
    """What is odd about the credits; an InMail that costs nothing need not tell how many there are."""
    if after is None:
        return None if before.cost == 0 else "credits_not_read"
    if before.available is None or before.cost is None:
        return None
    return None if after == before.available - before.cost else "credits_differ"
