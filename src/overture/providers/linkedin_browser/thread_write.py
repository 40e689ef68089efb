"""Words to one member, in the thread with them: sent once, and known there again by the run's own token."""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal, Protocol
from uuid import UUID

from overture.core.errors import PageChanged, Uncertain
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.looks import CLOCK_TOLERANCE, keep_looking, nobody_wrote
from overture.providers.linkedin_browser.member_write import MemberWrite, W, ready
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.threads import (
    Thread,
    ThreadMessage,
    read_messages,
    read_thread,
)
from overture.touchpoints import Accepted, Evidence, Intent, LastLook, Outcome, ReadBack
from overture.touchpoints.profile import RelationshipState


class Box(Protocol):
    """What the words are typed into, with its Send."""

    async def send(self) -> None:
        """Send what is in it."""
        ...

    async def clear(self) -> None:
        """Leave no draft behind."""
        ...


class ThreadWrite(MemberWrite[W]):
    """One message under way, paid for or not."""

    kind: ClassVar[Literal["message", "inmail"]]

    def __init__(self, desk: Desk, touchpoint: W, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._conversation: str | None = None
        self._box: Box | None = None

    async def last_look(self, look: LastLook) -> None:
        """Read the thread; nothing is marked as read by it."""
        await nobody_wrote(self._desk, self._known().profile_id, look, str(self._token))

    async def act(self, intent: Intent) -> Accepted:
        """Press Send once; LinkedIn's answer to the request it makes is the verdict."""
        answer = await self._fire(intent)
        value = accepted_value(self._desk, self.kind, answer)
        return Accepted(write_answer(answer.status, value))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:
        """What carries our token, in the thread as LinkedIn has it."""
        conversation = accepted.evidence.facts.get("conversation_urn")
        self._conversation = conversation if isinstance(conversation, str) else self._conversation
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Leave no draft behind."""
        if self._box is not None:
            await self._desk.tidy(self._box.clear)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:
        """Whether the thread holds it: by its token, else by its text since the intent.

        Our own words, not older than the intent: better taken for this run's than sent twice.
        """
        await self._meet()
        thread = await read_thread(self._desk.client, self._desk.me, self._known().profile_id)
        since = intended_at + thread.skew - CLOCK_TOLERANCE
        found = thread.by_token(str(token)) or thread.by_text(self._desk.me, self._words, since)
        return ReadBack("found", *await self._proof(found, thread)) if found else ReadBack("absent")

    @property
    @abstractmethod
    def _words(self) -> str:
        """The text exactly as it was given."""

    @property
    def _subject(self) -> str | None:
        """The line above it, where there is one."""
        return None

    @abstractmethod
    async def _proof(self, message: ThreadMessage, thread: Thread) -> tuple[Outcome, Evidence]:
        """What it means that this is in the thread."""

    async def _stand(self) -> RelationshipState:
        """How the two stand to each other; what LinkedIn does not say is not assumed."""
        state = (await self._meet()).relationship.state
        if state is RelationshipState.UNKNOWN:
            raise PageChanged("the relationship to this member", code="relationship_unknown")
        return state

    async def _fire(self, intent: Intent) -> Answer:
        """Let the one request out that says this to this person."""
        identity = self._known()
        charge = Charge(
            self.kind,
            identity.profile_id,
            identity.member_id,
            self._words,
            intent.token,
            release_before=intent.act_before,
            conversation_urns=frozenset({self._conversation} if self._conversation else ()),
            subject=self._subject,
        )
        return await self._desk.fuse.fire(charge, ready(self._box).send)

    async def _seen(self) -> tuple[Outcome, Evidence] | None:
        if self._conversation is None:
            thread = await read_thread(self._desk.client, self._desk.me, self._known().profile_id)
        else:
            thread = await read_messages(self._desk.client, self._conversation)
        found = thread.by_token(str(self._token))
        return await self._proof(found, thread) if found is not None else None


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
