"""The tray of reactions: opened by dwelling on the button, never by pressing it, and one option of it."""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import PageChanged
from overture.providers.linkedin_browser.controls import css, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.phrases import REACT_WITH, REACTIONS
from overture.providers.linkedin_browser.post_page import IN_COMMENT, PostPage
from overture.touchpoints import Reaction

DWELL_MS: Final = 4000.0  # trays open after half a second to three of hovering
ORDER: Final[tuple[Reaction, ...]] = ("LIKE", "CELEBRATE", "SUPPORT", "LOVE", "INSIGHTFUL", "FUNNY")


@dataclass(frozen=True)
class ReactionTray:
    """The six options beside a post's reaction button."""

    desk: Desk
    post: PostPage

    async def option(self, reaction: Reaction) -> Locator:
        """One option, in the tray that is open or is opened now.

        It is looked for in the whole page, as some makes draw the tray far from the post; the fuse lets
        nothing through that is another reaction or to another post.
        """
        rungs = self._rungs(reaction)
        if not any([await self.desk.tab.shows(rung) for rung in rungs]):
            await self._open(rungs)
        found = await first_of(self.desk, "reaction_option", rungs)
        if found is None:
            raise PageChanged("the tray of reactions", code="tray_not_found", control="reaction_option")
        return found.locator

    async def close(self) -> None:
        """Let it close by leaving it."""
        async with self.desk.tab.bounded("leaving the reactions"):
            await self.desk.tab.page.mouse.move(1, 1)

    def _rungs(self, reaction: Reaction) -> tuple[Locator, ...]:
        page, place = self.desk.tab.page, ORDER.index(reaction)
        not_own = f":not(.react-button__trigger):not([aria-pressed]):not({IN_COMMENT})"
        named = f"button:is({_labels(reaction)}){not_own}"
        of_six = f"button:nth-child({place + 1}):nth-last-child({len(ORDER) - place})"
        return (
            page.locator(f".reactions-menu--active {named}"),
            page.locator(named),
            page.locator(f":is(.reactions-menu--active, [popover]) {of_six}"),
        )

    async def _open(self, options: tuple[Locator, ...]) -> None:
        """Dwell on the button; where that opens nothing, its menu button does."""
        await self.desk.tab.hover(self.post.trigger, "the reaction button")
        if await self._appears(options):
            return
        menu = await self.post.menu()
        if menu is not None:
            await self.desk.tab.click(menu, "the reactions menu")
        if menu is None or not await self._appears(options):
            raise PageChanged("the tray of reactions", code="tray_not_found", control="reaction_tray")

    async def _appears(self, options: tuple[Locator, ...]) -> bool:
        one, *others = options
        for other in others:
            one = one.or_(other)
        try:
            await one.filter(visible=True).first.wait_for(timeout=DWELL_MS)
        except WaitedTooLong:
            return False
        return True


def _labels(reaction: Reaction) -> str:
    """`Celebrate` as the newer pages name an option, or `React Celebrate` in any language's sentence."""
    words = REACTIONS[reaction]
    names = [*words, *(sentence.format(word) for sentence in REACT_WITH for word in words)]
    either = dict.fromkeys(spelling for name in names for spelling in (name, name.replace("’", "'")))
    return ", ".join(f"[aria-label={css(name)}]" for name in either)
