"""Reading a long list page by page: a breath between pages, and an end before the attempt's time is up."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from overture.providers.linkedin_browser.desk import Desk

BREATH: Final = timedelta(milliseconds=400)  # a list of a thousand is 25 pages: ten seconds more
SHARE_OF_ATTEMPT: Final = 0.6  # what was read by then is kept, with where to go on

MayGoOn = Callable[[], Awaitable[bool]]
"""Asked before each page; false when there is no time for another."""


def patience(desk: Desk, share_of_attempt: float = SHARE_OF_ATTEMPT) -> MayGoOn:
    """The pace of one reading, from now on."""
    began = desk.clock.monotonic()
    share: timedelta = desk.settings.attempt_timeout * share_of_attempt
    pages = 0

    async def may_go_on() -> bool:
        nonlocal pages
        if pages:
            await desk.clock.sleep(BREATH)
        pages += 1
        return pages == 1 or desk.clock.monotonic() - began < share.total_seconds()

    return may_go_on
