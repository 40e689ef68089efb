"""The message box of one conversation: opened for the right person, emptied, filled, read back."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.controls import find_message
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.editor import Editor
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.invite_dialog import BUBBLE, UPSELL

EDITOR: Final = '[role="textbox"][contenteditable="true"]'
SUBJECT: Final = 'input[name="subject"]'
"""Only an InMail has one."""
SEND: Final = 'form:has([role="textbox"]) button[type="submit"]'
WAKE_MS: Final = 3000.0  # how long Send may take to notice the text


@dataclass(frozen=True)
class Composer:
    """An open message box that belongs to the right person."""

    desk: Desk
    scope: Locator

    async def write(self, text: str) -> None:
        """Put exactly this text in, so that Send notices it."""
        await self._text.write(text)
        await self._wakes_send()

    async def clear(self) -> None:
        """Leave no draft."""
        await self._text.clear()

    async def send(self) -> None:
        """Press Send; in Enter mode there may be no such button."""
        if await self.desk.tab.shows(self._send):
            await self.desk.tab.click(self._send.filter(visible=True).first, "Send")
            return
        async with self.desk.tab.bounded("pressing Enter"):
            await self._text.box.press("Enter")

    @property
    def _text(self) -> Editor:
        box = self.scope.locator(EDITOR).filter(visible=True).first
        return Editor(self.desk, box, "message box", "composer")

    @property
    def _send(self) -> Locator:
        return self.scope.locator(SEND)

    async def _wakes_send(self) -> None:
        """Send must have noticed: a sleeping button would lose the message silently."""
        if not await self.desk.tab.shows(self._send):
            return
        awake = self._send.and_(self.desk.tab.page.locator(":enabled")).filter(visible=True).first
        try:
            await awake.wait_for(timeout=WAKE_MS)
        except WaitedTooLong as error:
            await self.clear()
            raise PageChanged("an enabled Send button", code="send_disabled", control="send") from error


async def open_composer(desk: Desk, identity: Identity, conversation_urn: str | None) -> Composer:
    """The message box for this member: from their page's Message, else from the messaging page."""
    control = await find_message(desk, identity)
    if control is not None:
        await desk.tab.click(control.locator, "Message")
        bubble = await _bubble(desk, identity)
        if bubble is not None:
            await _costs_nothing(desk, bubble)
            return Composer(desk, bubble)
    return await _on_messaging_page(desk, identity, conversation_urn)


def windows_of(desk: Desk, identity: Identity) -> Locator:
    """The conversation windows whose header names this member; any other that is open is not touched."""
    page = desk.tab.page
    by_id, by_slug = (f'a[href*="/in/{key}/"]' for key in (identity.profile_id, identity.slug))
    windows = page.locator(BUBBLE)
    known = windows.filter(has=page.locator(f":is(header, h2) {by_id}"))
    first_contact = windows.filter(has=page.locator(f"{by_slug}, {by_id}")).filter(
        has_not=page.locator("h2 a")
    )
    return known.or_(first_contact)


async def _bubble(desk: Desk, identity: Identity) -> Locator | None:
    page = desk.tab.page
    ours = windows_of(desk, identity).filter(has=page.locator(EDITOR)).filter(visible=True)
    upsell = page.locator(UPSELL)
    arrived = ours.or_(upsell).or_(page.locator(f"main {EDITOR}")).filter(visible=True).first
    try:
        await arrived.wait_for(timeout=desk.tab.milliseconds / 2)
    except WaitedTooLong:
        return None
    if await desk.tab.shows(upsell):
        raise NotPossible("not_connected", "LinkedIn offers only a paid message to this member")
    desk.trace.step("control", control="composer", rung=1)
    return ours.first if await desk.tab.shows(ours) else None


async def _on_messaging_page(desk: Desk, identity: Identity, conversation_urn: str | None) -> Composer:
    for path in _paths(identity, conversation_urn):
        await desk.open(path)
        box = (
            desk.tab.page.locator("main form").filter(has=desk.tab.page.locator(EDITOR)).filter(visible=True)
        )
        try:
            await box.first.wait_for(timeout=desk.tab.milliseconds / 2)
        except WaitedTooLong:
            continue
        belongs_to(desk, identity, conversation_urn)
        await _costs_nothing(desk, desk.tab.page.locator("main"))
        desk.trace.step("control", control="composer", rung=2)
        return Composer(desk, desk.tab.page.locator("main"))
    raise PageChanged("the message box", code="composer_missing", control="composer")


async def _costs_nothing(desk: Desk, scope: Locator) -> None:
    """A message box with a subject is an InMail's, which is paid for; the fuse would not let it out."""
    if await desk.tab.shows(scope.locator(SUBJECT)):
        raise NotPossible("not_connected", "LinkedIn offers only a paid message to this member")


def _paths(identity: Identity, conversation_urn: str | None) -> Iterator[str]:
    if conversation_urn is not None:
        yield f"/messaging/thread/{thread_id(conversation_urn)}/"
    yield f"/messaging/thread/new/?recipient={identity.profile_id}"


def belongs_to(desk: Desk, identity: Identity, conversation_urn: str | None) -> None:
    """The address proves whose thread it is."""
    url = unquote(desk.tab.page.url)
    thread = conversation_urn is not None and thread_id(conversation_urn) in url
    if not thread and identity.profile_id not in url:
        raise NotPossible("recipient_not_resolved", "another conversation opened; nothing was written")


def thread_id(conversation_urn: str) -> str:
    """The id in a thread's address: `2-…` out of `urn:li:msg_conversation:(urn:li:fsd_profile:…,2-…)`."""
    return quote(conversation_urn.rpartition(",")[2].rstrip(")"), safe="=-_")
