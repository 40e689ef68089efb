"""The database: engine, transactions, table base, event log, migrations, embedded server."""

from overture.db.base import Base, UtcDateTime
from overture.db.engine import Sessions, connect, driver_url
from overture.db.events import About, Entered, Event, append_event, append_events, read_events
from overture.db.redact import redact_events

__all__ = [
    "About",
    "Base",
    "Entered",
    "Event",
    "Sessions",
    "UtcDateTime",
    "append_event",
    "append_events",
    "connect",
    "driver_url",
    "read_events",
    "redact_events",
]
