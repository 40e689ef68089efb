"""The database: engine, transactions, table base, event log, migrations, embedded server."""

from overture.db.base import Base, UtcDateTime
from overture.db.engine import Sessions, connect, driver_url
from overture.db.events import Event, append_event

__all__ = ["Base", "Event", "Sessions", "UtcDateTime", "append_event", "connect", "driver_url"]
