"""What follows from a failure: one pure table (DESIGN §4), so that policy is read in one place."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal

from overture.accounts import Cause
from overture.core.errors import (
    Failure,
    NeedsHuman,
    PageChanged,
    Restricted,
    Throttled,
    Transient,
    Uncertain,
)
from overture.core.reasons import Reason
from overture.runs.gate import KILL_SWITCH_LOOK


@dataclass(frozen=True)
class Again:
    """The same run tries again at `at`."""

    at: datetime
    reason: Reason


@dataclass(frozen=True)
class Over:
    """The run has failed for good."""


@dataclass(frozen=True)
class Stop:
    """The account stops until a person has dealt with it."""

    state: Literal["paused", "needs_attention"]
    reason: str


@dataclass(frozen=True)
class Reaction:
    """What happens to the run, its account, and the lane; `cause`: what it counts as for the breaker."""

    run: Again | Over
    account: Stop | None = None
    rest_until: datetime | None = None
    cause: Cause | None = None


@dataclass(frozen=True)
class Tries:
    """How often a run was tried, how often it may be, and the pause that doubles."""

    made: int
    allowed: int
    backoff: timedelta


def react(failure: Failure, tries: Tries, now: datetime, rng: Random) -> Reaction:
    """The reaction to a failure after which nothing was sent, for certain."""
    match failure:
        case Transient(code="kill_switch_on"):
            return Reaction(Again(now + KILL_SWITCH_LOOK, Reason.KILL_SWITCH))
        case Transient() if tries.made < tries.allowed:
            return Reaction(Again(now + pause(tries, rng), Reason.RETRY))
        case Throttled(until=until):
            until = max(until, now + tries.backoff)  # `Retry-After: 0` is no leave to ask again at once
            again = Again(until, Reason.PROVIDER_COOLDOWN)
            return Reaction(again, rest_until=until, cause=Cause.THROTTLED)
        case NeedsHuman(kind=kind):
            return Reaction(Over(), Stop("needs_attention", kind))
        case Restricted():
            return Reaction(Over(), Stop("paused", failure.code))
        case _:
            return Reaction(Over(), cause=blow_of(failure))


BLOWS: Final[Mapping[type[Failure], Cause]] = {
    Transient: Cause.TRANSIENT,
    PageChanged: Cause.PAGE_CHANGED,
    Uncertain: Cause.UNCERTAIN,
}
"""Failures for good that are the account's, not the target's, and what its breaker counts them as."""


OF_THE_NOTE: Final = frozenset({"note_quota", "note_not_possible"})
"""The service takes the invitation and not its note: tried again without it, and no fault of the account."""


def blow_of(failure: Failure) -> Cause | None:
    """What a failure counts as; a target's is none."""
    if failure.code in OF_THE_NOTE:
        return None
    return next((cause for kind, cause in BLOWS.items() if isinstance(failure, kind)), None)


def pause(tries: Tries, rng: Random) -> timedelta:
    """The backoff of this try, ± 20 % so that accounts do not retry in step."""
    doublings: int = 2 ** (tries.made - 1)
    return tries.backoff * doublings * rng.uniform(0.8, 1.2)
