"""Finds a member's own controls on their page, never anybody else's: by address first, then by name."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from playwright.async_api import Locator

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.phrases import CONNECT, MESSAGE, exactly

OVERFLOW = 'button[aria-expanded], button[id$="-profile-overflow-action"]'
OPEN_MENU = '[role="menu"]:has([role="menuitem"]), .artdeco-dropdown__content--is-open'


@dataclass(frozen=True)
class Control:
    """A control that was found, and by which rung of its ladder (1 is the sturdiest)."""

    locator: Locator
    rung: int
    is_in_menu: bool = False


async def first_of(desk: Desk, control: str, rungs: Sequence[Locator]) -> Control | None:
    """The first rung that shows exactly what is wanted; which one it was goes into the trace."""
    for number, locator in enumerate(rungs, start=1):
        if await desk.tab.shows(locator):
            desk.trace.step("control", control=control, rung=number)
            return Control(locator.filter(visible=True).first, number)
    return None


async def find_top_card(desk: Desk, identity: Identity) -> Locator:
    """The part of the page that is about its owner; all controls are looked for inside it."""
    page = desk.tab.page
    named = page.get_by_role("heading", name=identity.full_name, exact=True)
    rungs = (
        page.locator(f'[componentkey*="{identity.profile_id}Topcard"]'),
        page.locator("main section").filter(has=named),
    )
    found = await first_of(desk, "top_card", rungs)
    if found is None:
        raise PageChanged("the member's top card", control="top_card")
    return found.locator


async def find_connect(desk: Desk, identity: Identity) -> Control | None:
    """Connect for this member: in the top card, or behind More; None when the page offers neither."""
    card = await find_top_card(desk, identity)
    shown = await first_of(desk, "connect", (card.locator(_invite_link(identity)), _named(card, identity)))
    if shown is not None:
        return shown
    if not await _open_more(desk, card):
        return None
    page = desk.tab.page
    menu = page.locator(OPEN_MENU)
    found = await first_of(
        desk, "connect_in_menu", (menu.locator(_invite_link(identity)), _named(menu, identity))
    )
    return Control(found.locator, found.rung + 2, is_in_menu=True) if found else None


async def find_message(desk: Desk, identity: Identity) -> Control | None:
    """Message for this member in the top card: by recipient, else by wording."""
    card = await find_top_card(desk, identity)
    rungs = (
        card.locator(f'a[href*="/messaging/compose/"][href*="recipient={identity.profile_id}"]'),
        card.locator('button, a, [role="button"]').filter(has_text=exactly(MESSAGE)),
    )
    return await first_of(desk, "message", rungs)


async def _open_more(desk: Desk, card: Locator) -> bool:
    """Open the top card's More menu; false when there is none."""
    more = await first_of(desk, "more", (card.locator(OVERFLOW),))
    if more is None:
        return False
    await desk.tab.click(more.locator, "More")
    async with desk.tab.bounded("opening the More menu"):
        await desk.tab.page.locator(OPEN_MENU).filter(visible=True).first.wait_for()
    return True


def _invite_link(identity: Identity) -> str:
    """The address of an invitation to this very slug, at the end or before another parameter."""
    slugs = dict.fromkeys((identity.slug, quote(identity.slug, safe="")))
    ends = [f"{start}{slug}" for slug in slugs for start in ("custom-invite/?vanityName=",)]
    return ", ".join(f"a[href$={css(end)}], a[href*={css(end + '&')}]" for end in ends)


def _named(scope: Locator, identity: Identity) -> Locator:
    """A control labelled with the member's full name whose visible word is Connect."""
    name = css(identity.full_name)
    labelled = scope.locator(
        f'button[aria-label*={name}], a[aria-label*={name}], [role="button"][aria-label*={name}], '
        f'[role="menuitem"] [aria-label*={name}]'
    )
    return labelled.filter(has_text=exactly(CONNECT))


def css(text: str) -> str:
    """The text as a CSS string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
