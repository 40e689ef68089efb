"""Finds a member's own controls on their page, never anybody else's: by address first, then by name."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.phrases import (
    ACCEPT,
    CONNECT,
    FOLLOW,
    FOLLOWING,
    IGNORE,
    LANGUAGES,
    MESSAGE,
    MORE,
    PENDING,
    WITHDRAW,
    exactly,
)

PRESSABLE = 'button, a, [role="button"]'
ROW_WORDS = (*CONNECT, *MESSAGE, *FOLLOW, *FOLLOWING, *PENDING, *MORE, *ACCEPT, *IGNORE, *WITHDRAW)
"""What is offered beside a member's name."""
OVERFLOW = 'button[aria-expanded], button[id$="-profile-overflow-action"]'
OPEN_MENU = (
    '[role="menu"]:has([role="menuitem"]), .artdeco-dropdown__content--is-open, '
    'main button[aria-expanded="true"] + [aria-hidden="false"]'
)


Rungs = Callable[[Locator], Sequence[Locator]]
"""The ladder of one control inside a part of the page."""


@dataclass(frozen=True)
class Control:
    """A control that was found, and by which rung of its ladder (1 is the sturdiest)."""

    locator: Locator
    rung: int
    is_in_menu: bool = False


def page_of(desk: Desk) -> dict[str, str]:
    """The kind of page and the language a control was looked for on."""
    sight = desk.tab.sight
    return {"variant": sight.variant, "locale": sight.lang} if sight else {}


def drifted(desk: Desk, what: str, control: str) -> PageChanged:
    """The failure when no rung finds a control that must be there; taken down as a miss of its ladder."""
    desk.trace.step("control_missing", control=control, **page_of(desk))
    return PageChanged(what, code="selector_drift", control=control)


async def first_of(desk: Desk, control: str, rungs: Sequence[Locator]) -> Control | None:
    """The first rung that shows exactly what is wanted; which one it was goes into the trace."""
    for number, locator in enumerate(rungs, start=1):
        if await desk.tab.shows(locator):
            desk.trace.step("control", control=control, rung=number, **page_of(desk))
            return Control(locator.filter(visible=True).first, number)
    return None


async def find_top_card(desk: Desk, identity: Identity) -> Locator:
    """The part of the page that is about its owner; all controls are looked for inside it.

    A page in a language whose words are known, with no control that bears one, is not the page we know:
    nothing on it is pressed, not even what an address or its place would still identify.
    """
    page = desk.tab.page
    sections = page.locator("main section")
    rungs = (
        page.locator(f'[componentkey*="{identity.profile_id}Topcard"]'),
        sections.filter(has=page.get_by_role("heading", name=identity.full_name, exact=True)),
        sections.filter(has=page.locator(f'a[href*="/in/{quote(identity.slug)}/overlay/contact-info"]')),
    )
    await _appears(desk, rungs[0].or_(rungs[1]).or_(rungs[2]))
    found = await first_of(desk, "top_card", rungs)
    if found is None:
        raise drifted(desk, "the member's top card", "top_card")
    if identity.profile_id != desk.me and _words_are_known(desk):
        known = found.locator.locator(PRESSABLE).filter(has_text=exactly(ROW_WORDS))
        if not await _appears(desk, known):
            raise drifted(desk, "a control with a known word in the member's top card", "action_row")
    return found.locator


async def _appears(desk: Desk, wanted: Locator) -> bool:
    """Whether it is to be seen, now or soon: pages grow."""
    async with desk.tab.bounded("waiting for the page"):
        try:
            await wanted.filter(visible=True).first.wait_for(timeout=desk.tab.milliseconds / 3)
        except WaitedTooLong:
            return False
    return True


def _words_are_known(desk: Desk) -> bool:
    sight = desk.tab.sight
    return sight is not None and sight.lang.split("-")[0].lower() in LANGUAGES


async def find_connect(desk: Desk, identity: Identity) -> Control | None:
    """Connect for this member: in the top card, or behind More; None when the page offers neither."""
    card = await find_top_card(desk, identity)
    found = await first_of(desk, "connect", _connect_rungs(card, identity)) or await find_in_menu(
        desk, card, "connect", lambda menu: _connect_rungs(menu, identity)
    )
    if found is not None:
        return found
    for scope in (card, desk.tab.page.locator(OPEN_MENU)):
        if await desk.tab.shows(_unknown_act(desk, scope, identity)):
            raise drifted(desk, "what Connect has become", "connect")
    return None


