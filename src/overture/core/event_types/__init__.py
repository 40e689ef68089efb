"""Every type of event the log may hold: what happened, and the keys of its data.

The one registry: `append_events` refuses nothing, but a test compares what is written with this, and the
reference page of events is made from it.
"""

from typing import Final

from overture.core.event_types.administration import ADMINISTRATION, RECONCILIATION
from overture.core.event_types.campaigns import CAMPAIGNS
from overture.core.event_types.inbox import INBOX
from overture.core.event_types.kind import EventType
from overture.core.event_types.people import PEOPLE
from overture.core.event_types.touchpoints import TOUCHPOINTS

EVENT_TYPES: Final[dict[str, EventType]] = {
    **PEOPLE,
    **CAMPAIGNS,
    **RECONCILIATION,
    **INBOX,
    **TOUCHPOINTS,
    **ADMINISTRATION,
}
"""By name."""

__all__ = ["EVENT_TYPES", "EventType"]
