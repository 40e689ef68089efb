"""What tests of every provider share: a trace that remembers, and one write carried through its phases."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.touchpoints import Accepted, Evidence, Intent, LastLook, MayAnswer, Outcome, Session, Touchpoint

CLOCK: Final = SystemClock()
IDS: Final = Ids(CLOCK, Rng())
WINDOW: Final = timedelta(seconds=20)


@dataclass
class Steps:
    """A trace that remembers."""

    steps: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def step(self, name: str, **facts: object) -> None:
        self.steps.append((name, facts))

    def all(self, name: str) -> list[dict[str, object]]:
        return [facts for step, facts in self.steps if step == name]

    @property
    def page_loads(self) -> object:
        return self.all("session_end")[-1]["page_loads"]


@dataclass
class Done:
    """What became of one write, phase by phase."""

    outcome: Outcome | None
    evidence: Evidence | None
    accepted: Accepted | None
    token: UUID
    is_answer: bool = False
    """Whether it said yes to what the person asked."""


async def carried_through(session: Session, touchpoint: Touchpoint, look: LastLook, token: UUID) -> Done:
    """Carry a write through prepare, last look, act and confirm."""
    write = session.write(touchpoint, token)
    outcome = await write.prepare()
    if outcome is not None:
        return Done(outcome, None, None, token)
    await write.last_look(look)
    accepted = await write.act(intent(token))
    seen = await write.confirm(accepted)
    is_answer = isinstance(write, MayAnswer) and write.is_answer
    return Done(seen[0] if seen else None, seen[1] if seen else None, accepted, token, is_answer)


def intent(token: UUID, window: timedelta = WINDOW) -> Intent:
    """The intent of an act that may begin for so long."""
    return Intent(token, CLOCK.now() + window)
