"""How the account stands to a member as their page shows it: for when the JSON does not say."""

from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Locator

from overture.providers.linkedin_browser.controls import OPEN_MENU, find_connect, find_top_card
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity, open_profile
from overture.providers.linkedin_browser.phrases import ACCEPT, PENDING, exactly
from overture.touchpoints.profile import Degree

State = Literal["self", "connected", "pending", "incoming", "none", "unknown"]
NEAR: Final[dict[str, Degree]] = {"1": 1, "2": 2, "3": 3}
CONTROLS: Final = 'button, a, [role="button"], [role="menuitem"]'
DEGREES: Final = """(card) => {
  const leaves = [...card.querySelectorAll('p, span, div')].filter((node) => node.children.length === 0);
  return leaves
    .filter((node) => !(node.parentElement && node.parentElement.closest('[data-display-contents]')))
    .filter((node) => node.checkVisibility({visibilityProperty: true}))
    .map((node) => node.textContent.trim())
    .map((text) => /^[·•]?\\s*([123])(?:st|nd|rd|er|e|\\.|º|ª|°)?(?:\\s*(?:et\\s*)?(\\+))?$/.exec(text))
    .filter(Boolean)
    .map((found) => found[1] + (found[2] || ''));
}"""
"""Run on the top card: every degree it shows. Its hidden twin, wrapped for display, does not count."""


@dataclass(frozen=True)
class Standing:
    """What the page showed; `unknown` is never "not connected"."""

    state: State
    degree: Degree | None


async def read_standing(desk: Desk, identity: Identity) -> Standing:
    """Open the member's page, which they may be told of, and read their top card."""
    await open_profile(desk, identity)
    card = await find_top_card(desk, identity)
    async with desk.tab.bounded("reading the top card"):
        shown = await card.first.evaluate(DEGREES)
    degrees = set(shown if isinstance(shown, list) else ())
    degree = NEAR.get(degrees.pop()) if len(degrees) == 1 else None  # "3+" is third or further: not said
    state = await _state(desk, identity, card, degree)
    desk.trace.step("page_standing", state=state, degree=degree)
    return Standing(state, degree)


async def _state(desk: Desk, identity: Identity, card: Locator, degree: Degree | None) -> State:
    if degree == 1:
        return "connected"
    if await desk.tab.shows(_named(card, PENDING)):
        return "pending"
    if await desk.tab.shows(_named(card, ACCEPT)):
        return "incoming"
    if await find_connect(desk, identity) is not None:
        return "none"
    if await desk.tab.shows(_named(desk.tab.page.locator(OPEN_MENU), PENDING)):
        return "pending"
    return "none" if degree is not None else "unknown"


def _named(scope: Locator, words: tuple[str, ...]) -> Locator:
    return scope.locator(CONTROLS).filter(has_text=exactly(words))
