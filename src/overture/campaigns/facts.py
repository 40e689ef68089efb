"""What deciding looks at and what it says: one enrollment's facts, and the four decisions. Plain data."""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, Literal

TouchState = Literal["submitted", "delivered", "noop", "failed", "unknown", "cancelled"]
RelationshipState = Literal["none", "invited", "incoming", "connected", "withdrawn", "removed", "lapsed"]

ARRIVED: Final = ("delivered", "noop")
"""States of a touch that did its work (`noop`: the world was already so)."""
UNDER_WAY: Final = ("submitted", "unknown")
"""States of a touch whose end is still to come."""


@dataclass(frozen=True)
class TouchFact:
    """One act of the enrollment, as its row says; `round` and `fallback` are those of the `Do` it came from.

    Of an `unknown` one, `code` is `outcome_unknown` once only a person can tell. A `cancelled` one that is
    `retryable` was taken back by us and is planned again; any other was called off by a person: the step is
    passed over.
    """

    step: str
    round: int
    fallback: int
    state: TouchState
    code: str | None = None
    retryable: bool = False
    """Of a failure: whether the same may be tried again (the service was busy), or it is definitive."""
    planned_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class RelationshipFact:
    """What the enrollment's account and its lead are to each other, and since when."""

    state: RelationshipState
    since: datetime
    seen_at: datetime | None = None
    """When somebody last looked; None: nobody has since it came to be so."""


@dataclass
class Facts:
    """Everything that decides what comes next for one enrollment.

    Nobody changes them once they are gathered. They are not frozen all the same: they are gathered for every
    decision, and that would cost three times as much.

    `step` None: it has not begun. `entered_at`, `round` and `fallback` are as the last `Goto` gave them
    (`went` below): `round` is the first of this visit of the step, and is *not* raised by a retry.
    """

    enrolled_at: datetime
    step: str | None = None
    entered_at: datetime | None = None
    round: int = 0
    fallback: int = 0
    """The first way of the step that may be used; more than 0 only when a person skipped ways."""
    touches: tuple[TouchFact, ...] = ()
    relationship: RelationshipFact | None = None
    leaves_connections: bool = False
    """Whether the campaign leaves those alone whom its account was connected with already."""
    closing_look_until: datetime | None = None
    """Until when the answer of the closing look at an invitation is awaited; None: it was not made."""
    replied_at: datetime | None = None
    auto_reply_until: datetime | None = None
    opted_out_at: datetime | None = None
    bounced_at: datetime | None = None
    """When their e-mail address was found not to exist; the other channels go on."""
    declined_at: datetime | None = None
    manual_contact_at: datetime | None = None
    opened: Mapping[str, datetime] = field(default_factory=dict)
    """By step, when its e-mail was first opened."""
    keys: frozenset[str] = frozenset()
    """Kinds of identity the lead has (`email`, `linkedin`, …), and `website`, `phone` when known."""
    fields: Mapping[str, object] = field(default_factory=dict)
    """The lead's fields by the names templates use: `company`, `custom.size`, …"""
    score: float | None = None
    zone: str = "UTC"
    """Whose wall clock working days and holidays are counted by."""
    holidays: frozenset[date] = frozenset()


@dataclass(frozen=True)
class Do:
    """Submit this way of this step; its time has come (never before `not_before`)."""

    step: str
    fallback: int
    round: int
    not_before: datetime


@dataclass(frozen=True)
class Wait:
    """Nothing now: look again at `until` (None: only when somebody changes something), for `reason`."""

    until: datetime | None
    reason: str
    detail: str | None = None
    is_closing_look: bool = False
    """Whether a closing look at the invitation says how it goes on: it is to be made now, if it was not."""


@dataclass(frozen=True)
class Goto:
    """It stands at this step from `entered_at` on; decide again."""

    step: str
    why: str
    round: int
    entered_at: datetime


@dataclass(frozen=True)
class Finish:
    """It is over, for `reason`."""

    reason: str
    detail: str | None = None


Decision = Do | Wait | Goto | Finish


def went(facts: Facts, goto: Goto) -> Facts:
    """The facts after a Goto: what the enrollment's row says from then on."""
    there = copy(facts)
    there.step, there.entered_at = goto.step, goto.entered_at
    there.round, there.fallback, there.closing_look_until = goto.round, 0, None
    return there
