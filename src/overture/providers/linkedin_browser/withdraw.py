"""Withdraw: take back an invitation that nobody has answered, by LinkedIn's own control and its question."""

from datetime import datetime
from typing import Final
from uuid import UUID

from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import NotPossible, PageChanged
from overture.providers.linkedin_browser.controls import Control, css, drifted, find_top_card, first_of
from overture.providers.linkedin_browser.desk import Desk
from overture.providers.linkedin_browser.fuse_rules import Charge
from overture.providers.linkedin_browser.identity import Identity, open_profile
from overture.providers.linkedin_browser.looks import keep_looking
from overture.providers.linkedin_browser.member_write import MemberWrite, ready
from overture.providers.linkedin_browser.phrases import PENDING, WITHDRAW, exactly
from overture.providers.linkedin_browser.registry import writes
from overture.providers.linkedin_browser.verdict import carried_out
from overture.providers.linkedin_browser.voyager.members import read_sent_invitations
from overture.touchpoints import (
    REINVITE_AFTER,
    Accepted,
    Evidence,
    Intent,
    LastLook,
    Outcome,
    ReadBack,
    WithdrawInvite,
    Withdrawn,
)
from overture.touchpoints.profile import Profile, RelationshipState

SENT_PAGE: Final = "/mynetwork/invitation-manager/sent/"
DIALOG: Final = ':is([role="dialog"], [role="alertdialog"], dialog[open])'
LIGHT_DIALOG: Final = '[data-sdui-screen$="WithdrawConfirmationDialog"]'
"""The newer pages ask in the page itself, without the role of a dialog."""
OUTSIDE_MAIN: Final = "body > :not(:has(main))"
STEP_MS: Final = 300.0  # between two looks while the question appears


