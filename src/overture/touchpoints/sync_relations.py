"""`sync_relations`: read the account's connections, newest first, and who has not answered an invitation."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.core.instants import Instant
from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint

RelationsEnd = Literal["end", "since", "limit", "time", "repeated", "shifted", "short"]
"""Why reading stopped: `end` of the list; at `since`; at `limit`; out of `time`; the list `repeated` itself,
kept being `shifted` by removals, or was `short` of its own total."""


class Relation(BaseModel):
    """One connection of the account."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile_id: str
    public_identifier: str | None = None
    member_id: int | None = None
    full_name: str | None = None
    headline: str | None = None
    connected_at: datetime | None = None


class PendingInvitation(BaseModel):
    """A member who has not answered the account's invitation."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profile_id: str | None = None
    public_identifier: str | None = None
    member_id: int | None = None


class SentInvitations(BaseModel):
    """The account's list of sent invitations, as it stood just before the connections were read.

    `complete`: these are all, and of each is known whose it is. Whoever is on a list that is not complete is
    not told of.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    items: list[PendingInvitation]
    complete: bool
    read_at: datetime
    """When the reading of the list began."""


class RelationsRead(Outcome):
    """Connections newest first, and how far the reading came.

    `complete`: nothing asked for is missing, the list was read to its end or to `since`. When it is false,
    `ended_by` says why, and `next_start` where to go on (None when going on would not help).
    """

    relations: list[Relation]
    total: int | None = None
    complete: bool
    ended_by: RelationsEnd
    next_start: int | None = None
    unreadable: int = 0
    """Rows without a member behind them; they make the reading incomplete."""
    pages: int | None = None
    """How many answers it took, where they are counted."""
    invitations: SentInvitations | None = None
    """With `with_invitations`: read before the connections, so whoever accepts in between is in both."""


class SyncRelations(Touchpoint):
    """Read connections, from the newest back to `since` or to `limit`, and perhaps the list of invitations
    nobody has answered; nobody is notified.
    """

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "sync"
    outcome: ClassVar[type[Outcome]] = RelationsRead

    type: Literal["sync_relations"] = "sync_relations"
    since: Instant | None = Field(default=None, description="Stop at connections older than this.")
    limit: int = Field(default=1000, strict=True, ge=1, le=30_000, description="The most to read.")
    start: int = Field(
        default=0, strict=True, ge=0, le=30_000, description="Where to go on, from `next_start`."
    )
    with_invitations: bool = Field(
        default=False,
        strict=True,
        description="Read the list of sent invitations first: who has not answered yet.",
    )
