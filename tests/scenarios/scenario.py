"""What a scenario is, and what is known of it once it was played."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Literal

import overture_sandbox.scenarios

from .stage import Json, Stage

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
    only: tuple[Variant, str] | None = None
    """The one kind of page it exists on, and why not on the other."""

    @property
    def variants(self) -> tuple[Variant, ...]:
        """The kinds of page it is played on."""
        return (self.only[0],) if self.only else VARIANTS


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


def plays(name: str, *, only: tuple[Variant, str] | None = None) -> Callable[[Play], Scenario]:
    """Turn the function into the play of the scenario the sandbox arranges under this name."""
    arranged = overture_sandbox.scenarios.SCENARIOS[name]

    def made(play: Play) -> Scenario:
        return Scenario(arranged.number, name, arranged.site, arranged.required, play, only)

    return made


def fails(name: str, code: str, act: Callable[[Stage], Awaitable[Json]], *, effect: str = "none") -> Scenario:
    """The play in which an act fails for this reason and nobody is contacted."""

    async def play(stage: Stage) -> None:
        stage.expect(await act(stage), "failed", effect, code)
        await stage.holds()

    return plays(name)(play)
