"""Reads of conversations, by JSON so that nothing is marked as read."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import quote

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.text import canonical
from overture.providers.linkedin_browser.voyager.client import GRAPHQL, VoyagerClient

BY_RECIPIENTS: Final = "messengerConversations.c6e2778ef6f5c2b617c06261738cd193"
MESSAGES: Final = "messengerMessages.5846eeb71c981f11e0134cb6626cc314"
PROFILE: Final = "urn:li:fsd_profile:"


@dataclass(frozen=True)
class ThreadMessage:
    """One message of a thread, as the service has it."""

    urn: str
    sender_id: str
    text: str
    delivered_at: datetime
    origin_token: str | None
    subject: str | None = None


@dataclass(frozen=True)
class Conversation:
    """A one-to-one conversation: how it began, and what became of it if it was only asked for."""

    urn: str
    is_inmail: bool
    was_declined: bool


@dataclass(frozen=True)
class Thread:
    """The messages with one person, oldest first; empty when there never was a conversation."""

    conversation_urn: str | None
    messages: tuple[ThreadMessage, ...]
    skew: timedelta

    def by_token(self, token: str) -> ThreadMessage | None:
        """The message that carries this token."""
        return next((message for message in self.messages if message.origin_token == token), None)

    def by_text(self, sender_id: str, text: str, since: datetime) -> ThreadMessage | None:
        """The first message of this sender that says the same and is not older."""
        wanted = canonical(text)
        for message in self.messages:
            is_theirs = message.sender_id == sender_id and message.delivered_at >= since
            if is_theirs and canonical(message.text) == wanted:
                return message
        return None


async def find_conversation(client: VoyagerClient, me: str, other: str) -> tuple[str | None, timedelta]:
    """The URN of the one-to-one conversation with a member, if there is one, and the server's clock skew."""
    found, skew = await find_one_to_one(client, me, other)
    return (found.urn if found else None), skew


async def find_one_to_one(
    client: VoyagerClient, me: str, other: str
) -> tuple[Conversation | None, timedelta]:
    """The one-to-one conversation with a member, if there is one, and the server's clock skew."""
    variables = f"(mailboxUrn:{_urn(me)},recipients:List({_urn(other)}))"
    answer = await client.get(_path(BY_RECIPIENTS, variables), GRAPHQL)
    for item in _elements(answer.body, "messengerConversations"):
        people = item.get("conversationParticipants")
        ids = (
            {_person(person) for person in people if isinstance(person, dict)}
            if isinstance(people, list)
            else set()
        )
        if item.get("groupChat") is not True and ids <= {me, other} and other in ids:
            return _conversation(item), answer.skew
    return None, answer.skew


async def read_thread(client: VoyagerClient, me: str, other: str) -> Thread:
    """All that is known of the conversation with a member."""
    conversation, skew = await find_conversation(client, me, other)
    return Thread(None, (), skew) if conversation is None else await read_messages(client, conversation)


async def read_messages(client: VoyagerClient, conversation_urn: str) -> Thread:
    """The messages of one conversation; their order in the answer means nothing."""
    variables = f"(conversationUrn:{quote(conversation_urn, safe='')})"
    answer = await client.get(_path(MESSAGES, variables), GRAPHQL)
    found = {message.urn: message for message in map(_message, _elements(answer.body, "messengerMessages"))}
    messages = sorted(found.values(), key=lambda message: message.delivered_at)
    return Thread(conversation_urn, tuple(messages), answer.skew)


def _path(query: str, variables: str) -> str:
    return f"/voyagerMessagingGraphQL/graphql?queryId={query}&variables={variables}"


def _urn(profile_id: str) -> str:
    return quote(PROFILE + profile_id, safe="")


def _elements(body: object, prefix: str) -> list[dict[str, object]]:
    """The rows of whichever collection answered; none at all is an unknown shape, never an empty list."""
    data = body.get("data") if isinstance(body, dict) else None
    for key, value in data.items() if isinstance(data, dict) else ():
        rows = value.get("elements") if key.startswith(prefix) and isinstance(value, dict) else None
        if isinstance(rows, list):
            return [row for row in rows if isinstance(row, dict)]
    raise PageChanged(f"{prefix} in the answer", code="api_changed")


def _person(participant: dict[str, object]) -> str:
    return str(participant.get("hostIdentityUrn") or participant.get("entityUrn")).rpartition(":")[2]


def _conversation(item: dict[str, object]) -> Conversation:
    categories = item.get("categories")
    return Conversation(
        urn=str(item["entityUrn"]),
        is_inmail=isinstance(categories, list) and "INMAIL" in categories,
        was_declined=item.get("state") == "DECLINED",
    )


def _message(item: dict[str, object]) -> ThreadMessage:
    sender, body, at = item.get("sender"), item.get("body"), item.get("deliveredAt")
    if not isinstance(sender, dict) or not isinstance(at, int) or not isinstance(item.get("entityUrn"), str):
        raise PageChanged("a message in the answer", code="api_changed")
    token, subject = item.get("originToken"), item.get("subject")
    return ThreadMessage(
        urn=str(item["entityUrn"]),
        sender_id=str(sender.get("entityUrn")).rpartition(":")[2],
        text=str(body.get("text") or "") if isinstance(body, dict) else "",
        delivered_at=datetime.fromtimestamp(at / 1000, UTC),
        origin_token=token if isinstance(token, str) else None,
        subject=subject if isinstance(subject, str) else None,
    )
