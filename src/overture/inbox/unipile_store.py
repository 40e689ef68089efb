"""Unipile's own store of messages: read in pages, told in our words just as its deliveries are."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, TypeVar

from overture.inbox.incoming import Direction, MessageEvent, MessageTold, ThreadTold
from overture.inbox.spelling import message_key, storable, thread_key
from overture.inbox.stored import Leaf, StoreAway
from overture.inbox.unipile import FROM_US_ALONE, NOTE, clean, member_keys
from overture.providers.unipile import client as api
from overture.providers.unipile.client.models.messaging import AttachmentSeen

PAGE: Final = 250
GONE: Final = "not_found"
"""The code of what Unipile does not have."""
T = TypeVar("T")
Listing = Callable[[str | None], Awaitable[api.Page[T]]]


@dataclass
class UnipileStore:
    """What Unipile has stored of one account."""

    client: api.UnipileClient
    external_id: str
    now: Callable[[], datetime]
    skew: Callable[[], timedelta] = timedelta
    """How far the server's clock is from ours, as far as is known."""
    myself: str | None = None
    """The account's own id at LinkedIn, once it was asked after."""
    chats: dict[str, ThreadTold] = field(default_factory=dict)

    async def is_well(self) -> bool:
        """Whether Unipile says that it runs the account."""
        found = await told(self.client.accounts.get(self.external_id))
        im = found.connection_params.im if found.connection_params else None
        self.myself = im.id if im is not None else None
        return found.status == "OK"

    async def since(self, after: datetime) -> AsyncIterator[Leaf]:
        """Messages after an instant, newest first; the chats that moved since are read once, by pages."""
        if self.myself is None:
            await self.is_well()
        there = after + self.skew()
        moved = api.ChatFilter(account_ids=(self.external_id,), after=there)
        async for page in pages(lambda cursor: self.client.chats.list(moved, limit=PAGE, cursor=cursor)):
            self.note(page)
        wanted = api.MessageFilter(account_id=self.external_id, after=there)
        async for some in pages(lambda cursor: self.client.messages.list(wanted, limit=PAGE, cursor=cursor)):
            yield await self.leaf(some)

    async def threads(self) -> AsyncIterator[tuple[ThreadTold, ...]]:
        """Every chat Unipile has of the account."""
        all_of = api.ChatFilter(account_ids=(self.external_id,))
        async for page in pages(lambda cursor: self.client.chats.list(all_of, limit=PAGE, cursor=cursor)):
            yield self.note(page)

    async def newest(self, thread: ThreadTold, most: int) -> Leaf:
        """The newest messages of a chat."""
        if self.myself is None:
            await self.is_well()
        wanted = api.MessageFilter(chat_id=thread.service_thread_id)
        page = await told(self.client.messages.list(wanted, limit=most))
        return await self.leaf(page.items)

    def note(self, chats: tuple[api.Chat, ...]) -> tuple[ThreadTold, ...]:
        """Remember these chats."""
        found = tuple(thread_of(one) for one in chats)
        self.chats |= {chat.id: thread for chat, thread in zip(chats, found, strict=True)}
        return found

    async def leaf(self, messages: tuple[api.Message, ...]) -> Leaf:
        """A page of messages in our words; the oldest of them first."""
        said: list[MessageTold] = []
        marks: list[MessageTold] = []
        unclear = 0
        for one in reversed(messages):
            if one.is_event or one.hidden:
                continue
            thread = await self.thread_of(one)
            direction = self.direction_of(one, thread) if thread is not None else None
            if thread is None or direction is None:
                unclear += 1
                continue
            plain = self.message(one, thread, direction)
            said.append(plain)
            marks += marks_of(one, plain)
        return Leaf(tuple(said), tuple(marks), unclear)

    async def thread_of(self, one: api.Message) -> ThreadTold | None:
        """The chat a message stands in; one that was not among those that moved is asked for by itself."""
        if one.chat_id is None:
            return None
        if one.chat_id not in self.chats:
            try:
                self.note((await told(self.client.chats.get(one.chat_id)),))
            except StoreAway as error:
                if error.code != GONE:
                    raise
                return None
        return self.chats[one.chat_id]

    def direction_of(self, one: api.Message, thread: ThreadTold) -> Direction | None:
        """Whose message it is; where that is not said outright, the sender may be recognised."""
        if one.is_sender is not None:
            return "own" if one.is_sender else "theirs"
        if one.sender_id is not None and one.sender_id == self.myself:
            return "own"
        sent_by = member_keys(clean(one.sender_id), None, None)
        return "theirs" if set(sent_by) & set(thread.keys) else None

    def message(self, one: api.Message, thread: ThreadTold, direction: Direction) -> MessageTold:
        """A message as a delivery tells of it."""
        now = self.now()
        provider_id = clean(one.provider_id)
        return MessageTold(
            event="received",
            thread=thread,
            message_key=message_key(provider_id) if provider_id else f"{FROM_US_ALONE}{storable(one.id)}",
            service_message_id=clean(one.id),
            direction=direction,
            text=storable(one.text or ""),
            subject=clean(one.subject),
            at=min(one.timestamp or now, now),
            is_note=one.message_type == NOTE,
            attachments=tuple(attachment_of(each) for each in one.attachments or ()),
        )


