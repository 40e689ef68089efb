"""Which enrollments a list shows."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class EnrollmentFilter:
    """Conditions on enrollments; empty and None are none."""

    campaign_id: UUID | None = None
    lead_id: UUID | None = None
    states: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