@writes
class WithdrawWrite(MemberWrite[WithdrawInvite]):
    """One withdrawal under way."""

    on_page = ("withdraw_control",)

    def __init__(self, desk: Desk, touchpoint: WithdrawInvite, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._urn: str | None = None
        self._last: Control | None = None

    async def _ask(self) -> Outcome | None:
        """Find the open invitation; without one there is nothing to take back."""
        self._urn = await self._open_invitation(await self._meet())
        return self._outcome(noop=True) if self._urn is None else None

    async def _open(self) -> None:
        """Bring the withdrawal up to the button that confirms it."""
        identity = self._known()
        await self._press(await self._pending(identity))
        confirming = await self._question(identity)
        if confirming is None:
            self._desk.trace.step("withdraws_at_once")
            confirming = await self._pending(identity)
        self._last = confirming

    async def last_look(self, look: LastLook) -> None:
        """Nothing to look at: nobody is written to."""

    async def act(self, intent: Intent) -> Accepted:
        """Confirm; LinkedIn's answer to the request it makes is the verdict."""
        identity, last, urn = self._known(), ready(self._last), ready(self._urn)
        charge = Charge(
            "withdraw",
            identity.profile_id,
            identity.member_id,
            None,
            intent.token,
            release_before=intent.act_before,
            invitation_id=urn.rpartition(":")[2],
        )
        return await carried_out(self._desk, charge, lambda: self._press(last), invitation_urn=urn)

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """Neither the profile nor the list of sent invitations has it any more."""
        return await keep_looking(self._desk, self._gone)

    async def abandon(self) -> None:
        """Leave the question unanswered."""
        if self._last is not None:
            await self._desk.tidy(self._leave)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the invitation is still out. One that was accepted meanwhile was not withdrawn."""
        profile = await self._meet()
        seen = await self._gone_from(profile)
        if seen is not None:
            return ReadBack("found", *seen)
        is_there = profile.relationship.state in (RelationshipState.PENDING, RelationshipState.CONNECTED)
        return ReadBack("absent" if is_there else "cannot_tell")

    async def _open_invitation(self, profile: Profile) -> str | None:
        """The URN of the account's open invitation; None when nothing is out, for certain."""
        match profile.relationship.state:
            case RelationshipState.CONNECTED:
                raise NotPossible(
                    "already_connected", "this member has accepted: there is nothing to withdraw"
                )
            case RelationshipState.PENDING if profile.relationship.invitation_urn is not None:
                return profile.relationship.invitation_urn
            case state:
                identity, sent = self._known(), await read_sent_invitations(self._desk.client)
                found = sent.to(identity.profile_id, identity.member_id)
                if found is None and state in (RelationshipState.UNKNOWN, RelationshipState.PENDING):
                    raise PageChanged("the invitation to this member", code="relationship_unknown")
                return found.urn if found else None

    async def _pending(self, identity: Identity) -> Control:
        """The control that begins a withdrawal: on the member's page, else in the sent list."""
        await open_profile(self._desk, identity)
        card = await find_top_card(self._desk, identity)
        name, path = css(identity.full_name), css(identity.path)
        labelled = card.locator(f"button[aria-label*={name}], a[aria-label*={name}]")
        anchor = card.locator(f"a[aria-label*={name}][href$={path}]:has(span)")
        found = await first_of(
            self._desk, "pending", (labelled.filter(has_text=exactly(PENDING)), anchor)
        ) or await self._listed(identity)
        if found is None:
            raise drifted(self._desk, "Pending on the member's page", "pending")
        return found

    async def _listed(self, identity: Identity) -> Control | None:
        """Withdraw in the member's row of the list of sent invitations."""
        await self._desk.open(SENT_PAGE)
        own = self._desk.tab.page.locator(f"a[href$={css(identity.path)}]")
        row = self._desk.tab.page.locator('main :is(li, [role="listitem"])').filter(has=own)
        named = row.locator(f":is(button, a)[aria-label*={css(identity.full_name)}]")
        return await first_of(
            self._desk, "withdraw_in_list", (named.filter(has_text=exactly(WITHDRAW)), named)
        )

    async def _question(self, identity: Identity) -> Control | None:
        """The button that confirms; None when the first click was to withdraw, and was stopped."""
        page, name = self._desk.tab.page, css(identity.full_name)
        rungs = (
            page.locator(f"{LIGHT_DIALOG} button[aria-label*={name}]"),
            page.locator(f"{DIALOG} button").filter(has_text=exactly(WITHDRAW)),
            page.locator(f"{OUTSIDE_MAIN} button[aria-label*={name}]").filter(has_text=exactly(WITHDRAW)),
        )
        shown = rungs[0].or_(rungs[1]).or_(rungs[2]).filter(visible=True).first
        waited = 0.0
        while waited < self._desk.tab.milliseconds:
            try:
                await shown.wait_for(timeout=STEP_MS)
            except WaitedTooLong:
                waited += STEP_MS
                if any(write.kind == "withdraw" for write in self._desk.fuse.blocked):
                    return None
                continue
            return await first_of(self._desk, "withdraw_confirm", rungs)
        raise PageChanged(
            "the button that confirms the withdrawal", code="confirm_missing", control="withdraw_confirm"
        )

    async def _press(self, control: Control) -> None:
        await self._desk.tab.click(control.locator, "the button")

    async def _leave(self) -> None:
        await self._desk.tab.page.keyboard.press("Escape")

    async def _gone(self) -> tuple[Outcome, Evidence] | None:
        profile = await self._meet()
        return await self._gone_from(profile)

    async def _gone_from(self, profile: Profile) -> tuple[Outcome, Evidence] | None:
        """What shows that no invitation of the account is out: two reads that agree."""
        identity = self._known()
        if profile.relationship.state not in (RelationshipState.NONE, RelationshipState.INCOMING):
            return None
        sent = await read_sent_invitations(self._desk.client)
        if sent.to(identity.profile_id, identity.member_id) is not None:
            return None
        facts = {"state": profile.relationship.state, "sent_invitations": len(sent.items)}
        return self._outcome(), Evidence("profile_and_sent_invitations", facts)

    def _outcome(self, *, noop: bool = False) -> Withdrawn:
        identity = self._known()
        return Withdrawn(
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
            invitation_urn=self._urn,
            noop=noop,
            reinvite_after=None if noop else self._desk.clock.now() + REINVITE_AFTER,
        )
