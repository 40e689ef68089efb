"""Runs: submit, gate, attempt, reconcile; the effect protocol and its engine. Knows no campaign or lead."""

from overture.runs import artifacts
from overture.runs.attempt import execute
from overture.runs.engine import admit, is_worker_seen
from overture.runs.forget import Whom, forget, toward
from overture.runs.gate import Go, Never, Passage, Rule, Veto, Wait, see
from overture.runs.halt import let_go
from overture.runs.kit import Kit
from overture.runs.ladders import Ladder, ladders
from overture.runs.reading import Part, Seen
from overture.runs.reap import reap
from overture.runs.room import Room, Wanted, room, rooms
from overture.runs.steer import Verdict, allowed, cancel, hurry, resolve, retry
from overture.runs.store import RunFilter, attempts_of, by_id, live_of, page
from overture.runs.submit import DEFAULT_PRIORITY, RunRequest, Submitted, submit
from overture.runs.submit_many import submit_many
from overture.runs.tables import ARTIFACT_KINDS, STATUSES, TERMINAL, Artifact, Attempt, Run
from overture.runs.worker import work

__all__ = [
    "ARTIFACT_KINDS",
    "DEFAULT_PRIORITY",
    "STATUSES",
    "TERMINAL",
    "Artifact",
    "Attempt",
    "Go",
    "Kit",
    "Ladder",
    "Never",
    "Part",
    "Passage",
    "Room",
    "Rule",
    "Run",
    "RunFilter",
    "RunRequest",
    "Seen",
    "Submitted",
    "Verdict",
    "Veto",
    "Wait",
    "Wanted",
    "Whom",
    "admit",
    "allowed",
    "artifacts",
    "attempts_of",
    "by_id",
    "cancel",
    "execute",
    "forget",
    "hurry",
    "is_worker_seen",
    "ladders",
    "let_go",
    "live_of",
    "page",
    "reap",
    "resolve",
    "retry",
    "room",
    "rooms",
    "see",
    "submit",
    "submit_many",
    "toward",
    "work",
]
