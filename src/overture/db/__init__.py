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
from overture.db.jobs import (
    DIED,
    STOPPED,
    JobRun,
    Wish,
    beat,
    begin_job,
    finish_job,
    job_runs,
    last_jobs,
    newest_night,
    skip_night,
    tidy_jobs,
)
from overture.db.jobs import Outcome as JobOutcome
from overture.db.redact import redact_events
from overture.db.replays import Asked, earlier_answer, expire_answers, forget_answers, keep_answer
from overture.db.rows import columns_of, copy_of, fetch_all, made, new
from overture.db.transaction import Sessions
from overture.db.written import as_json, as_row, flush_changes, values_of

__all__ = [
    "DIED",
    "STOPPED",
    "About",
    "Asked",
    "Base",
    "Choice",
    "Entered",
    "Entry",
    "Event",
    "JobOutcome",
    "JobRun",
    "News",
    "Sessions",
    "UtcDateTime",
    "Wish",
    "append_event",
    "append_events",
    "as_json",
    "as_row",
    "beat",
    "begin_job",
    "carry_out",
    "columns_of",
    "connect",
    "copy_of",
    "driver_url",
    "earlier_answer",
    "expire_answers",
    "fetch",
    "fetch_all",
    "fetch_one",
    "finish_job",
    "flush_changes",
    "forget_answers",
    "job_runs",
    "keep_answer",
    "last_jobs",
    "made",
    "new",
    "newest_night",
    "read_events",
    "redact_events",
    "skip_night",
    "tidy_jobs",
    "values_of",
]
