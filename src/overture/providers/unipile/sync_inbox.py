"""Sync inbox: the account's conversations from Unipile's store, latest first; nothing is marked as read."""

from collections.abc import Callable
from typing import Final, Literal

from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk
from overture.providers.unipile.registry import reads
from overture.providers.unipile.thread import is_own, urn_of
from overture.touchpoints import InboxConversation, InboxMessage, InboxRead, SyncInbox

PAGE: Final = 100
Ending = Literal["end", "since", "limit", "time", "repeated"]


@reads
async def sync_inbox(desk: Desk, touchpoint: SyncInbox) -> InboxRead:
    """The conversations back to `since` or `limit`, each with its newest messages."""
    may_go_on = desk.patience()
    chats, ended_by = await _chats(desk, touchpoint, may_go_on)
    conversations: list[InboxConversation] = []
    for chat in chats:
        if not may_go_on():
            ended_by = "time"  # whoever asked must not take this for all that was written
            break
        conversations.append(await _conversation(desk, chat, touchpoint))
    desk.trace.step("inbox", conversations=len(conversations), ended_by=ended_by)
    return InboxRead(conversations=conversations, complete=ended_by in ("end", "since"), ended_by=ended_by)


async def _chats(
    desk: Desk, wanted: SyncInbox, may_go_on: Callable[[], bool]
) -> tuple[list[api.Chat], Ending]:
    """The chats that moved since, the latest first."""
    after = desk.there(wanted.since) if wanted.since is not None else None
    which = api.ChatFilter(account_ids=(desk.account,), after=after)
    found: dict[str, api.Chat] = {}
    cursor: str | None = None
    seen: set[str] = set()
    while True:
        page = await desk.client.chats.list(which, limit=PAGE, cursor=cursor)
        for chat in page.items:
            if len(found) >= wanted.limit:
                return list(found.values()), "limit"
            found.setdefault(chat.id, chat)
        if page.cursor is None:
            return list(found.values()), "since" if after is not None else "end"
        if page.cursor in seen:
            return list(found.values()), "repeated"
        if not may_go_on():
            return list(found.values()), "time"
        seen.add(page.cursor)
        cursor = page.cursor


async def _conversation(desk: Desk, chat: api.Chat, wanted: SyncInbox) -> InboxConversation:
    """A chat with who takes part and its newest messages, oldest of them first."""
    page = await desk.client.messages.list(api.MessageFilter(chat_id=chat.id), limit=wanted.messages)
    people = await _others(desk, chat)
    shown = [one for one in reversed(page.items) if not (one.is_event or one.hidden)]
    oldest = shown[0].timestamp if shown else None
    reaches = wanted.since is not None and oldest is not None and oldest <= wanted.since
    return InboxConversation(
        conversation_urn=str(urn_of(chat.provider_id, chat.id)),
        participant_profile_ids=[one.provider_id for one in people if one.provider_id],
        participant_names=[one.name for one in people if one.name],
        is_group=chat.is_group is True,
        unread_count=chat.unread_count,
        last_activity_at=chat.timestamp,
        messages=[_message(desk, one) for one in shown],
        complete=wanted.messages > 1 and (reaches or page.cursor is None),
    )


async def _others(desk: Desk, chat: api.Chat) -> list[api.Attendee]:
    """Who takes part besides the account: a stored read, which LinkedIn does not feel."""
    me = desk.owner.profile_id
    listed = await desk.client.chats.attendees(chat.id)
    return [one for one in listed.items if not one.is_self and one.provider_id != me]


def _message(desk: Desk, one: api.Message) -> InboxMessage:
    return InboxMessage(
        message_urn=str(urn_of(one.provider_id, one.id)),
        sender_profile_id=one.sender_id,
        is_own=is_own(one, desk.owner.profile_id),
        text=one.text or "",
        delivered_at=one.timestamp,
    )
