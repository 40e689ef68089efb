"""What is said of a type of event."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class EventType:
    """What an event of this type says, and what each key of its data means."""

    says: str
    data: Mapping[str, str] = field(default_factory=dict)
