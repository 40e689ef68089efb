"""The InMail box of one member: opened by their own Message, its price read, subject and body filled in."""

import re
from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import Failure, NotPossible, PageChanged
from overture.providers.linkedin_browser.composer import (
    EDITOR,
    SUBJECT,
    Composer,
    belongs_to,
    thread_id,
    windows_of,
)
from overture.providers.linkedin_browser.controls import find_message, find_message_in_menu, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.invite_dialog import UPSELL
from overture.providers.linkedin_browser.phrases import CREDITS_REMAIN, FREE_MESSAGE, NO_CREDITS_LEFT
from overture.providers.linkedin_browser.text import canonical, units

NOTICE: Final = '[role="alert"]'
CREDITS: Final = '[class*="inmail-credits-display"]'
NO_CREDITS: Final = '[class*="inmail-credits-display__error"]'
NONE_LEFT: Final = re.compile("|".join(map(re.escape, NO_CREDITS_LEFT)), re.IGNORECASE)
STATED: Final = 'form :is(p, span):not([contenteditable="true"] *)'
"""What the page says in the form; the words typed into it are not the page's."""
NUMBER: Final = re.compile(r"\d{1,3}(?:[.,’\u00a0\u202f]\d{3})+|\d+")
REMAIN: Final = re.compile(
    rf"^\s*(?:{'|'.join(words.format(f'(?:{NUMBER.pattern})') for words in CREDITS_REMAIN)})\s*$"
)
"""The whole line where one can write no more; a message in the thread would say other things as well."""
FREE: Final = re.compile("|".join(map(re.escape, FREE_MESSAGE)), re.IGNORECASE)
PRICED: Final = re.compile(rf"\d|{FREE.pattern}", re.IGNORECASE)


@dataclass(frozen=True)
class Credits:
    """What the line under an InMail says: what this one costs, and how many there are."""

    cost: int | None
    available: int | None


def credits_in(line: str) -> Credits | None:
    """`Use 1 of 45 InMail credits` costs 1 of the 45 there are; `Free message` costs none.

    A line with one number only says what is left. None: nothing one could go by.
    """
    if FREE.search(line):
        return Credits(0, None)
    numbers = [int(re.sub(r"\D", "", found)) for found in NUMBER.findall(line)]
    match numbers:
        case [available]:
            return Credits(None, available)
        case [cost, available] if cost <= available or available == 0:
            return Credits(cost, available)
        case [available, cost]:  # languages that name the stock first
            return Credits(cost, available)
        case _:
            return None


@dataclass(frozen=True)
class InMailBox:
    """An open InMail that belongs to the right person, and its price."""

    desk: Desk
    scope: Locator
    credits: Credits

    @property
    def composer(self) -> Composer:
        """The message box in it."""
        return Composer(self.desk, self.scope)

    async def write(self, subject: str | None, body: str) -> None:
        """Put both in exactly; nothing is typed when the page's own limit is smaller than the subject."""
        await self._fits(subject)
        await self._write_subject(subject or "")
        await self.composer.write(body)

    async def send(self) -> None:
        """Press Send."""
        await self.composer.send()

    async def clear(self) -> None:
        """Leave no draft."""
        if await self.desk.tab.shows(self.scope.locator(SUBJECT)):
            await self._write_subject("")
        await self.composer.clear()

    @property
    def _subject(self) -> Locator:
        return self.scope.locator(SUBJECT).filter(visible=True).first

    async def _fits(self, subject: str | None) -> None:
        if subject is None:
            return
        async with self.desk.tab.bounded("reading the subject's limit"):
            given = await self._subject.get_attribute("maxlength")
        limit = int(given) if given and given.isdigit() else None
        if limit is not None and units(subject) > limit:
            raise NotPossible(
                "subject_too_long",
                f"this page allows a subject of {limit} characters",
                limit=limit,
                length=units(subject),
            )

    async def _write_subject(self, subject: str) -> None:
        for _ in range(2):
            async with self.desk.tab.bounded("writing the subject"):
                await self._subject.fill("")
                if subject:
                    await self._subject.focus()
                    await self.desk.tab.page.keyboard.insert_text(subject)
                written = await self._subject.input_value()
            if canonical(written) == canonical(subject):
                return
        raise PageChanged("the subject as it was written", code="composer_unstable", control="subject")


async def open_inmail(desk: Desk, identity: Identity) -> InMailBox:
    """The InMail box for this member: from their page's Message, else from the messaging page."""
    control = await find_message(desk, identity) or await find_message_in_menu(desk, identity)
    if control is None:
        raise NotPossible("inmail_unavailable", "this member's page offers no Message")
    await desk.tab.click(control.locator, "Message")
    scope = await _window(desk, identity) or await _on_messaging_page(desk, identity)
    await _takes_inmail(desk, scope)
    return InMailBox(desk, scope, await _price(desk, scope))


