"""`withdraw_invite`: take a pending invitation back."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Literal

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput

REINVITE_AFTER: Final = timedelta(days=21)
"""How long LinkedIn lets nobody invite the same member again; it tells no date."""


class Withdrawn(Outcome):
    """No invitation of ours is out (`noop`: none was); they cannot be invited again for about three weeks."""

    public_identifier: str
    profile_id: str | None = None
    invitation_urn: str | None = None
    noop: bool = False
    reinvite_after: datetime | None = None


class WithdrawInvite(TargetInput, Touchpoint):
    """Withdraw the invitation to a member; they are not told."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "withdraw"
    outcome: ClassVar[type[Outcome]] = Withdrawn

    type: Literal["withdraw_invite"] = "withdraw_invite"
