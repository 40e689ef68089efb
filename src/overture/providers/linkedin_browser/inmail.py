"""InMail: write to a member the account is not connected with, and say what it cost."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged, Transient
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile, resolve
from overture.providers.linkedin_browser.inmail_box import Credits, InMailBox, credits_left, open_inmail
from overture.providers.linkedin_browser.looks import CLOCK_TOLERANCE, keep_looking, nobody_wrote
from overture.providers.linkedin_browser.message import write_answer
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.threads import (
    Thread,
    ThreadMessage,
    find_one_to_one,
    read_messages,
    read_thread,
)
from overture.touchpoints import Accepted, Evidence, InMail, InMailSent, Intent, LastLook, Outcome, ReadBack
from overture.touchpoints.profile import RelationshipState


@writes
class InMailWrite:
    """One InMail under way."""

    def __init__(self, desk: Desk, touchpoint: InMail, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None
        self._conversation: str | None = None
        self._box: InMailBox | None = None

    async def prepare(self) -> Outcome | None:
        """Resolve the member, see that an InMail is possible and what it costs, and fill its box."""
        identity, profile = await resolve(self._desk, self._touchpoint.target)
        self._identity = identity
        match profile.relationship.state:
            case RelationshipState.SELF:
                raise NotPossible("self", "this is the account's own profile")
            case RelationshipState.UNKNOWN:
                raise PageChanged("the relationship to this member", code="relationship_unknown")
            case RelationshipState.CONNECTED:
                raise NotPossible("use_message", "this member is a connection; a message costs nothing")
            case _:
                pass
        await self._is_first(identity)
        await open_profile(self._desk, identity)
        self._box = await open_inmail(self._desk, identity)
        stated = self._box.credits
        self._desk.trace.step("inmail_price", cost=stated.cost, available=stated.available)
        await self._box.write(self._touchpoint.subject, self._touchpoint.body)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread; nothing is marked as read by it."""
        await nobody_wrote(self._desk, self._known().profile_id, look, str(self._token))

    async def act(self, intent: Intent) -> Accepted:
        """Press Send once; LinkedIn's answer to the request it makes is the verdict."""
        identity, box = self._known(), self._box
        if box is None:
            raise PageChanged("a prepared InMail", code="not_prepared")
        if self._desk.clock.now() >= intent.act_before:
            raise Transient("the time in which the act may begin had passed", code="act_window_passed")
        charge = Charge(
            "inmail",
            identity.profile_id,
            identity.member_id,
            self._touchpoint.body,
            intent.token,
            release_before=intent.act_before,
            conversation_urns=frozenset({self._conversation} if self._conversation else ()),
            subject=self._touchpoint.subject,
        )
        answer = await self._desk.fuse.fire(charge, box.composer.send)
        return Accepted(write_answer(answer.status, accepted_value(self._desk, "inmail", answer)))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The InMail with our token, in the thread as LinkedIn has it; then the credits, read again."""
        conversation = accepted.evidence.facts.get("conversation_urn")
        self._conversation = conversation if isinstance(conversation, str) else self._conversation
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Leave no draft behind."""
        if self._box is not None:
            await self._desk.tidy(self._box.clear)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """Whether the thread holds the InMail: by its token, else by its text since the intent."""
        try:
            self._identity, _ = await resolve(self._desk, self._touchpoint.target)
        except NotPossible:
            return ReadBack("cannot_tell")
        thread = await read_thread(self._desk.client, self._desk.me, self._identity.profile_id)
        since = intended_at + thread.skew - CLOCK_TOLERANCE
        found = thread.by_token(str(token)) or thread.by_text(self._desk.me, self._touchpoint.body, since)
        if found is None:
            return ReadBack("absent")
        return ReadBack("found", *await self._proof(found, thread))

    def _known(self) -> Identity:
        if self._identity is None:
            raise PageChanged("a prepared InMail", code="not_prepared")
        return self._identity

    async def _is_first(self, identity: Identity) -> None:
        """LinkedIn lets nobody send a second InMail before the first is answered."""
        found, _ = await find_one_to_one(self._desk.client, self._desk.me, identity.profile_id)
        if found is None:
            return
        self._conversation = found.urn
        thread = await read_messages(self._desk.client, found.urn)
        if found.is_inmail and all(message.sender_id == self._desk.me for message in thread.messages):
            raise NotPossible("inmail_unavailable", "an InMail to this member awaits their answer")

    async def _seen(self) -> tuple[InMailSent, Evidence] | None:
        if self._conversation is None:
            thread = await read_thread(self._desk.client, self._desk.me, self._known().profile_id)
        else:
            thread = await read_messages(self._desk.client, self._conversation)
        found = thread.by_token(str(self._token))
        return await self._proof(found, thread) if found is not None else None

    async def _proof(self, message: ThreadMessage, thread: Thread) -> tuple[InMailSent, Evidence]:
        identity = self._known()
        before = self._box.credits if self._box else Credits(None, None)
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
