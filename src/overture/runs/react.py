"""What follows from a failure: one pure table (DESIGN §4), so that policy is read in one place."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

from overture.core.errors import Failure, NeedsHuman, Restricted, Throttled, Transient
from overture.core.reasons import Reason


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
    """What happens to the run, its account, and the lane."""

    run: Again | Over
    account: Stop | None = None
    rest_until: datetime | None = None


@dataclass(frozen=True)
class Tries:
    """How often a run was tried, how often it may be, and the pause that doubles."""

    made: int
    allowed: int
    backoff: timedelta


def react(failure: Failure, tries: Tries, now: datetime, rng: Random) -> Reaction:
    """The reaction to a failure after which nothing was sent, for certain."""
    match failure:
        case Transient() if tries.made < tries.allowed:
            return Reaction(Again(now + pause(tries, rng), Reason.RETRY))
        case Throttled(until=until):
            return Reaction(Again(until, Reason.PROVIDER_COOLDOWN), rest_until=until)
        case NeedsHuman(kind=kind):
            return Reaction(Over(), Stop("needs_attention", kind))
        case Restricted():
            return Reaction(Over(), Stop("paused", failure.code))
        case _:
            return Reaction(Over())


def pause(tries: Tries, rng: Random) -> timedelta:
    """The backoff of this try, ± 20 % so that accounts do not retry in step."""
    doublings: int = 2 ** (tries.made - 1)
    return tries.backoff * doublings * rng.uniform(0.8, 1.2)
