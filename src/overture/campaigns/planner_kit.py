"""What planning needs, handed in by the composition root."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from overture.campaigns.store import Shelf
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.db import Sessions


def quiet(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class PlannerKit:
    """Ports and settings of the planner."""

    sessions: Sessions
    ids: Ids
    rng: Rng
    lease: timedelta
    """How long a run it submits may stay with a worker that shows no sign of life."""
    relations_every: timedelta = timedelta(hours=2)
    inbox_every: timedelta = timedelta(hours=1)
    batch: int = 200
    """Enrollments that become due and are decided in one transaction."""
    batches: int = 10
    """Such transactions in one tick."""
    shelf: Shelf = field(default_factory=Shelf)
    on_step: Callable[[str], None] = quiet
    """Called at every boundary between transactions and inside them; tests kill the planner here."""

    def leased(self, now: datetime) -> datetime:
        """Until when a run that begins now belongs to its worker."""
        return now + self.lease


CONSUMER: Final = "planner"
"""The planner's name as a reader of the event log."""
PARKED: Final = timedelta(
    days=30
)  # how soon an enrollment of a campaign that does not run is looked at again
SOON: Final = timedelta(minutes=1)
"""How soon something is looked at again that another's end decides and no event tells of."""
