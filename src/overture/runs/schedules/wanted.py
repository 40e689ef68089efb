"""What a client asks of a schedule."""

from dataclasses import dataclass

from overture.runs.schedules.tables import Missed, Overlap
from overture.runs.submit import DEFAULT_PRIORITY
from overture.touchpoints import Touchpoint


@dataclass(frozen=True)
class NewSchedule:
    """A touchpoint, the account that performs it, and when; without a zone, in the account's own."""

    handle: str
    touchpoint: Touchpoint
    cron: str
    zone: str | None = None
    missed: Missed = "skip"
    overlap: Overlap = "skip"
    tags: tuple[str, ...] = ()
    priority: int = DEFAULT_PRIORITY