async def _window(desk: Desk, identity: Identity) -> Locator | None:
    """The window that opened for this member; None when none did."""
    page = desk.tab.page
    filled = page.locator(EDITOR).or_(page.locator(NOTICE)).filter(visible=True)
    ours = windows_of(desk, identity).filter(has=filled).filter(visible=True)
    upsell = page.locator(UPSELL)
    try:
        await ours.or_(upsell).filter(visible=True).first.wait_for(timeout=desk.tab.milliseconds / 2)
    except WaitedTooLong:
        return None
    await _is_entitled(desk)
    desk.trace.step("control", control="inmail_box", rung=1)
    return ours.first


async def _on_messaging_page(desk: Desk, identity: Identity) -> Locator:
    await desk.open(f"/messaging/thread/new/?recipient={identity.profile_id}")
    page = desk.tab.page
    box = page.locator(f"main :is({EDITOR}, {NOTICE})")
    try:
        await (
            box.or_(page.locator(UPSELL))
            .filter(visible=True)
            .first.wait_for(timeout=desk.tab.milliseconds / 2)
        )
    except WaitedTooLong as error:
        raise PageChanged("the InMail box", code="composer_missing", control="inmail_box") from error
    await _is_entitled(desk)
    belongs_to(desk, identity, None)
    desk.trace.step("control", control="inmail_box", rung=2)
    return page.locator("main")


async def _is_entitled(desk: Desk) -> None:
    if await desk.tab.shows(desk.tab.page.locator(UPSELL)):
        raise NotPossible("not_entitled", "LinkedIn advertises Premium instead of letting the account write")


async def _takes_inmail(desk: Desk, scope: Locator) -> None:
    """There is a box with a subject: no mere notice, and no ordinary conversation."""
    if not await desk.tab.shows(scope.locator(EDITOR)):
        async with desk.tab.bounded("reading why there is no box"):
            told = await scope.locator(NOTICE).filter(visible=True).first.inner_text()
        raise NotPossible("recipient_restricted", "this member takes no InMail", site_text=told.strip()[:200])
    try:
        await (
            scope.locator(SUBJECT)
            .or_(scope.locator(CREDITS))
            .filter(visible=True)
            .first.wait_for(timeout=desk.tab.milliseconds / 3)
        )
    except WaitedTooLong as error:
        raise NotPossible(
            "inmail_unavailable", "LinkedIn offers an ordinary message here, no InMail"
        ) from error


async def _price(desk: Desk, scope: Locator) -> Credits:
    """What it costs, once the page knows; a price that cannot be read is never guessed."""
    found = await _credits(desk, scope, desk.tab.milliseconds)
    if found is None or found.cost is None:
        raise PageChanged("what this InMail costs", control="inmail_credits")
    if found.available is not None and found.available < found.cost:
        raise NotPossible(
            "inmail_no_credits", "the account has no InMail credits left", credits=found.available
        )
    return found


async def _credits(desk: Desk, scope: Locator, limit: float) -> Credits | None:
    """The credits this part of the page states, waited for; raises when it says there are none."""
    stated = scope.locator(STATED)
    none_left = scope.locator(NO_CREDITS).or_(stated.filter(has_text=NONE_LEFT))
    rungs = (
        scope.locator(CREDITS).filter(has_text=PRICED),
        stated.filter(has_text=re.compile("InMail")).filter(has_text=PRICED),
        stated.filter(has_text=FREE),
        scope.locator("p").filter(has_text=REMAIN),
    )
    line = rungs[0].or_(rungs[1]).or_(rungs[2]).or_(rungs[3])
    try:
        await line.or_(none_left).filter(visible=True).first.wait_for(timeout=limit)
    except WaitedTooLong:
        return None
    if await desk.tab.shows(none_left):
        raise NotPossible("inmail_no_credits", "the account has no InMail credits left")
    found = await first_of(desk, "inmail_credits", rungs)
    if found is None:
        return None
    async with desk.tab.bounded("reading the InMail credits"):
        return credits_in(await found.locator.inner_text())


async def credits_left(desk: Desk, conversation_urn: str) -> int | None:
    """How many credits a fresh look at the conversation states; None when it does not say."""
    try:
        await desk.open(f"/messaging/thread/{thread_id(conversation_urn)}/")
        found = await _credits(desk, desk.tab.page.locator("main"), desk.tab.milliseconds / 3)
    except NotPossible as none_left:
        return 0 if none_left.code == "inmail_no_credits" else None
    except Failure as failure:  # the InMail is sent; what its price was must not change that
        desk.trace.step("credits_not_read", code=failure.code)
        return None
    return found.available if found else None
