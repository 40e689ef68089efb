"""The list of conversations, read back to a time."""

from datetime import UTC, datetime, timedelta

from overture.providers.linkedin_browser.sync_inbox import Reading
from overture.providers.linkedin_browser.voyager.inbox import Thread, ThreadsPage

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def thread(name: str, at: datetime | None) -> Thread:
    return Thread(name, (name,), (name,), False, 0, at, ())


def page(*threads: Thread) -> ThreadsPage:
    return ThreadsPage(threads, None)


def test_an_older_conversation_does_not_hide_an_answer_behind_it() -> None:
    reading = Reading(since=NOON, limit=100)
    hour = timedelta(hours=1)
    reading.take(page(thread("old", NOON - 5 * hour), thread("answer", NOON + hour), thread("undated", None)))

    assert list(reading.threads) == ["answer", "undated"]
    assert reading.ended_by == "since"


def test_a_full_list_ends_at_the_limit() -> None:
    reading = Reading(since=None, limit=1)
    reading.take(page(thread("one", NOON), thread("two", NOON)))

    assert (list(reading.threads), reading.ended_by) == (["one"], "limit")
