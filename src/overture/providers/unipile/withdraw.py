"""Withdraw: take back an invitation that nobody has answered, by its number in the list of sent ones."""

from datetime import datetime
from uuid import UUID

from overture.core.errors import NotPossible, PageChanged
from overture.providers.unipile import client as api
from overture.providers.unipile.desk import Desk, ready
from overture.providers.unipile.member_write import MemberWrite
from overture.providers.unipile.registry import writes
from overture.providers.unipile.resolve import invitation_urn
from overture.touchpoints import (
    REINVITE_AFTER,
    Accepted,
    Evidence,
    Intent,
    Outcome,
    ReadBack,
    WithdrawInvite,
    Withdrawn,
)


@writes
class WithdrawWrite(MemberWrite[WithdrawInvite]):
    """One withdrawal under way."""

    def __init__(self, desk: Desk, touchpoint: WithdrawInvite, token: UUID) -> None:
        super().__init__(desk, touchpoint, token)
        self._invitation_id: str | None = None

    async def prepare(self) -> Outcome | None:
        """Find the open invitation; without one there is nothing to take back."""
        await self._meet()
        found = await self._standing()
        match found.standing:
            case api.Standing.CONNECTED:
                raise NotPossible(
                    "already_connected", "this member has accepted: there is nothing to withdraw"
                )
            case api.Standing.NONE:
                return self._outcome(noop=True)
            case api.Standing.PENDING if found.invitation is not None:
                self._invitation_id = found.invitation.id
                return None
        raise PageChanged("the invitation to this member", code="relationship_unknown")

    async def act(self, intent: Intent) -> Accepted:
        """Withdraw it; Unipile's answer is the verdict."""
        invitation_id, account = ready(self._invitation_id), self._desk.account
        withdraw = self._desk.client.invitations.withdraw
        await self._desk.fire(intent, "withdraw", lambda: withdraw(account, invitation_id))
        return Accepted(Evidence("write_answer", {"invitation_urn": invitation_urn(invitation_id)}))

    async def confirm(self, accepted: Accepted) -> tuple[Outcome, Evidence] | None:  # noqa: ARG002
        """Neither the list of sent invitations nor the profile has it any more."""
        return await self._desk.keep_looking(self._gone)

    async def read_back(self, token: UUID, intended_at: datetime) -> ReadBack:  # noqa: ARG002
        """Whether the invitation is still out. One that was accepted meanwhile was not withdrawn."""
        await self._meet()
        found = await self._standing()
        if found.standing is api.Standing.NONE:
            return ReadBack("found", self._outcome(), self._evidence())
        return ReadBack("cannot_tell" if found.standing is api.Standing.UNKNOWN else "absent")

    async def _gone(self) -> tuple[Outcome, Evidence] | None:
        is_gone = (await self._standing()).standing is api.Standing.NONE
        return (self._outcome(), self._evidence()) if is_gone else None

    async def _standing(self) -> api.Invited:
        return await self._desk.client.was_invited(self._desk.account, self._known().profile_id)

    def _evidence(self) -> Evidence:
        return Evidence("profile_and_sent_invitations", {"state": "none"})

    def _outcome(self, *, noop: bool = False) -> Withdrawn:
        identity = self._known()
        return Withdrawn(
            public_identifier=identity.slug,
            profile_id=identity.profile_id,
            invitation_urn=invitation_urn(self._invitation_id),
            noop=noop,
            reinvite_after=None if noop else self._desk.clock.now() + REINVITE_AFTER,
        )
