"""What a scenario is, and what is known of it once it was played."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

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


def scenario(number: int, name: str, *, site: str, required: str) -> Callable[[Play], Scenario]:
    """Turn the function that plays it into a scenario."""

    def made(play: Play) -> Scenario:
        return Scenario(number, name, site, required, play)

    return made
