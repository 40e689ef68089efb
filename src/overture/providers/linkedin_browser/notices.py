"""What LinkedIn lays over the page after an invitation: soft remarks, and the alert of the weekly limit."""

from typing import Literal

from playwright.async_api import Locator

from overture.providers.linkedin_browser.controls import Control, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.phrases import GOT_IT, GROWING_NETWORK, exactly

Warned = Literal["close_to_limit", "growing_network"]
DIALOG = '[role="dialog"], [role="alertdialog"], dialog[open]'
LIMIT = '#ip-fuse-limit-alert__header, [aria-labelledby="ip-fuse-limit-alert__header"]'


async def says_limit(desk: Desk) -> bool:
    """Whether the alert about the weekly limit shows; after an accepted invitation it only warns."""
    return await desk.tab.shows(desk.tab.page.locator(LIMIT))


async def put_away(desk: Desk) -> Warned | None:
    """Close what came after the invitation by its own `Got it`; what it had to say, if that is known."""
    page = desk.tab.page
    known = page.locator(DIALOG).filter(has=page.locator(LIMIT)).or_(_growing(desk))
    if not await desk.tab.shows(known):
        return None
    said: Warned = "close_to_limit" if await says_limit(desk) else "growing_network"
    desk.trace.step("notice", said=said)
    closing = await _got_it(desk, known.filter(visible=True).first)
    if closing is not None:
        await desk.tab.click(closing.locator, "Got it")
    return said


def _growing(desk: Desk) -> Locator:
    page = desk.tab.page
    found = page.locator(DIALOG).filter(has_text=GROWING_NETWORK[0])
    for words in GROWING_NETWORK[1:]:
        found = found.or_(page.locator(DIALOG).filter(has_text=words))
    return found


async def _got_it(desk: Desk, dialog: Locator) -> Control | None:
    rungs = (dialog.get_by_role("button", name=exactly(GOT_IT)), dialog.locator("button").last)
    return await first_of(desk, "got_it", rungs)