def thread_of(chat: api.Chat) -> ThreadTold:
    """A chat in our words; of a group nobody in particular is the other one."""
    provider_id, is_group = clean(chat.provider_id), chat.is_group is True
    return ThreadTold(
        thread_key=thread_key(provider_id) if provider_id else f"{FROM_US_ALONE}{storable(chat.id)}",
        service_thread_id=clean(chat.id),
        is_group=is_group,
        keys=() if is_group else member_keys(clean(chat.attendee_provider_id), None, None),
        name=clean(chat.name),
    )


def marks_of(one: api.Message, plain: MessageTold) -> list[MessageTold]:
    """What happened to the message since it was sent, as far as the store shows it."""
    marks = [told_as(plain, "deleted")] if one.deleted else []
    if one.edited and not one.deleted:
        marks.append(told_as(plain, "edited"))
    if one.seen and plain.direction == "own":
        marks.append(told_as(plain, "read"))
    for each in one.reactions or ():
        reaction = storable(f"{each.sender_id or ''}|{each.value or ''}")
        marks.append(told_as(plain, "reaction", reaction))
    return marks


def told_as(plain: MessageTold, event: MessageEvent, reaction: str | None = None) -> MessageTold:
    """The same message, told of for something that happened to it."""
    return replace(plain, event=event, reaction=reaction)


def attachment_of(one: AttachmentSeen) -> dict[str, object]:
    """Name and type of what hangs on a message."""
    shown = {"id": one.id, "type": one.type, "file_name": one.file_name, "mimetype": one.mimetype}
    return {name: storable(text) for name, text in shown.items() if text}


async def told(answer: Awaitable[T]) -> T:
    """The answer; that there is none now is told apart by a code."""
    try:
        return await answer
    except api.NotFound as error:
        raise StoreAway(GONE) from error
    except api.UnipileError as error:
        raise StoreAway(error.slug or type(error).__name__) from error


async def pages(listing: Listing[T]) -> AsyncIterator[tuple[T, ...]]:
    """All pages of a list; a cursor that comes twice, or a row that cannot be read, is no end."""
    cursor: str | None = None
    seen: set[str] = set()
    unreadable = 0
    while True:
        page = await told(listing(cursor))
        unreadable += page.unreadable
        yield page.items
        if not page.cursor:
            break
        if page.cursor in seen:
            raise StoreAway("repeated_cursor")
        seen.add(page.cursor)
        cursor = page.cursor
    if unreadable:
        raise StoreAway("unreadable_rows")
