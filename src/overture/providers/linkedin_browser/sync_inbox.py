"""Sync inbox: the account's conversations by JSON, the latest first; nothing is marked as read."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Literal

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.patience import MayGoOn, patience
from overture.providers.linkedin_browser.registry import reads
from overture.providers.linkedin_browser.voyager.inbox import PAGE, Inbox, Thread, ThreadsPage
from overture.touchpoints import InboxConversation, InboxMessage, InboxRead, SyncInbox

AHEAD: Final = timedelta(days=1)  # the site's clock may be ahead of ours; nothing is that much newer
Ending = Literal["end", "since", "limit", "time", "repeated"]


@dataclass
class Reading:
    """A list of conversations that is read while it may change."""

    since: datetime | None
    limit: int
    threads: dict[str, Thread] = field(default_factory=dict)
    ended_by: Ending | None = None
    oldest: datetime | None = None
    cursor: str | None = None
    """Where to go on when times alone no longer lead on."""

    def take(self, page: ThreadsPage) -> None:
        """Take in a page; end at `since`, at the limit, or when there is nobody new.

        One that is older does not hide the rest of its page: an answer that stands behind it counts.
        """
        news = [one for one in page.threads if one.urn not in self.threads]
        for thread in news:
            at = thread.last_activity_at
            if self.since is not None and at is not None and at < self.since:
                self.ended_by = "since"
                continue
            if len(self.threads) >= self.limit:
                self.ended_by = "limit"
                return
            self.threads[thread.urn] = thread
            self.oldest = min(self.oldest or at, at) if at else self.oldest
        if self.ended_by is not None:
            return
        was_led, self.cursor = self.cursor is not None, None if news else page.next_cursor
        if page.next_cursor is None and len(page.threads) < PAGE:
            self.ended_by = "end"
        elif not news and (was_led or page.next_cursor is None):
            self.ended_by = "repeated"


@reads
async def sync_inbox(desk: Desk, touchpoint: SyncInbox) -> InboxRead:
    """The conversations back to `since` or `limit`, each with its newest messages."""
    inbox, may_go_on = Inbox(desk.client, desk.me), patience(desk)
    newest = desk.clock.now() + AHEAD
    reading = Reading(touchpoint.since, touchpoint.limit)
    ended_by = await _read_list(inbox, reading, newest, may_go_on)
    threads = list(reading.threads.values())
    conversations, has_time = await read_threads(inbox, threads, touchpoint, newest, may_go_on)
    if not has_time:
        ended_by = "time"  # whoever asked must not take this for all that was written
    desk.trace.step("inbox", conversations=len(conversations), ended_by=ended_by)
    return InboxRead(conversations=conversations, complete=ended_by in ("end", "since"), ended_by=ended_by)


async def _read_list(inbox: Inbox, reading: Reading, newest: datetime, may_go_on: MayGoOn) -> Ending:
    while reading.ended_by is None:
        if not await may_go_on():
            return "time"
        # One millisecond more, so that none of those that moved in the same instant is skipped.
        before = reading.oldest + timedelta(milliseconds=1) if reading.oldest else newest
        try:
            page = await inbox.page(reading.cursor, before)
        except PageChanged as error:
            if error.code != "query_id_rotated" or reading.threads:
                raise
            return await _read_latest(inbox, reading)
        reading.take(page)
    return reading.ended_by


async def _read_latest(inbox: Inbox, reading: Reading) -> Ending:
    """The list by its older query, which gives the first conversations and cannot go on."""
    page = await inbox.latest()
    reading.take(page)
    return reading.ended_by or "limit"


async def read_threads(
    inbox: Inbox, threads: Sequence[Thread], touchpoint: SyncInbox, newest: datetime, may_go_on: MayGoOn
) -> tuple[list[InboxConversation], bool]:
    """The conversations with their newest messages, and whether there was time for each; else the latest."""
    conversations: list[InboxConversation] = []
    has_time = True
    for thread in threads:
        has_time = has_time and (touchpoint.messages == 1 or await may_go_on())
        messages, complete = thread.last_messages, False
        if has_time:
            messages, complete = await _messages(inbox, thread, touchpoint, newest)
        conversations.append(_conversation(thread, messages, complete=complete))
    return conversations, has_time


async def _messages(
    inbox: Inbox, thread: Thread, touchpoint: SyncInbox, newest: datetime
) -> tuple[tuple[InboxMessage, ...], bool]:
    """The newest messages of a thread, and whether these are all since `since`."""
    if touchpoint.messages == 1:
        return thread.last_messages, False
    messages = await inbox.messages(thread.urn, newest, touchpoint.messages)
    oldest = messages[0].delivered_at if messages else None
    reaches = touchpoint.since is not None and oldest is not None and oldest <= touchpoint.since
    return messages or thread.last_messages, reaches or len(messages) < touchpoint.messages


def _conversation(thread: Thread, messages: tuple[InboxMessage, ...], *, complete: bool) -> InboxConversation:
    return InboxConversation(
        conversation_urn=thread.urn,
        participant_profile_ids=list(thread.others),
        participant_names=list(thread.names),
        is_group=thread.is_group,
        unread_count=thread.unread_count,
        last_activity_at=thread.last_activity_at,
        messages=list(messages),
        complete=complete,
    )
