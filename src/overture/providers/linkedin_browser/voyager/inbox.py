"""Reads of the inbox: conversations, the latest first, by JSON so that nothing is marked as read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.voyager.client import GRAPHQL, VoyagerClient
from overture.providers.linkedin_browser.voyager.normalized import UnknownShape, found
from overture.touchpoints import InboxMessage

BY_CATEGORY: Final = "messengerConversations.8656fb361a8ad0c178e8d3ff1a84ce26"
FROM_THE_TOP: Final = "messengerConversations.0d5e6781bbee71c3e51c8843c6519f48"
BEFORE: Final = "messengerMessages.4088d03bc70c91c3fa68965cb42336de"
CATEGORIES: Final = ("PRIMARY_INBOX", "SECONDARY_INBOX")  # "Focused" and "Other": replies land in both
PROFILE: Final = "urn:li:fsd_profile:"
PAGE: Final = 20  # what the site's own page asks for at a time


@dataclass(frozen=True)
class Thread:
    """One conversation of the list, with its last message only."""

    urn: str
    others: tuple[str, ...]
    names: tuple[str, ...]
    is_group: bool
    unread_count: int | None
    last_activity_at: datetime | None
    last_messages: tuple[InboxMessage, ...]


@dataclass(frozen=True)
class ThreadsPage:
    """One page of conversations, and where the next begins; None: this was the last."""

    threads: tuple[Thread, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Inbox:
    """The mailbox of one member."""

    client: VoyagerClient
    me: str

    async def page(self, cursor: str | None, before: datetime) -> ThreadsPage:
        """The conversations after a cursor, or those that were quiet since before a time."""
        place = f"nextCursor:{quote(cursor, safe='')}" if cursor else f"lastUpdatedBefore:{_millis(before)}"
        union = ",".join(f"(conversationCategoryPredicate:(category:{one}))" for one in CATEGORIES)
        variables = f"(query:(predicateUnions:List({union})),count:{PAGE},mailboxUrn:{_urn(self.me)},{place})"
        return parse_threads(await self._read(BY_CATEGORY, variables), self.me)

    async def latest(self) -> ThreadsPage:
        """The first conversations, by the query the site's page begins with; it has no next page."""
        return parse_threads(await self._read(FROM_THE_TOP, f"(mailboxUrn:{_urn(self.me)})"), self.me)

    async def messages(self, thread: str, before: datetime, count: int) -> tuple[InboxMessage, ...]:
        """The newest messages of a conversation, the oldest of them first."""
        conversation = quote(thread, safe="")
        variables = (
            f"(deliveredAt:{_millis(before)},conversationUrn:{conversation},countBefore:{count},countAfter:0)"
        )
        rows, _ = _collection(await self._read(BEFORE, variables), "messengerMessages")
        return messages_in(rows, self.me)[-count:]

    async def _read(self, query: str, variables: str) -> Mapping[str, object]:
        path = f"/voyagerMessagingGraphQL/graphql?queryId={query}&variables={variables}"
        return (await self.client.get(path, GRAPHQL)).body


def parse_threads(body: Mapping[str, object], me: str) -> ThreadsPage:
    """One page of conversations; without its collection it is an unknown shape, never an empty page."""
    rows, metadata = _collection(body, "messengerConversations")
    cursor = metadata.get("nextCursor")
    return ThreadsPage(
        tuple(_thread(row, me) for row in rows), cursor if isinstance(cursor, str) and cursor else None
    )


def messages_in(rows: list[dict[str, object]], me: str) -> tuple[InboxMessage, ...]:
    """The messages in these rows, each once, the oldest first; their order in the answer means nothing."""
    messages = {message.message_urn: message for message in (_message(row, me) for row in rows)}
    epoch = datetime.fromtimestamp(0, UTC)
    return tuple(sorted(messages.values(), key=lambda message: message.delivered_at or epoch))


def _collection(
    body: Mapping[str, object], prefix: str
) -> tuple[list[dict[str, object]], Mapping[str, object]]:
    data = body.get("data")
    for key, value in data.items() if isinstance(data, dict) else ():
        rows = value.get("elements") if key.startswith(prefix) and isinstance(value, dict) else None
        if isinstance(rows, list):
            metadata = value.get("metadata")
            is_known = all(isinstance(row, dict) and isinstance(row.get("entityUrn"), str) for row in rows)
            if not is_known:
                raise UnknownShape(f"a row of {key} is not an object with a URN", f"data.{key}.elements")
            return rows, metadata if isinstance(metadata, dict) else {}
    raise UnknownShape(f"the answer holds {found(data)}, without {prefix}", "data")


def _thread(row: dict[str, object], me: str) -> Thread:
    people = row.get("conversationParticipants")
    if not isinstance(people, list):
        raise UnknownShape(f"the participants are {found(people)}, not a list", str(row["entityUrn"]))
    others = [one for one in people if isinstance(one, dict) and _host(one) != PROFILE + me]
    ids = [_host(one).removeprefix(PROFILE) for one in others if _host(one).startswith(PROFILE)]
    unread = row.get("unreadCount")
    return Thread(
        urn=str(row["entityUrn"]),
        others=tuple(ids),
        names=tuple(name for name in map(_name, others) if name),
        is_group=row.get("groupChat") is True or len(others) > 1,
        unread_count=unread if isinstance(unread, int) else None,
        last_activity_at=_moment(row.get("lastActivityAt")),
        last_messages=messages_in(_embedded(row), me),
    )


def _embedded(row: dict[str, object]) -> list[dict[str, object]]:
    messages = row.get("messages")
    rows = messages.get("elements") if isinstance(messages, dict) else None
    return (
        [one for one in rows if isinstance(one, dict) and "entityUrn" in one]
        if isinstance(rows, list)
        else []
    )


def _host(participant: dict[str, object]) -> str:
    """The URN of the person or the page behind a participant."""
    host = participant.get("hostIdentityUrn")
    urn = str(participant.get("entityUrn") or "")
    return host if isinstance(host, str) else urn.removeprefix("urn:li:msg_messagingParticipant:")


def _name(participant: dict[str, object]) -> str:
    kinds = participant.get("participantType")
    kind = (
        next((one for one in kinds.values() if isinstance(one, dict)), {}) if isinstance(kinds, dict) else {}
    )
    words = (kind.get(key) for key in ("firstName", "lastName", "name"))
    texts = (word.get("text") if isinstance(word, dict) else word for word in words)
    return " ".join(text for text in texts if isinstance(text, str) and text)


def _message(row: dict[str, object], me: str) -> InboxMessage:
    sender, body, token = row.get("sender"), row.get("body"), row.get("originToken")
    urn = str(sender.get("entityUrn") or "") if isinstance(sender, dict) else ""
    sender_id = urn.rpartition(PROFILE)[2] if PROFILE in urn else None
    if not urn:
        raise PageChanged("the sender of a message", code="unknown_shape", urn=row.get("entityUrn"))
    text = body.get("text") if isinstance(body, dict) else body
    return InboxMessage(
        message_urn=str(row["entityUrn"]),
        sender_profile_id=sender_id,
        is_own=sender_id == me,
        text=text if isinstance(text, str) else "",
        delivered_at=_moment(row.get("deliveredAt")),
        origin_token=token if isinstance(token, str) else None,
    )


def _moment(value: object) -> datetime | None:
    return datetime.fromtimestamp(value / 1000, UTC) if isinstance(value, int) and value > 0 else None


def _millis(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _urn(profile_id: str) -> str:
    return quote(PROFILE + profile_id, safe="")
