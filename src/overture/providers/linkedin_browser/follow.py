"""Follow: by the member's own Follow, in their top card or behind More; never anybody else's."""

from datetime import datetime
from uuid import UUID

from playwright.async_api import Locator

from overture.core.errors import NotPossible, PageChanged, Transient
from overture.providers.linkedin_browser.controls import (
    OPEN_MENU,
    OVERFLOW,
    Control,
    css,
    find_top_card,
    first_of,
)
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile, resolve
from overture.providers.linkedin_browser.looks import keep_looking
from overture.providers.linkedin_browser.phrases import FOLLOW, exactly
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import accepted_value
from overture.providers.linkedin_browser.voyager.following import read_is_followed
from overture.touchpoints import Accepted, Evidence, Follow, Followed, Intent, LastLook, Outcome, ReadBack
from overture.touchpoints.profile import RelationshipState


@writes
class FollowWrite:
    """One follow under way."""

    def __init__(self, desk: Desk, touchpoint: Follow, token: UUID) -> None:
        self._desk = desk
        self._touchpoint = touchpoint
        self._token = token
        self._identity: Identity | None = None
        self._control: Control | None = None

    async def prepare(self) -> Outcome | None:
        """Resolve the member; unless they are followed already, find their own Follow."""
        self._identity, profile = await resolve(self._desk, self._touchpoint.target)
        if profile.relationship.state is RelationshipState.SELF:
            raise NotPossible("self", "this is the account's own profile")
        if await self._is_followed():
            return self._outcome(noop=True)
        await open_profile(self._desk, self._identity)
        self._control = await find_follow(self._desk, self._identity)
        if self._control is None:
            raise NotPossible("not_followable", "this member's page offers no Follow")
        return None

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to."""

    async def act(self, intent: Intent) -> Accepted:
        """Press Follow; LinkedIn's answer to the request it makes is the verdict."""
        identity, control = self._known(), self._control
        if control is None:
            raise PageChanged("a prepared follow", code="not_prepared")
        if self._desk.clock.now() >= intent.act_before:
            raise Transient("the time in which the act may begin had passed", code="act_window_passed")
        charge = Charge(
            "follow",
            identity.profile_id,
            identity.member_id,
            None,
            intent.token,
            release_before=intent.act_before,
        )
        answer = await self._desk.fuse.fire(charge, lambda: self._desk.tab.click(control.locator, "Follow"))
        accepted_value(self._desk, "follow", answer)
        return Accepted(Evidence("write_answer", {"status": answer.status}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """The following state as LinkedIn has it; never what the button says."""
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Nothing is open that could be left behind."""

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the member is followed now; who wanted that does not matter."""
        try:
            self._identity, _ = await resolve(self._desk, self._touchpoint.target)
        except NotPossible:
            return ReadBack("cannot_tell")
        seen = await self._seen()
        return ReadBack("found", *seen) if seen is not None else ReadBack("absent")

    def _known(self) -> Identity:
        if self._identity is None:
            raise PageChanged("a prepared follow", code="not_prepared")
        return self._identity

    async def _is_followed(self) -> bool:
        identity = self._known()
        return await read_is_followed(self._desk.client, identity.slug, identity.profile_id)

    async def _seen(self) -> tuple[Followed, Evidence] | None:
        if not await self._is_followed():
            return None
        return self._outcome(), Evidence("following_state", {"following": True})

    def _outcome(self, *, noop: bool = False) -> Followed:
        identity = self._known()
        return Followed(public_identifier=identity.slug, profile_id=identity.profile_id, noop=noop)


async def find_follow(desk: Desk, identity: Identity) -> Control | None:
    """Follow for this member: in the top card, or behind More; None when the page offers neither."""
    card = await find_top_card(desk, identity)
    shown = await first_of(desk, "follow", _rungs(card, identity))
    if shown is not None:
        return shown
    more = await first_of(desk, "more", (card.locator(OVERFLOW),))
    if more is None:
        return None
    await desk.tab.click(more.locator, "More")
    menu = desk.tab.page.locator(OPEN_MENU)
    async with desk.tab.bounded("opening the More menu"):
        await menu.filter(visible=True).first.wait_for()
    found = await first_of(desk, "follow_in_menu", _rungs(menu, identity))
    return Control(found.locator, found.rung + 2, is_in_menu=True) if found else None


def _rungs(scope: Locator, identity: Identity) -> tuple[Locator, ...]:
    """By the member's full name in the label, else by the bare word; `Following` is another word."""
    worded = exactly(FOLLOW)
    controls = 'button, [role="button"], [role="menuitem"]'
    named = scope.locator(f":is({controls}, [role='menuitem'] *)[aria-label*={css(identity.full_name)}]")
    return named.filter(has_text=worded), scope.locator(controls).filter(has_text=worded)
