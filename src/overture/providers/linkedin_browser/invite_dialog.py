"""The dialog between Connect and a sent invitation: gate, note, e-mail proof, "how do you know"."""

import re
from typing import Final

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.controls import Control, drifted, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.identity import Identity
from overture.providers.linkedin_browser.phrases import (
    ADD_NOTE,
    CONNECT,
    DISMISS,
    OTHER,
    SEND_INVITATION,
    SEND_WITHOUT_NOTE,
    exactly,
)
from overture.providers.linkedin_browser.text import canonical, lines, units

ROLES: Final = '[role="dialog"], [role="alertdialog"], dialog[open]'
BUBBLE: Final = (
    ':is([data-view-name="message-overlay-conversation-bubble-item"], '
    '[role="dialog"]:has([role="textbox"][contenteditable="true"]))'
)
"""A conversation window: by its name, else by the message box in it."""
NOTE: Final = '#custom-message, textarea[name="message"]'
UPSELL: Final = ":is([role=dialog], [role=alertdialog], dialog[open]) a[href*='/premium/']"
COUNTER: Final = re.compile(r"\d+\s*/\s*(\d{2,4})")
STEP_MS: Final = 300.0  # between two looks while a dialog grows


class InviteDialog:
    """The open dialog of one member."""

    def __init__(self, desk: Desk, identity: Identity) -> None:
        self._desk = desk
        self._identity = identity
        page = desk.tab.page
        ours = page.locator('[aria-labelledby="send-invite-modal"]')
        named = page.locator(ROLES).filter(has_text=identity.first_name)
        self._dialog = ours.or_(named).and_(page.locator(f"*:not({BUBBLE})")).filter(visible=True).first

    async def opens(self) -> bool:
        """Wait until it can be answered; false when the page tried to send at once instead."""
        limit = self._desk.tab.milliseconds
        waited = 0.0
        while waited < limit:
            try:
                await self._answers().first.wait_for(timeout=STEP_MS)
            except WaitedTooLong:
                waited += STEP_MS
                if any(write.kind == "invite" for write in self._desk.fuse.blocked):
                    return False
                continue
            return True
        raise PageChanged("the invitation dialog", code="dialog_not_opened", control="invite_dialog")

    async def ready(self, note: str | None) -> Control:
        """Bring it to the one button that sends; that button."""
        await self._say_how_one_knows()
        await self._names_the_target()
        if await self._asks_for_email():
            raise NotPossible("email_required", "LinkedIn asks for the member's e-mail address first")
        if note is None:
            rungs = (self._button(SEND_WITHOUT_NOTE), self._dialog.locator("button").last)
            return await self._enabled(await self._found("send_without_note", rungs))
        return await self._with_note(note)

    async def close(self) -> None:
        """Dismiss it, if it is there."""
        dismiss = self._button(DISMISS)
        if await self._desk.tab.shows(dismiss):
            await self._desk.tab.click(dismiss.first, "Dismiss")
        elif await self._desk.tab.shows(self._dialog):
            await self._desk.tab.page.keyboard.press("Escape")

    async def _asks_for_email(self) -> bool:
        """Whether it wants the member's e-mail address."""
        return await self._desk.tab.shows(self._dialog.locator('input[type="email"]'))

    def _answers(self) -> Locator:
        """What makes the dialog more than an empty frame: it may mount before its buttons."""
        named = self._button(ADD_NOTE).or_(self._button(SEND_WITHOUT_NOTE)).or_(self._button(OTHER))
        by_place = self._dialog.locator("button:nth-last-of-type(1):not(:first-of-type)")
        return (
            named.or_(by_place).or_(self._dialog.locator(f'input[type="email"], {NOTE}')).filter(visible=True)
        )

    def _button(self, words: tuple[str, ...]) -> Locator:
        return self._dialog.get_by_role("button", name=exactly(words))

    async def _found(self, control: str, rungs: tuple[Locator, ...]) -> Control:
        found = await first_of(self._desk, control, rungs)
        if found is None:
            raise drifted(self._desk, f"{control.replace('_', ' ')} in the invitation dialog", control)
        return found

    async def _say_how_one_knows(self) -> None:
        """The extra question some accounts get: `Other` is the answer that is never untrue."""
        if not await self._desk.tab.shows(self._button(OTHER)):
            return
        async with self._desk.tab.bounded("answering how one knows the member"):
            await self._button(OTHER).first.click()
            await self._button(CONNECT).first.click()
            await self._button(ADD_NOTE).or_(self._button(SEND_WITHOUT_NOTE)).first.wait_for()

    async def _names_the_target(self) -> None:
        async with self._desk.tab.bounded("reading the invitation dialog"):
            text = canonical(await self._dialog.inner_text())
        if canonical(self._identity.full_name) not in text:
            raise NotPossible(
                "identity_mismatch", "the invitation dialog does not name the member; nothing was sent"
            )

    async def _with_note(self, note: str) -> Control:
        add = await self._found("add_note", (self._button(ADD_NOTE), self._dialog.locator("button").nth(-2)))
        page = self._desk.tab.page
        area, upsell = self._dialog.locator(NOTE), page.locator(UPSELL)
        async with self._desk.tab.bounded("opening the note"):
            await add.locator.click()
            await area.or_(upsell).filter(visible=True).first.wait_for()
        if not await self._desk.tab.shows(area):
            raise NotPossible("note_quota", "the account has used up its notes for this month")
        await self._fits(note, area)
        await self._write(note, area.first)
        rungs = (self._button(SEND_INVITATION), self._dialog.locator("button").last)
        return await self._enabled(await self._found("send_invitation", rungs))

    async def _fits(self, note: str, area: Locator) -> None:
        """The counter tells the limit of this account; the sentence beside it is often wrong."""
        async with self._desk.tab.bounded("reading the note's limit"):
            counter = COUNTER.search(await self._dialog.inner_text())
            attribute = await area.first.get_attribute("maxlength")
        limit = int(counter[1]) if counter else int(attribute) if attribute and attribute.isdigit() else None
        if limit is not None and units(note) > limit:
            raise NotPossible(
                "note_too_long", f"this account may write {limit} characters", limit=limit, length=units(note)
            )

    async def _write(self, note: str, area: Locator) -> None:
        for _ in range(2):
            async with self._desk.tab.bounded("writing the note"):
                await area.fill("")
                await area.focus()
                await self._desk.tab.page.keyboard.insert_text("\n".join(lines(note)))
                written = await area.input_value()
            if canonical(written) == canonical(note):
                return
        raise PageChanged("the note as it was written", code="composer_unstable", control="note")

    async def _enabled(self, button: Control) -> Control:
        page = self._desk.tab.page
        try:
            await button.locator.and_(page.locator(":enabled")).wait_for(
                timeout=self._desk.tab.milliseconds / 3
            )
        except WaitedTooLong as error:
            if await self._asks_for_email():
                raise NotPossible(
                    "email_required", "LinkedIn asks for the member's e-mail address first"
                ) from error
            raise PageChanged("an enabled Send button", code="send_disabled", control="send") from error
        return button
