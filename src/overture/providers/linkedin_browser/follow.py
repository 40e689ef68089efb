"""Follow: by the member's own Follow, in their top card or behind More; never anybody else's."""

from datetime import datetime
from uuid import UUID

from overture.core.errors import NotPossible
from overture.providers.linkedin_browser.controls import Control, find_follow
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import open_profile
from overture.providers.linkedin_browser.looks import keep_looking
from overture.providers.linkedin_browser.member_write import MemberWrite, ready
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import carried_out
from overture.providers.linkedin_browser.voyager.following import read_is_followed
from overture.touchpoints import Accepted, Evidence, Follow, Followed, Intent, LastLook, Outcome, ReadBack


@writes
class FollowWrite(MemberWrite[Follow]):
    """One follow under way."""

    on_page = ("follow_control",)

    def __init__(self, desk: Desk, touchpoint: Follow, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._control: Control | None = None

    async def _ask(self) -> Outcome | None:
        """Whom one follows already one need not follow."""
        await self._meet()
        return self._outcome(noop=True) if await self._is_followed() else None

    async def _open(self) -> None:
        """Find the member's own Follow."""
        identity = self._known()
        await open_profile(self._desk, identity)
        self._control = await find_follow(self._desk, identity)
        if self._control is None:
            raise NotPossible("not_followable", "this member's page offers no Follow")

    async def last_look(self, look: LastLook) -> None:
        """Nobody is written to."""

    async def act(self, intent: Intent) -> Accepted:
        """Press Follow; LinkedIn's answer to the request it makes is the verdict."""
        identity, control = self._known(), ready(self._control)
        charge = Charge(
            "follow",
            identity.profile_id,
            identity.member_id,
            None,
            intent.token,
            release_before=intent.act_before,
        )
        return await carried_out(self._desk, charge, lambda: self._desk.tab.click(control.locator, "Follow"))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """The following state as LinkedIn has it; never what the button says."""
        return await keep_looking(self._desk, self._seen)

    async def abandon(self) -> None:
        """Nothing is open that could be left behind."""

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the member is followed now; who wanted that does not matter."""
        await self._meet()
        seen = await self._seen()
        return ReadBack("found", *seen) if seen is not None else ReadBack("absent")

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