def _unknown_act(desk: Desk, scope: Locator, identity: Identity) -> Locator:
    """A button about this very member whose word is not known: it may be Connect under a new name."""
    labelled = scope.locator(_labelled(identity, "button", '[role="button"]', '[role="menuitem"] *'))
    known = exactly(ROW_WORDS) if _words_are_known(desk) else re.compile("")
    return labelled.filter(has_text=re.compile(r"\S"), has_not_text=known)


async def find_message(desk: Desk, identity: Identity) -> Control | None:
    """Message for this member in the top card: by recipient, else by wording."""
    card = await find_top_card(desk, identity)
    return await first_of(desk, "message", _message_rungs(card, identity))


async def find_message_in_menu(desk: Desk, identity: Identity) -> Control | None:
    """Message for this member behind More; None when it is not there either."""
    return await find_in_menu(
        desk, await find_top_card(desk, identity), "message", lambda menu: _message_rungs(menu, identity)
    )


async def find_follow(desk: Desk, identity: Identity) -> Control | None:
    """Follow for this member: in the top card, or behind More; None when the page offers neither."""
    card = await find_top_card(desk, identity)
    shown = await first_of(desk, "follow", _follow_rungs(card, identity))
    if shown is not None:
        return shown
    return await find_in_menu(desk, card, "follow", lambda menu: _follow_rungs(menu, identity))


async def find_in_menu(desk: Desk, card: Locator, control: str, rungs: Rungs) -> Control | None:
    """A control behind the top card's More; None when there is no More, or not this control in it."""
    more = await first_of(desk, "more", (card.locator(OVERFLOW),))
    if more is None:
        return None
    await desk.tab.click(more.locator, "More")
    menu = desk.tab.page.locator(OPEN_MENU)
    async with desk.tab.bounded("opening the More menu"):
        await menu.filter(visible=True).first.wait_for()
    ladder = rungs(menu)  # the rungs in the menu are below those in the top card
    found = await first_of(desk, f"{control}_in_menu", ladder)
    return Control(found.locator, found.rung + len(ladder), is_in_menu=True) if found else None


def _message_rungs(scope: Locator, identity: Identity) -> tuple[Locator, ...]:
    return (
        scope.locator(f'a[href*="/messaging/compose/"][href*="recipient={identity.profile_id}"]'),
        scope.locator(f'{PRESSABLE}, [role="menuitem"]').filter(has_text=exactly(MESSAGE)),
    )


def _follow_rungs(scope: Locator, identity: Identity) -> tuple[Locator, ...]:
    """By the member's full name in the label, else by the bare word; `Following` is another word."""
    worded = exactly(FOLLOW)
    controls = ("button", '[role="button"]', '[role="menuitem"]')
    named = scope.locator(_labelled(identity, *controls, '[role="menuitem"] *'))
    return named.filter(has_text=worded), scope.locator(", ".join(controls)).filter(has_text=worded)


def _connect_rungs(scope: Locator, identity: Identity) -> tuple[Locator, ...]:
    return scope.locator(_invite_link(identity)), _named(scope, identity)


def _invite_link(identity: Identity) -> str:
    """The address of an invitation to this very slug, at the end or before another parameter."""
    slugs = dict.fromkeys((identity.slug, quote(identity.slug, safe="")))
    ends = [f"{start}{slug}" for slug in slugs for start in ("custom-invite/?vanityName=",)]
    return ", ".join(f"a[href$={css(end)}], a[href*={css(end + '&')}]" for end in ends)


def _named(scope: Locator, identity: Identity) -> Locator:
    """A control labelled with the member's full name whose visible word is Connect."""
    labelled = scope.locator(_labelled(identity, "button", "a", '[role="button"]', '[role="menuitem"] *'))
    return labelled.filter(has_text=exactly(CONNECT))


def _labelled(identity: Identity, *controls: str) -> str:
    """Any of these controls whose label has the member's full name in it."""
    return f":is({', '.join(controls)})[aria-label*={css(identity.full_name)}]"


def css(text: str) -> str:
    """The text as a CSS string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
