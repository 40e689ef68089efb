"""`check_connection`: read how the account stands with a member."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput


class ConnectionState(Outcome):
    """The relationship as the service states it; `degree` None means it did not say.

    `source`: the service's JSON, or the member's page when the JSON says nothing and `may_visit` allows it.
    """

    state: Literal["self", "connected", "pending", "incoming", "none", "unknown"]
    degree: Literal[1, 2, 3, "out_of_network"] | None = None
    invitation_urn: str | None = None
    connected_at: datetime | None = None
    public_identifier: str
    profile_id: str | None = None
    member_id: int | None = None
    source: Literal["api", "page"] = "api"

    @property
    def was_seen(self) -> bool:
        """Only whose page was opened may have noticed."""
        return self.source == "page"


class CheckConnection(TargetInput, Touchpoint):
    """Ask whether a member is connected, invited, or neither; nobody is notified unless `may_visit`."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "profile_read"
    outcome: ClassVar[type[Outcome]] = ConnectionState

    type: Literal["check_connection"] = "check_connection"
    may_visit: bool = Field(
        default=False,
        strict=True,
        description="Open the member's page when the JSON does not say; its owner may be told of the visit.",
    )

    @property
    def acts_as(self) -> Reversibility:
        """Whoever may visit does what a visit does."""
        return "repeatable" if self.may_visit else "read"

    @property
    def counts_as(self) -> Category:
        """A visit, if it may come to one."""
        return "visit" if self.may_visit else "profile_read"
