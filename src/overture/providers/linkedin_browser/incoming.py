"""Accept, on the page of a member who has invited the account; never Ignore, which stands beside it."""

from overture.providers.linkedin_browser.controls import Control, css, drifted, find_top_card, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.phrases import ACCEPT, exactly

OTHER_WAYS = 'a[href*="/messaging/compose/"], a[href*="/preload/custom-invite/"]'
LABELLED = "button[aria-label]:not([aria-expanded])"


async def find_accept(desk: Desk, identity: Identity) -> Control:
    """The member's own Accept: by its word and their name, else the first of the two labelled buttons."""
    card = await find_top_card(desk, identity)
    named = card.locator(f"button[aria-label*={css(identity.full_name)}]").filter(has_text=exactly(ACCEPT))
    pair = card.locator(LABELLED)
    is_pair = await pair.filter(visible=True).count() == 2 and not await desk.tab.shows(
        card.locator(OTHER_WAYS)
    )
    found = await first_of(desk, "accept", (named, pair.first) if is_pair else (named,))
    if found is None:
        raise drifted(desk, "Accept on the member's page", "accept")
    return found
