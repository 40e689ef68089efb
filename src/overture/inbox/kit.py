"""What the inbox works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from overture.core.ids import Ids
from overture.db import Sessions
from overture.inbox.incoming import Reader

CONSUMER: Final = "inbox"
"""Under which name the inbox reads the log."""


def no_step(_: str) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class InboxKit:
    """Transactions, ids, and who understands the deliveries of each service."""

    sessions: Sessions
    ids: Ids
    readers: Mapping[str, Reader] = field(default_factory=dict)
    keep_for: timedelta = timedelta(days=30)
    """How long a delivery that was applied, or is dead, is kept."""
    on_step: Callable[[str], None] = no_step
    """Called at named places, so that tests can stop there."""
