"""React: put a reaction on a post, or change it, by the tray; the button itself would take one away."""

from datetime import datetime
from typing import get_args
from uuid import UUID

from playwright.async_api import Locator

from overture.core.errors import Transient
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.looks import keep_looking
from overture.providers.linkedin_browser.member_write import ready
from overture.providers.linkedin_browser.post_page import PostPage, open_post
from overture.providers.linkedin_browser.reaction_tray import ReactionTray
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import carried_out
from overture.providers.linkedin_browser.voyager.posts import SITE_NAMES, read_own_reaction
from overture.touchpoints import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    Outcome,
    React,
    Reacted,
    Reaction,
    ReadBack,
    offered,
)


@writes
class ReactWrite:
    """One reaction under way."""

    def __init__(self, desk: Desk, touchpoint: React, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._post: PostPage | None = None
        self._tray: ReactionTray | None = None
        self._before: Reaction | None = None

    async def prepare(self) -> Outcome | None:
        """See how the account reacts now; unless it is so already, open the tray up to the option."""
        wanted = offered(self._touchpoint.reaction)
        self._post = post = await open_post(self._desk, self._touchpoint.post)
        self._before = await self._state(post)
        self._desk.trace.step("reaction_state", reaction=self._before)
        if self._before == wanted:
            return self._outcome(post, noop=True)
        self._tray = ReactionTray(self._desk, post)
        await self._tray.option(wanted)
        return None

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to."""

    async def act(self, intent: Intent) -> Accepted:
        """Press the option; LinkedIn's answer to the request it makes is the verdict."""
        post, tray, wanted = ready(self._post), ready(self._tray), offered(self._touchpoint.reaction)
        charge = Charge(
            "reaction",
            profile_id="",
            member_id=None,
            text=None,
            token=intent.token,
            release_before=intent.act_before,
            thread_urns=post.urns,
            reaction=SITE_NAMES[wanted],
        )
        option = await tray.option(wanted)  # it closes by itself when the pointer leaves it
        return await carried_out(self._desk, charge, lambda: self._press(option), reaction=wanted)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """The reaction as the list of reactions or the page, loaded anew, shows it."""
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Leave the tray; nothing was chosen."""
        if self._tray is not None:
            await self._desk.tidy(self._tray.close)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the post carries the reaction; another one, or none, means this one never arrived."""
        self._post = await open_post(self._desk, self._touchpoint.post)
        seen = await self._seen()
        return ReadBack("found", *seen) if seen is not None else ReadBack("absent")

    async def _state(self, post: PostPage) -> Reaction | None:
        """The list of reactions says it for certain if it holds us or everybody; else the button does."""
        own = await read_own_reaction(self._desk.client, post.urn, self._desk.me)
        if own.reaction is not None:
            return _known(own.reaction)
        on_page = await post.reaction()
        if own.is_complete and on_page is not None:
            # One of the two is late, and choosing would be guessing.
            raise Transient("page and list disagree about the account's reaction", code="state_unclear")
        return on_page

    async def _seen(self) -> tuple[Reacted, Evidence] | None:
        post, wanted = ready(self._post), offered(self._touchpoint.reaction)
        own = await read_own_reaction(self._desk.client, post.urn, self._desk.me)
        if own.reaction == wanted:
            return self._outcome(post), Evidence("reactions", {"reaction": wanted, "post_urn": post.urn})
        if own.is_complete:
            return None
        self._post = post = await open_post(self._desk, self._touchpoint.post)  # many reacted: ask the page
        if await post.reaction() != wanted:
            return None
        return self._outcome(post), Evidence("post_page", {"reaction": wanted, "post_urn": post.urn})

    async def _press(self, option: Locator) -> None:
        await self._desk.tab.click(option, "the reaction")

    def _outcome(self, post: PostPage, *, noop: bool = False) -> Reacted:
        return Reacted(
            post_urn=post.urn,
            reaction=offered(self._touchpoint.reaction),
            replaced=None if noop else self._before,
            noop=noop,
        )


def _known(reaction: str) -> Reaction | None:
    return next((one for one in get_args(Reaction) if one == reaction), None)
