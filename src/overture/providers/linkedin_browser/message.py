"""Message: write to a connection, by LinkedIn's own message box."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged, Transient, Uncertain
from overture.providers.linkedin_browser.composer import Composer, open_composer
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile, resolve
from overture.providers.linkedin_browser.looks import CLOCK_TOLERANCE, keep_looking, nobody_wrote
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.threads import (
    Thread,
    ThreadMessage,
    find_conversation,
    find_one_to_one,
    read_messages,
    read_thread,
)
from overture.touchpoints import Accepted, Evidence, Intent, LastLook, Message, MessageSent, Outcome, ReadBack
from overture.touchpoints.profile import RelationshipState


@writes
class MessageWrite:
    """One message under way."""

    def __init__(self, desk: Desk, touchpoint: Message, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None
        self._conversation: str | None = None
        self._composer: Composer | None = None

    async def prepare(self) -> Outcome | None:
        """Resolve the member, see that writing is allowed, and fill the message box."""
        identity, profile = await resolve(self._desk, self._touchpoint.target)
        self._identity = identity
        match profile.relationship.state:
            case RelationshipState.SELF:
                raise NotPossible("self", "this is the account's own profile")
            case RelationshipState.UNKNOWN:
                raise PageChanged("the relationship to this member", code="relationship_unknown")
            case RelationshipState.CONNECTED:
                pass
            case state:
                raise await self._no_way(identity, state)
        self._conversation, _ = await find_conversation(self._desk.client, self._desk.me, identity.profile_id)
        await open_profile(self._desk, identity)
        self._composer = await open_composer(self._desk, identity, self._conversation)
        await self._composer.write(self._touchpoint.message)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread; nothing is marked as read by it."""
        await nobody_wrote(self._desk, self._known().profile_id, look, str(self._token))

    async def act(self, intent: Intent) -> Accepted:
        """Press Send once; LinkedIn's answer to the request it makes is the verdict."""
        answer = await self._fire(intent)
        return Accepted(write_answer(answer.status, accepted_value(self._desk, "message", answer)))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """The message with our token, in the thread as LinkedIn has it."""
        conversation = accepted.evidence.facts.get("conversation_urn")
        self._conversation = conversation if isinstance(conversation, str) else self._conversation
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Leave no draft behind."""
        if self._composer is not None:
            await self._desk.tidy(self._composer.clear)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """Whether the thread holds the message: by its token, else by its text since the intent."""
        try:
            self._identity, _ = await resolve(self._desk, self._touchpoint.target)
        except NotPossible:
            return ReadBack("cannot_tell")
        thread = await read_thread(self._desk.client, self._desk.me, self._identity.profile_id)
        # Our own message that says the same, not older than the intent: better found than sent twice.
        since = intended_at + thread.skew - CLOCK_TOLERANCE
        message = thread.by_token(str(token)) or thread.by_text(
            self._desk.me, self._touchpoint.message, since
        )
        if message is None:
            return ReadBack("absent")
        return ReadBack("found", *self._proof(message, thread))

    async def _fire(self, intent: Intent) -> Answer:
        """Let the one request out that says this to this person."""
        identity, composer = self._known(), self._composer
        if composer is None:
            raise PageChanged("a prepared message", code="not_prepared")
        if self._desk.clock.now() >= intent.act_before:
            raise Transient("the time in which the act may begin had passed", code="act_window_passed")
        charge = Charge(
            "message",
            identity.profile_id,
            identity.member_id,
            self._touchpoint.message,
            intent.token,
            release_before=intent.act_before,
            conversation_urns=frozenset({self._conversation} if self._conversation else ()),
        )
        return await self._desk.fuse.fire(charge, composer.send)

    async def _no_way(self, identity: Identity, state: RelationshipState) -> NotPossible:
        """Why somebody who is no connection cannot be written to."""
        found, _ = await find_one_to_one(self._desk.client, self._desk.me, identity.profile_id)
        if found is not None and found.was_declined:
            return NotPossible("request_declined", "this member declined a message request of the account")
        return NotPossible("not_connected", "only connections can be written to", state=state.value)

    def _known(self) -> Identity:
        if self._identity is None:
            raise PageChanged("a prepared message", code="not_prepared")
        return self._identity

    async def _seen(self) -> tuple[MessageSent, Evidence] | None:
        if self._conversation is None:
            thread = await read_thread(self._desk.client, self._desk.me, self._known().profile_id)
        else:
            thread = await read_messages(self._desk.client, self._conversation)
        message = thread.by_token(str(self._token))
        return self._proof(message, thread) if message is not None else None

    def _proof(self, message: ThreadMessage, thread: Thread) -> tuple[MessageSent, Evidence]:
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


def write_answer(status: int, value: Mapping[str, object]) -> Evidence:
    """What LinkedIn said of the message it made; a yes that names no message is anybody's guess."""
    if not isinstance(value.get("entityUrn"), str):
        raise Uncertain("LinkedIn said yes without naming the message", status=status)
    return Evidence(
        "write_answer",
        {
            "status": status,
            "message_urn": value.get("entityUrn"),
            "conversation_urn": value.get("conversationUrn"),
            "origin_token": value.get("originToken"),
        },
    )
