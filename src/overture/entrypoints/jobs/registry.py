"""Every job of reconciliation, by its name; a new one is one word here."""

from collections.abc import Mapping
from typing import Final

from overture.entrypoints.jobs import conversations, messages, relations, usage
from overture.entrypoints.jobs.doing import Job

JOBS: Final[Mapping[str, Job]] = {
    one.name: one for one in (messages.JOB, relations.JOB, conversations.JOB, usage.JOB)
}
