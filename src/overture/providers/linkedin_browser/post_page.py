"""A post's own page: that it is the one that was meant, and its controls, never a comment's or a counter."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from playwright.async_api import Locator
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.controls import css, drifted, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.phrases import (
    COMMENT,
    NO_REACTION,
    POST_GONE,
    REACT_WITH,
    REACTION_STATE,
    REACTIONS,
    REACTIONS_MENU,
    UNREACT,
)
from overture.touchpoints import Post, Reaction

MOUNT_MS: Final = 4000.0  # how long a page may take to draw the post
IN_COMMENT: Final = ':is(article, [data-id^="urn:li:comment"], [componentkey*="urn:li:comment"]) *'
STATED: Final = ", ".join(f"button[aria-label^={css(words)}]" for words in REACTION_STATE)
"""The newer pages' reaction button, by what its label says in every language."""
LABELLED: Final = ", ".join(
    f"button[aria-pressed][aria-label={css(sentence.format(word))}]"
    for sentences, reactions in ((REACT_WITH, ("LIKE",)), (UNREACT, tuple(REACTIONS)))
    for sentence in sentences
    for reaction in reactions
    for word in REACTIONS[reaction]
)
"""The older pages' button, by its whole label: those of comments say whose comment they are about."""
TRIGGER: Final = f":is(button.react-button__trigger, {STATED}, {LABELLED}):not({IN_COMMENT})"
NAMED_POSTS: Final = """() => {
  const main = document.querySelector('main, [role="main"]');
  const found = new Set();
  for (const node of main ? main.querySelectorAll('[data-urn], [componentkey]') : []) {
    const key = node.getAttribute('data-urn') ?? node.getAttribute('componentkey');
    const named = key.includes('urn:li:comment') ? null : key.match(/urn:li:activity:\\d+/);
    if (named) found.add(named[0]);
  }
  return [...found];
}"""
"""Run in the page: the posts it is about. Comments carry the post's URN too and are left out."""


@dataclass(frozen=True)
class PostPage:
    """The open page of one post."""

    desk: Desk
    urn: str
    """Its activity URN, whatever address led to it."""
    root: Locator
    """The post, with its comments; of several drawings the one that is to be seen."""

    @property
    def trigger(self) -> Locator:
        """The post's own reaction button."""
        return self.root.locator(TRIGGER).filter(visible=True).first

    @property
    def urns(self) -> frozenset[str]:
        """What a request about this post may call it."""
        return frozenset({self.urn})

    async def reaction(self) -> Reaction | None:
        """The account's reaction as the button states it."""
        async with self.desk.tab.bounded("reading the reaction button"):
            label = await self.trigger.get_attribute("aria-label") or ""
            pressed = await self.trigger.get_attribute("aria-pressed")
        if pressed == "false" or label.endswith(NO_REACTION):
            return None
        return stated(label)

    async def menu(self) -> Locator | None:
        """The button that opens the tray without a mouse, where there is one."""
        names = ", ".join(f"button[aria-label={css(words)}]" for words in REACTIONS_MENU)
        found = self.root.locator(f":is({names}):not({IN_COMMENT})")
        control = await first_of(self.desk, "reactions_menu", (found,))
        return control.locator if control else None

    async def opener(self) -> Locator | None:
        """The button that begins a comment; None where one may not comment."""
        names = ", ".join(f"button[aria-label={css(words)}]" for words in COMMENT)
        rungs = (
            self.root.locator(f":is({names}):not({IN_COMMENT})"),
            self.root.locator(f"button.comment-button:not({IN_COMMENT})"),
        )
        control = await first_of(self.desk, "comment_opener", rungs)
        return control.locator if control else None


def stated(label: str) -> Reaction:
    """The reaction a button's label names; the longest wording wins, as one may be part of another."""
    plain = label.replace("’", "'")
    found = [
        (len(words), reaction)
        for reaction, wordings in REACTIONS.items()
        for words in (wording.replace("’", "'") for wording in wordings)
        if re.search(rf"(?<!\w){re.escape(words)}(?!\w)", plain)
    ]
    if not found:
        raise PageChanged("the state of the reaction button", code="reaction_unknown", label=label[:80])
    reaction: Reaction = max(found)[1]  # type: ignore[assignment]  # the keys of REACTIONS are the six
    return reaction


async def open_post(desk: Desk, post: Post) -> PostPage:
    """Load the post's page and find the post on it; a deleted one is `post_unavailable`."""
    sight = await desk.open(post.path)
    if post.urn not in unquote(sight.path):
        raise NotPossible("post_unavailable", "the post's address leads elsewhere", path=sight.path)
    trigger = desk.tab.page.locator(f"main {TRIGGER}, [role=main] {TRIGGER}").filter(visible=True)
    gone = desk.tab.page.locator("main").get_by_text(_any_of(POST_GONE)).filter(visible=True)
    try:
        await trigger.or_(gone).first.wait_for(timeout=MOUNT_MS)
    except WaitedTooLong as error:
        raise drifted(desk, "the post", "post") from error
    if not await desk.tab.shows(trigger):
        raise NotPossible("post_unavailable", "LinkedIn says that this post cannot be displayed")
    urn = await _activity(desk, post)
    return PostPage(desk, urn, await _root(desk, urn))


async def _activity(desk: Desk, post: Post) -> str:
    """The activity URN of the post on the page: the one asked for, or the only one an alias led to."""
    named = await desk.tab.evaluate(NAMED_POSTS, None)
    urns = [str(urn) for urn in named] if isinstance(named, list) else []
    if post.urn in urns:
        return post.urn
    if not post.urn.startswith("urn:li:activity:") and len(urns) == 1:
        return urns[0]
    if post.urn.startswith("urn:li:activity:") and not urns:
        return post.urn  # nothing on the page carries a URN; its address does
    raise PageChanged("the post that was asked for", code="identity_mismatch")


async def _root(desk: Desk, urn: str) -> Locator:
    """The post's own part of the page, by its URN, else the one part with a reaction button."""
    page = desk.tab.page
    with_trigger = page.locator(TRIGGER)
    not_a_comment = ':not([componentkey*="urn:li:comment"])'
    rungs = (
        page.locator(f"[data-urn={css(urn)}]").filter(has=with_trigger),
        page.locator(f"[componentkey*={css(urn)}]{not_a_comment}").filter(has=with_trigger),
        page.locator('main :is([role="listitem"], [role="article"])').filter(has=with_trigger),
    )
    found = await first_of(desk, "post", rungs)
    if found is None:
        raise drifted(desk, "the post", "post")
    return found.locator


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(word) for word in words))
