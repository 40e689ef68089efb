"""The box a comment is written in: mounted by the post's own Comment, filled, read back, emptied."""

from dataclasses import dataclass
from typing import Final

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.controls import first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.editor import Editor
from overture.providers.linkedin_browser.phrases import COMMENT, COMMENTS_CONNECTIONS_ONLY, exactly
from overture.providers.linkedin_browser.post_page import IN_COMMENT, TRIGGER, PostPage
from overture.providers.linkedin_browser.text import units

EDITOR: Final = f'[role="textbox"][contenteditable="true"]:not({IN_COMMENT})'
MOUNT_MS: Final = 5000.0  # editors are loaded when they are asked for
WAKE_MS: Final = 6000.0  # how long the button that posts may take to notice the text


@dataclass(frozen=True)
class CommentBox:
    """The open box under one post."""

    desk: Desk
    post: PostPage

    async def write(self, text: str) -> None:
        """Put exactly this text in, so that the button beside it notices."""
        await self._has_room(text)
        await self._text.write(text)
        await self._wakes_submit()

    async def clear(self) -> None:
        """Leave no draft."""
        await self._text.clear()

    async def submit(self) -> None:
        """Press the button beside the editor; the post's own Comment has the same name."""
        found = await first_of(self.desk, "comment_submit", self._submits())
        if found is None:
            raise PageChanged(
                "the button that posts the comment", code="send_disabled", control="comment_submit"
            )
        await self.desk.tab.click(found.locator, "the button that posts the comment")

    @property
    def _text(self) -> Editor:
        box = self.post.root.locator(EDITOR).filter(visible=True).first
        return Editor(self.desk, box, "comment box", "comment_box")

    def _submits(self) -> tuple[Locator, ...]:
        """By the form's own button, else by wording in the smallest part that holds editor and button.

        Until the page has noticed the text, that part is the whole post and the button the one that opens
        the box: it has the same name. So the part must not reach up to the post's own reaction button.
        """
        page = self.desk.tab.page
        form = self.post.root.locator("form").filter(has=page.locator(EDITOR))
        worded = page.locator("button:enabled").filter(has_text=exactly(COMMENT))
        around = self._text.box.locator("xpath=ancestor::*").filter(has=worded).last
        return (
            form.locator('button[type="submit"]:enabled'),
            around.filter(has_not=page.locator(TRIGGER)).locator(worded),
        )

    async def _has_room(self, text: str) -> None:
        """The editor's own limit, where it tells one; it counts as browsers do."""
        async with self.desk.tab.bounded("reading the comment's limit"):
            limit = await self._text.box.get_attribute("maxlength") or ""
        if limit.isdigit() and units(text) > int(limit):
            raise NotPossible(
                "comment_too_long", f"LinkedIn takes comments of {limit} characters", limit=int(limit)
            )

    async def _wakes_submit(self) -> None:
        """The button is there only while there is text, and may sleep for a while."""
        by_form, by_wording = self._submits()
        try:
            await by_form.or_(by_wording).filter(visible=True).first.wait_for(timeout=WAKE_MS)
        except WaitedTooLong as error:
            await self.clear()
            raise PageChanged(
                "an enabled button that posts the comment", code="send_disabled", control="comment_submit"
            ) from error


async def open_comment_box(desk: Desk, post: PostPage) -> CommentBox:
    """Press the post's Comment and wait for the editor; without that button one may not comment."""
    opener = await post.opener()
    if opener is None:
        raise await _closed(desk, post)
    await desk.tab.click(opener, "Comment")
    try:
        await post.root.locator(EDITOR).filter(visible=True).first.wait_for(timeout=MOUNT_MS)
    except WaitedTooLong as error:
        raise PageChanged("the comment box", code="composer_missing", control="comment_box") from error
    return CommentBox(desk, post)


async def _closed(desk: Desk, post: PostPage) -> NotPossible:
    """Why there is no Comment: the page says so to those who are no connections of the author."""
    async with desk.tab.bounded("reading the post"):
        text = await post.root.inner_text()
    if any(words in text for words in COMMENTS_CONNECTIONS_ONLY):
        return NotPossible(
            "comments_connections_only", "only the author's connections may comment on this post"
        )
    return NotPossible("comments_disabled", "the author lets nobody comment on this post")
