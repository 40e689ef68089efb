"""What was said between the account and one person, from Unipile's store; and the last look at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from overture.core.errors import NotPossible, Transient
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.touchpoints import LastLook

CHATS_AT_MOST: Final = 50  # with one person
MESSAGES_AT_MOST: Final = 1000  # of one chat since a time
FROM_US_ALONE: Final = "unipile:"
"""Before the id of a message or thread whose id at LinkedIn was not told."""


def urn_of(provider_id: str | None, own_id: str | None) -> str | None:
    """A message or thread by its id at LinkedIn, else by the one it has at Unipile."""
    return provider_id or (f"{FROM_US_ALONE}{own_id}" if own_id else None)


async def chats_with(desk: Desk, profile_id: str) -> list[api.Chat]:
    """The chats of two with a person; none, when Unipile knows of none."""
    return (await _chats(desk, profile_id))[0]


async def said_with(desk: Desk, profile_id: str, after: datetime) -> tuple[list[api.Message], bool]:
    """What was said with a person after an instant, each chat's oldest first; and whether that is all."""
    chats, is_all = await _chats(desk, profile_id)
    found: list[api.Message] = []
    for chat in chats:
        walk = _said_in(desk, chat.id, after)
        found += reversed(await walk.all())
        is_all = is_all and walk.is_complete
    return found, is_all


async def _chats(desk: Desk, profile_id: str) -> tuple[list[api.Chat], bool]:
    walk = desk.client.chats.iter_with(desk.account, profile_id, api.Bounds(max_items=CHATS_AT_MOST))
    try:
        return [chat async for chat in walk if not chat.is_group], walk.is_complete
    except api.NotFound:
        return [], True


def _said_in(desk: Desk, chat_id: str, after: datetime) -> api.Walk[api.Message]:
    """What was said in a chat after an instant, the newest first."""
    which = api.MessageFilter(chat_id=chat_id, after=after)
    return desk.client.messages.iter(which, api.Bounds(max_items=MESSAGES_AT_MOST))


async def nobody_wrote(desk: Desk, profile_id: str, look: LastLook) -> None:
    """Raise when the person answered, or the operator wrote by hand, since the run was planned.

    What could not be read may be an answer: only a thread that was read whole lets the send go on.
    """
    said, is_all = await said_with(desk, profile_id, desk.there(look.since))
    news = [message for message in said if not (message.is_event or message.hidden)]
    desk.trace.step("last_look", messages=len(news), is_all=is_all)
    stop = _stopper(news, desk.owner.profile_id, Ours.of(look))
    if stop is not None:
        raise stop
    if not is_all:
        raise Transient("what was said with this person cannot be read whole", code="state_unclear")


@dataclass(frozen=True)
class Ours:
    """By what a message is known as ours: Unipile tells no token, so by its id and by what it says."""

    ids: frozenset[str]
    texts: frozenset[str]

    @classmethod
    def of(cls, look: LastLook) -> "Ours":
        """What the runs know."""
        texts = frozenset(api.without_blanks(text) for text in look.own_notes | look.own_texts)
        return cls(look.own_messages, texts - {""})

    def wrote(self, message: api.Message) -> bool:
        """Whether a run of ours wrote it."""
        urn = urn_of(message.provider_id, message.id)
        return urn in self.ids or api.without_blanks(message.text or "") in self.texts


def is_own(message: api.Message, me: str) -> bool:
    """Whether the account itself wrote it; where that is not said, the sender tells."""
    if message.is_sender is not None:
        return message.is_sender
    return message.sender_id is not None and message.sender_id == me


def is_theirs(message: api.Message, me: str) -> bool:
    """Whether somebody else wrote it, for certain."""
    if message.is_sender is not None:
        return not message.is_sender
    return message.sender_id is not None and message.sender_id != me


def _stopper(news: Sequence[api.Message], me: str, ours: Ours) -> NotPossible | None:
    if not all(is_own(message, me) for message in news):
        return NotPossible("replied_already", "the person wrote since this was planned")
    if not all(ours.wrote(message) for message in news):
        return NotPossible("operator_wrote", "somebody wrote to the person by hand since this was planned")
    return None
