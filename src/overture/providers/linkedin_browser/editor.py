"""A rich text box of the site: emptied with real keys, filled line by line, read back."""

from dataclasses import dataclass

from playwright.async_api import Locator

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.text import canonical, lines


@dataclass(frozen=True)
class Editor:
    """One box, by what a person calls it and by the name of its control."""

    desk: Desk
    box: Locator
    name: str
    control: str

    async def write(self, text: str) -> None:
        """Put exactly this text in; once more when the page loses it; never leave half of it."""
        for attempt in (1, 2):
            await self._type(text)
            if canonical(await self._read()) == canonical(text):
                return
            self.desk.trace.step("composer_lost_text", attempt=attempt)
        await self.clear()
        raise PageChanged(
            f"the text as it was written into the {self.name}",
            code="composer_unstable",
            control=self.control,
        )

    async def clear(self) -> None:
        """Empty it with real keys, so that the page forgets its draft too."""
        async with self.desk.tab.bounded(f"emptying the {self.name}"):
            await self.box.click()
            if canonical(await self.box.inner_text()):
                await self.box.press("ControlOrMeta+a")
                await self.box.press("Delete")

    async def _type(self, text: str) -> None:
        await self.clear()
        keyboard = self.desk.tab.page.keyboard
        for number, line in enumerate(lines(text)):
            async with self.desk.tab.bounded(f"writing into the {self.name}"):
                if number:
                    await keyboard.press("Shift+Enter")  # a new line everywhere; Enter alone may send
                if line:
                    await keyboard.insert_text(line)

    async def _read(self) -> str:
        async with self.desk.tab.bounded(f"reading the {self.name} back"):
            return await self.box.inner_text()
