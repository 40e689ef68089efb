"""`check_connection`: read how the account stands with a member."""

from datetime import datetime
from typing import ClassVar, Literal

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput


class ConnectionState(Outcome):
    """The relationship as the service states it; `degree` None means it did not say."""

    state: Literal["self", "connected", "pending", "incoming", "none", "unknown"]
    degree: Literal[1, 2, 3, "out_of_network"] | None = None
    invitation_urn: str | None = None
    connected_at: datetime | None = None
    public_identifier: str
    profile_id: str | None = None
    member_id: int | None = None


class CheckConnection(TargetInput, Touchpoint):
    """Ask whether a member is connected, invited, or neither; nobody is notified."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "profile_read"
    outcome: ClassVar[type[Outcome]] = ConnectionState

    type: Literal["check_connection"] = "check_connection"
