"""`connect`: invite a member to connect, with or without a note."""

from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput
from overture.touchpoints.text import SentText

NOTE_LIMIT = 300  # the most any kind of LinkedIn account may write; the page's own limit is read live


class Invited(Outcome):
    """The invitation is pending, or the two were connected or invited before (`noop`)."""

    state: Literal["pending", "connected"]
    noop: bool = False
    invitation_urn: str | None = None
    note_sent: bool = False
    public_identifier: str
    profile_id: str | None = None
    warning: str | None = None


class Connect(TargetInput, Touchpoint):
    """Send an invitation to connect."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "invite"
    outcome: ClassVar[type[Outcome]] = Invited
    reaches_person: ClassVar[bool] = True

    type: Literal["connect"] = "connect"
    note: SentText | None = Field(
        default=None,
        max_length=NOTE_LIMIT,
        description="Personal note, sent exactly as given; none when absent.",
    )
