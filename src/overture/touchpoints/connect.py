"""`connect`: invite a member to connect, with or without a note."""

from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput
from overture.touchpoints.text import SentText

NOTE_LIMIT = 300  # the most any kind of LinkedIn account may write; the page's own limit is read live


class Invited(Outcome):
    """The invitation is pending, or the two are connected: before (`noop`), or by accepting theirs."""

    state: Literal["pending", "connected"]
    noop: bool = False
    invitation_urn: str | None = None
    note_sent: bool | None = Field(
        default=False,
        description="Whether a note went along; null when the answer was lost and no read tells.",
    )
    note_dropped: bool = Field(
        default=False, description="A note was given, and it is certain that it did not go along."
    )
    public_identifier: str
    profile_id: str | None = None
    warning: Literal["close_to_limit", "growing_network"] | None = Field(
        default=None, description="What LinkedIn remarked after the invitation was sent."
    )


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
    on_note_refused: Literal["refuse", "send_without"] = Field(
        default="refuse",
        description="When LinkedIn lets no note go along (its monthly quota is used up, or Connect sends at "
        "once): fail with nothing sent, or send the invitation without it.",
    )
    on_incoming: Literal["refuse", "accept"] = Field(
        default="refuse",
        description="When the member has invited the account already: fail, or accept their invitation.",
    )
