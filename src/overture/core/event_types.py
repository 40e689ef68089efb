"""Every type of event the log may hold: what happened, and the keys of its data.

The one registry: `append_events` refuses nothing, but a test compares what is written with this, and the
reference page of events is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class EventType:
    """What an event of this type says, and what each key of its data means."""

    says: str
    data: Mapping[str, str] = field(default_factory=dict)


EVENT_TYPES: Final[dict[str, EventType]] = {}
"""By name; each package's part is below."""
