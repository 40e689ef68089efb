"""A reading of the inbox whose time runs out does not say that it saw everything."""

from datetime import UTC, datetime
from typing import cast

from overture.providers.linkedin_browser.sync_inbox import read_threads
from overture.providers.linkedin_browser.voyager.client import VoyagerClient
from overture.providers.linkedin_browser.voyager.inbox import Inbox, Thread
from overture.touchpoints import InboxMessage, SyncInbox

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def message(urn: str) -> InboxMessage:
    return InboxMessage(message_urn=urn, is_own=False, text="Hello", delivered_at=NOON)


class ThreeEach(Inbox):
    """A mailbox with three messages in every thread."""

    async def messages(self, thread: str, before: datetime, count: int) -> tuple[InboxMessage, ...]:  # noqa: ARG002
        return tuple(message(f"{thread}:{number}") for number in range(3))


async def test_threads_there_was_no_time_for_are_not_taken_for_read() -> None:
    threads = [Thread(name, (name,), (name,), False, 0, NOON, (message(f"{name}:2"),)) for name in "abc"]
    inbox = ThreeEach(cast(VoyagerClient, None), "me")
    left = 1

    async def may_go_on() -> bool:
        nonlocal left
        left -= 1
        return left >= 0

    found, has_time = await read_threads(inbox, threads, SyncInbox(), NOON, may_go_on)
    assert [(len(one.messages), one.complete) for one in found] == [(3, True), (1, False), (1, False)]
    assert not has_time


async def test_with_time_for_all_it_is_complete() -> None:
    threads = [Thread(name, (name,), (name,), False, 0, NOON, (message(f"{name}:2"),)) for name in "abc"]

    async def may_go_on() -> bool:
        return True

    found, has_time = await read_threads(
        ThreeEach(cast(VoyagerClient, None), "me"), threads, SyncInbox(), NOON, may_go_on
    )
    assert [(len(one.messages), one.complete) for one in found] == [(3, True)] * 3
    assert has_time
