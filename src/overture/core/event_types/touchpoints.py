"""Events of single touchpoints: runs, accounts, schedules, switches."""

from typing import Final

from overture.core.event_types.kind import EventType

SUBMITTED_DATA: Final = {
    "handle": "the account's handle",
    "touchpoint_type": "what is to be done",
    "target": "to whom",
    "tags": "the client's own words",
}
RUN_DATA: Final = {
    **SUBMITTED_DATA,
    "status": "its status from now on",
    "effect": "what it did to the world, as far as is known",
    "code": "why it failed",
    "reason": "what it waits for",
}
STATE_DATA: Final = {
    "state": "its state from now on",
    "reason": "why",
    "detail": "one sentence more",
    "by": "who did it",
    "why": "what they said",
    "was": "the state before",
    "was_reason": "why it was in that",
    "run_id": "the run that met the reason",
    "kind": "what is asked of the owner",
    "since": "since when",
    "asked": "how the page asks",
    "where": "the page's path",
    "said": "what the page says",
    "cause": "of the breaker: what failed again and again",
    "code": "of the breaker: the last failure",
    "consecutive": "of the breaker: how many in a row",
}
BY: Final = {"by": "who did it"}
CHANGED: Final = {"changed": "by name, what it was before and is after"}
SCHEDULE_DATA: Final = {
    "schedule_id": "the schedule",
    "handle": "the account's handle",
    "touchpoint_type": "what it does",
    "reason": "why it does nothing, when it does nothing",
}

TOUCHPOINTS: Final = {
    "run.created": EventType("A run was taken.", {**SUBMITTED_DATA, "dry_run": "whether it only rehearses"}),
    "run.intended": EventType(
        "A run is about to act.",
        {
            "content_hash": "SHA-256 of what it will send",
            "token": "its mark at the service",
            "epoch": "which hold of it",
        },
    ),
    "run.waiting": EventType("A run waits.", RUN_DATA),
    "run.completed": EventType("A run did what it was to do.", RUN_DATA),
    "run.failed": EventType("A run failed.", RUN_DATA),
    "run.held": EventType("A run may have acted, and that is not proved.", RUN_DATA),
    "run.cancelled": EventType("A run was called back before it acted.", {**RUN_DATA, **BY}),
    "run.retried": EventType("A run that ended without effect is tried again.", BY),
    "run.resolved": EventType(
        "A person said what became of a run.", {"verdict": "what they said", "note": "in their words", **BY}
    ),
    "run.reaped": EventType(
        "The worker of a run was gone.",
        {"worker": "the worker", "effect": "what the run had done", "status": "its status from now on"},
    ),
    "account.created": EventType(
        "An account was added.",
        {"handle": "its handle", "came_back": "whether it was removed before, and goes on with what it did"},
    ),
    "account.changed": EventType("An account was changed.", {"changed": "the names of what was given", **BY}),
    "account.removed": EventType("An account was removed.", {"handle": "its handle", **BY}),
    "account.active": EventType("An account may act.", STATE_DATA),
    "account.paused": EventType("An account was paused.", STATE_DATA),
    "account.needs_attention": EventType("An account needs its owner.", STATE_DATA),
    "account.limits_raised": EventType("An account may do more than before.", CHANGED),
    "account.tier_changed": EventType("An account's subscription changed.", CHANGED),
    "account.ramp_changed": EventType("An account's ramp begins at another day.", CHANGED),
    "account.inmail_credits_stated": EventType("An account's InMail credits were stated.", CHANGED),
    "account.login_answered": EventType(
        "The owner answered what the service asked.", {"kind": "what was asked", "by": "who answered"}
    ),
    "account.session_imported": EventType("A session of the owner's own browser was brought along.", BY),
    "schedule.created": EventType("A schedule was made.", {**SCHEDULE_DATA, **BY}),
    "schedule.paused": EventType("A schedule was paused.", {**SCHEDULE_DATA, **BY}),
    "schedule.resumed": EventType("A schedule goes on.", {**SCHEDULE_DATA, **BY}),
    "schedule.removed": EventType("A schedule was removed.", {**SCHEDULE_DATA, **BY}),
    "schedule.fired": EventType(
        "A schedule's time came.", {**SCHEDULE_DATA, "fire_at": "the time", "run_id": "its run"}
    ),
    "schedule.overlapped": EventType(
        "A schedule's time came while its last run was not over; it was let pass.",
        {**SCHEDULE_DATA, "fire_at": "the time"},
    ),
    "schedule.missed": EventType(
        "Times of a schedule passed unseen and are not made up for.",
        {**SCHEDULE_DATA, "since": "the first of them"},
    ),
    "system.kill_switch": EventType(
        "A kill switch was turned.",
        {
            "scope": "of what",
            "subject": "of which",
            "on": "whether it is on now",
            "reason": "why",
            "by": "who turned it",
        },
    ),
}
