"""What a scenario is, and what is known of it once it was played."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

import overture_sandbox.scenarios

from .stage import Stage

Variant = Literal["A", "B"]
VARIANTS: Final[tuple[Variant, ...]] = ("A", "B")
Play = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Scenario:
    """One behaviour of the site and the report it requires."""

    number: int
    name: str
    site: str
    required: str
    play: Play
    variants: tuple[Variant, ...] = VARIANTS


@dataclass(frozen=True)
class Row:
    """One scenario on one kind of page: what was reported, what was true, and where they part ways."""

    scenario: Scenario
    variant: Variant
    reported: str
    truth: str
    differences: tuple[str, ...]
    false_successes: int
    seconds: float

    @property
    def agrees(self) -> bool:
        """Report, ledger and requirement are one."""
        return not self.differences and not self.false_successes


def plays(name: str, *, variants: tuple[Variant, ...] = VARIANTS) -> Callable[[Play], Scenario]:
    """Turn the function into the play of the scenario the sandbox arranges under this name."""
    arranged = overture_sandbox.scenarios.SCENARIOS[name]

    def made(play: Play) -> Scenario:
        return Scenario(arranged.number, name, arranged.site, arranged.required, play, variants=variants)

    return made
