"""How and when a worker is killed: at a named step of the protocol, or at any instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, Literal

Provider = Literal["direct", "browser"]

STEPS: Final[dict[Provider, tuple[str, ...]]] = {
    "direct": (
        "intended",
        "write_released",
        "write_under_way",
        "write_waiting",
        "write_answered",
        "accepted",
        "confirm",
        "confirmed",
        "recording",
        "recorded",
        "begun",
        "session_open",
        "identity",
        "prepared",
        "looked",
        "session_end",
        "not_seen",
        "read_back",
        "earlier_read_back",
    ),
    "browser": (
        "intended",
        "write_released",
        "write_answered",
        "accepted",
        "confirmed",
        "recording",
        "recorded",
        "begun",
        "session",
        "session_open",
        "prepared",
        "looked",
        "session_end",
        "read_back",
    ),
}
"""The steps an attempt goes through, those around the act first."""
EACH: Final = frozenset(
    {
        "begun",
        "session_open",
        "prepared",
        "looked",
        "intended",
        "write_released",
        "write_answered",
        "accepted",
        "confirmed",
        "recording",
        "recorded",
        "read_back",
    }
)
"""The steps of the protocol, at each of which a long run must have killed."""
INSTANT: Final = "instant"
STEP_SHARE: Final = 2 / 3
POSTGRES_EVERY: Final = 8  # every so many kills takes PostgreSQL with it
FAMILY_EVERY: Final = 2  # every so many kills takes the worker's Chromium with it at once


@dataclass(frozen=True)
class Death:
    """One kill: at the `nth` time the worker reaches `step`, or `after` seconds from when it is up."""

    step: str | None
    nth: int = 1
    after: float = 0.0
    postgres: bool = False
    family: bool = False
    impatient: bool = False
    """The worker looks only once for its effect, so that attempts end unproved and are read back."""


def plan(rng: Random, count: int, provider: Provider) -> list[Death]:
    """Every step in turn for two thirds of the kills, any instant for the others; in random order."""
    at_steps = round(count * STEP_SHARE)
    steps = STEPS[provider]
    deaths = [one(rng, number, steps) for number in range(at_steps)]
    deaths += [one(rng, number, ()) for number in range(at_steps, count)]
    rng.shuffle(deaths)
    return deaths


def one(rng: Random, number: int, steps: Sequence[str]) -> Death:
    """The `number`th kill of a plan."""
    step = steps[number % len(steps)] if steps else None
    return Death(
        step=step,
        nth=rng.choice((1, 1, 1, 2)),
        after=rng.uniform(0.0, 2.5),
        postgres=number % POSTGRES_EVERY == POSTGRES_EVERY // 2,
        family=number % FAMILY_EVERY == 0,
        impatient=step == "not_seen" or number % 5 == 0,
    )
