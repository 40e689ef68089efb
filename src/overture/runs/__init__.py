"""Runs: submit, gate, attempt, reconcile; the effect protocol and its engine. Knows no campaign or lead."""

from overture.runs.attempt import execute
from overture.runs.engine import admit
from overture.runs.kit import Kit
from overture.runs.reap import reap
from overture.runs.steer import Verdict, allowed, cancel, resolve, retry
from overture.runs.store import RunFilter, attempts_of, by_id, live_of, page
from overture.runs.submit import DEFAULT_PRIORITY, RunRequest, Submitted, submit
from overture.runs.tables import STATUSES, TERMINAL, Attempt, Run
from overture.runs.worker import work

__all__ = [
    "DEFAULT_PRIORITY",
    "STATUSES",
    "TERMINAL",
    "Attempt",
    "Kit",
    "Run",
    "RunFilter",
    "RunRequest",
    "Submitted",
    "Verdict",
    "admit",
    "allowed",
    "attempts_of",
    "by_id",
    "cancel",
    "execute",
    "live_of",
    "page",
    "reap",
    "resolve",
    "retry",
    "submit",
    "work",
]
