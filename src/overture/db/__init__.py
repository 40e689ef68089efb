"""The database: engine, transactions, table base, event log, migrations, embedded server."""

from overture.db.base import Base, UtcDateTime
from overture.db.driver import carry_out, fetch, fetch_one
from overture.db.engine import connect, driver_url
from overture.db.events import (
    About,
    Choice,
    Entered,
    Entry,
    Event,
    News,
    append_event,
    append_events,
    read_events,
)
from overture.db.redact import redact_events
from overture.db.replays import Asked, earlier_answer, expire_answers, forget_answers, keep_answer
from overture.db.rows import columns_of, fetch_all, made
from overture.db.transaction import Sessions

__all__ = [
    "About",
    "Asked",
    "Base",
    "Choice",
    "Entered",
    "Entry",
    "Event",
    "News",
    "Sessions",
    "UtcDateTime",
    "append_event",
    "append_events",
    "carry_out",
    "columns_of",
    "connect",
    "driver_url",
    "earlier_answer",
    "expire_answers",
    "fetch",
    "fetch_all",
    "fetch_one",
    "forget_answers",
    "keep_answer",
    "made",
    "read_events",
    "redact_events",
]
