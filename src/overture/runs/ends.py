"""How an attempt can end: plain values that `record` turns into one transaction."""

from dataclasses import dataclass, field

from overture.core.errors import Failure
from overture.runs.gate import Never, Wait
from overture.touchpoints import Evidence, Outcome, Snapshot


@dataclass(frozen=True)
class Done:
    """It came about, or was so already; proved by evidence when it was a write."""

    result: dict[str, object]
    evidence: tuple[Evidence, ...] = ()
    acted: bool = False
    """Whether this attempt (or an earlier one, now found) changed the world."""


@dataclass(frozen=True)
class Failed:
    """It did not come about, and nothing was sent: certain."""

    failure: Failure
    after_intent: bool = False


@dataclass(frozen=True)
class Unknown:
    """It may have come about; only reading back can tell."""

    code: str
    message: str
    evidence: tuple[Evidence, ...] = ()
    failure: Failure | None = None
    """What went wrong, when that also concerns the account."""


@dataclass(frozen=True)
class NotNow:
    """The gate closed before the act; the run waits or ends."""

    passage: Wait | Never


@dataclass(frozen=True)
class Cancelled:
    """The client cancelled before the act."""


@dataclass(frozen=True)
class Absent:
    """Read back: provably not there."""


@dataclass(frozen=True)
class CannotTell:
    """Read back: the channel does not show it either way."""


@dataclass(frozen=True)
class Bug:
    """An error nobody foresaw, before the act."""

    message: str
    traceback: str


End = Done | Failed | Unknown | NotNow | Cancelled | Absent | CannotTell | Bug


@dataclass
class Left:
    """What an attempt leaves beside its end."""

    session: bytes | None = None
    entered: bool = False
    """Whether the account was logged in, so that whatever was asked of its owner has been passed."""
    snapshot: Snapshot | None = None
    traceback: str | None = None
    steps: list[dict[str, object]] = field(default_factory=list)


def done(outcome: Outcome, *evidence: Evidence, acted: bool = False) -> Done:
    """The end of an attempt that succeeded."""
    return Done(outcome.model_dump(mode="json"), evidence, acted)
