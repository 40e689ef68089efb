"""Every type of event the log may hold: what happened, and the keys of its data.

The one registry: `append_events` refuses nothing, but a test compares what is written with this, and the
reference page of events is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True)
class EventType:
    """What an event of this type says, and what each key of its data means."""

    says: str
    data: Mapping[str, str] = field(default_factory=dict)


EVENT_TYPES: Final[dict[str, EventType]] = {}
"""By name; each package's part is below."""

RELATION_DATA: Final = {
    "from": "what they were",
    "to": "what they are",
    "since": "since when",
    "observed_at": "when it was seen",
    "source": "how it is known",
}

EVENT_TYPES.update(  # people
    {
        "lead.created": EventType(
            "A person was taken in.",
            {
                "source": "where from",
                "stage": "the stage it begins at",
                "keys": "kinds of keys it is known by",
            },
        ),
        "lead.updated": EventType(
            "A lead was brought up to date.",
            {
                "source": "where from",
                "fields": "names of the fields that changed",
                "keys": "kinds of new keys",
            },
        ),
        "lead.stage_changed": EventType(
            "A lead moved in the pipeline.",
            {
                "from": "the stage it was at",
                "to": "the stage it is at",
                "why": "what moved it",
                "by": "who or which run",
                "manual": "whether an administrator set it by hand",
            },
        ),
        "lead.enriched": EventType(
            "A profile was read.", {"run_id": "the run", "fields": "names of the fields it filled"}
        ),
        "lead.profile_mismatch": EventType(
            "The profile that was read is another member's; nothing was taken from it.", {"run_id": "the run"}
        ),
        "lead.relationship_changed": EventType(
            "What an account and a lead are to each other changed.", RELATION_DATA
        ),
        "connection_accepted": EventType("An invitation of ours was accepted.", RELATION_DATA),
        "connection_accepted_historical": EventType(
            "A connection was found that was there before any invitation of ours.", RELATION_DATA
        ),
        "lead.merged": EventType(
            "Two leads proved to be one person; told of each.",
            {
                "merge_id": "the merge",
                "kept_id": "the lead that stays",
                "merged_id": "the lead that went into it",
                "reason": "why",
                "by": "who or what",
            },
        ),
        "lead.merge_undone": EventType(
            "A merge was undone; told of each lead.",
            {
                "merge_id": "the merge",
                "kept_id": "the lead that had stayed",
                "merged_id": "the lead that is one again",
                "reason": "why they had been merged",
                "by": "who or what",
            },
        ),
        "lead.removed": EventType(
            "A lead was taken back with the import that had made it.",
            {"source": "the import", "by": "who asked"},
        ),
        "lead.restored": EventType(
            "What an import had changed of a lead was taken back.",
            {"source": "the import", "by": "who asked", "fields": "names of the fields, `keys` for its keys"},
        ),
        **{
            f"import.{change}": EventType(
                says,
                {
                    "import_id": "the import",
                    "source_format": "whose file it is",
                    "total": "how many rows it has",
                    "done": "how many were decided",
                    "counts": "rows by outcome, those skipped or invalid by code too",
                    **more,
                },
            )
            for change, says, more in (
                ("finished", "Every row of an import has its receipt.", {}),
                ("failed", "An import cannot go on.", {"problem": "why"}),
                (
                    "rolled_back",
                    "An import was taken back.",
                    {"by": "who asked", "undone": "rows by what was done with them"},
                ),
            )
        },
        "lead.erased": EventType(
            "A person was erased; told of each of their leads.",
            {"by": "who asked", "keys": "how many keys they had", "runs": "how many runs were emptied"},
        ),
        **{
            f"suppression.{change}": EventType(
                says,
                {
                    "suppression_id": "the suppression",
                    "kind": "what it names: a person, email, domain, company, linkedin, tombstone",
                    "reason": "why",
                    "expires_at": "until when, or null",
                    "by": "who",
                    **more,
                },
            )
            for change, says, more in (
                ("added", "Somebody is not to be contacted; told of each lead it names by id or key.", {}),
                ("strengthened", "A suppression took a stronger reason or a later end.", {}),
                ("lifted", "Somebody may be contacted again.", {"why": "what the administrator said"}),
            )
        },
    }
)

CAMPAIGN_DATA: Final = {
    "name": "its name",
    "state": "its state from now on",
    "state_reason": "why, when somebody said",
    "revision": "counts its changes",
    "version_id": "the sequence version in force",
    "settings": "its settings from now on",
    "by": "who did it",
}
ENROLLMENT_DATA: Final = {
    "state": "its state from now on",
    "reason": "why it waits, or why it is over",
    "detail": "one sentence more",
    "next_action_at": "when it is looked at again",
    "lane": "the lane it queues in",
    "step": "the step it stands at",
    "round": "the first round of this visit of the step",
    "fallback": "the first way of the step that may be used",
    "entered_at": "when it came to the step",
    "version_id": "its sequence version",
    "account_id": "the account of its step",
    "backoff_hours": "hours to the next look at an invitation; 0: there will be none",
    "finished_at": "when it was over",
    "variants": "the variants it was dealt, by step",
    "lead_id": "its lead",
    "priority": "its place in queues",
    "why": "what changed it",
    "by": "who or what did",
}
TOUCH_DATA: Final = {
    "touch_id": "the touch",
    "run_id": "its run",
    "step": "the step",
    "round": "which try",
    "fallback": "which way of the step",
    "channel": "the channel",
    "touchpoint_type": "what was done",
    "variant": "the variant",
    "state": "its state from now on",
    "code": "why it failed",
}
APPROVAL_DATA: Final = {
    "approval_id": "the approval",
    "state": "its state from now on",
    "step": "the step",
    "round": "which try",
    "fallback": "which way of the step",
    "channel": "the channel",
    "content_hash": "SHA-256 of what is approved",
    "origin": "`template`, `ai` or `edited`",
    "note": "what was said of it",
    "by": "who or what did",
}
SIGNAL_DATA: Final = {
    "signal_id": "the sight",
    "kind": "what was seen",
    "at": "when it happened",
    "until": "of an automatic answer: when they are back",
    "channel": "the channel",
    "source": "where it was seen",
}
EVENT_TYPES.update(  # campaigns
    {
        "campaign.created": EventType("A campaign was made.", CAMPAIGN_DATA),
        "campaign.changed": EventType("A campaign's name, settings or draft changed.", CAMPAIGN_DATA),
        "campaign.started": EventType("A campaign began.", CAMPAIGN_DATA),
        "campaign.paused": EventType("A campaign was paused.", CAMPAIGN_DATA),
        "campaign.resumed": EventType("A campaign goes on.", CAMPAIGN_DATA),
        "campaign.completed": EventType("A campaign is complete.", CAMPAIGN_DATA),
        "campaign.stopped": EventType("A campaign was stopped.", CAMPAIGN_DATA),
        "campaign.archived": EventType("A campaign was put away.", CAMPAIGN_DATA),
        "campaign.published": EventType(
            "A version of a sequence was published.",
            {"version_id": "it", "number": "its number", "body_hash": "SHA-256 of it", "by": "who"},
        ),
        "enrollment.changed": EventType("Where a lead stands in a campaign changed.", ENROLLMENT_DATA),
        "enrollment.finished": EventType("A lead is done in a campaign.", ENROLLMENT_DATA),
        "touch.planned": EventType("A step's act was submitted.", TOUCH_DATA),
        "touch.changed": EventType("An act's state changed.", TOUCH_DATA),
        "touch.ended": EventType("An act ended.", TOUCH_DATA),
        "connection_request_sent": EventType("An invitation of a campaign went out.", TOUCH_DATA),
        "message_sent": EventType("A message of a campaign went out.", TOUCH_DATA),
        "message_received": EventType("A person answered.", SIGNAL_DATA),
        "lead.signal": EventType("Something was seen of a person.", SIGNAL_DATA),
        "approval.requested": EventType("A text waits for a person's approval.", APPROVAL_DATA),
        "approval.drafting": EventType("A model is to write a text.", APPROVAL_DATA),
        "approval.put_off": EventType("A model could not write a text; it is asked again.", APPROVAL_DATA),
        "approval.written": EventType("A model wrote a text.", APPROVAL_DATA),
        "approval.approved": EventType("A text was approved.", APPROVAL_DATA),
        "approval.rejected": EventType("A text was rejected.", APPROVAL_DATA),
        "approval.edited": EventType("A text was edited and waits for approval again.", APPROVAL_DATA),
        "approval.stale": EventType("An approval is about another text than there is now.", APPROVAL_DATA),
        "run.retold": EventType("A run's end is told once more, for a reader that missed it."),
    }
)

EVENT_TYPES.update(  # reconciling connections
    {
        f"reconciliation.{what}": EventType(
            says, {"reconciliation_id": "the reconciliation", "by": "who asked", **more}
        )
        for what, says, more in (
            (
                "started",
                "An account's connections are compared with the leads.",
                {"scope": "which leads, how far back, at what cost", "why": "what was said of it"},
            ),
            ("finished", "They were compared.", {"counts": "what came of it"}),
            ("failed", "They could not be compared.", {"problem": "why"}),
            ("cancelled", "The comparison was called off; what it had found out stays.", {}),
        )
    }
)

EVENT_TYPES.update(  # inbox
    {
        "inbox.message": EventType(
            "A message came or went, told of once it is known with whom; never what it says.",
            {
                "conversation_id": "the conversation",
                "message_id": "the message",
                "direction": "`own` or `theirs`",
                "by": "who wrote it: `them`, a `run`, or a person in the `inbox` or by `hand`",
                "kind": "`reply`, `auto_reply`, `opt_out`, `decline`, `note` or `own`",
                "at": "when it was sent",
                "key": "its id at the channel: the same whoever tells of it",
                "channel": "the channel",
            },
        ),
        "inbox.changed": EventType(
            "A person labelled a conversation, put it off or marked it unread.",
            {"conversation_id": "the conversation", "by": "who", "changed": "by name, what it is from now on"},
        ),
        "inbox.corrected": EventType(
            "A person said what a message means; a correction only ever stops more.",
            {
                "conversation_id": "the conversation",
                "message_id": "the message",
                "from": "the kind it was taken for",
                "to": "the kind it is",
                "by": "who",
                "why": "what they said",
            },
        ),
        "account.reported": EventType(
            "The service between us and the channel said how it finds the account.",
            {"word": "its word", "at": "when it was said", "source": "how it is known"},
        ),
    }
)

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
CHANGED: Final = {"changed": "by name, what it was before and is after"}
SCHEDULE_DATA: Final = {
    "schedule_id": "the schedule",
    "handle": "the account's handle",
    "touchpoint_type": "what it does",
    "reason": "why it does nothing, when it does nothing",
}

EVENT_TYPES.update(  # touchpoints
    {
        "run.created": EventType(
            "A run was taken.", {**SUBMITTED_DATA, "dry_run": "whether it only rehearses"}
        ),
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
        "run.cancelled": EventType("A run was called back before it acted.", RUN_DATA),
        "run.retried": EventType("A run that ended without effect is tried again."),
        "run.resolved": EventType(
            "A person said what became of a run.", {"verdict": "what they said", "note": "in their words"}
        ),
        "run.reaped": EventType(
            "The worker of a run was gone.",
            {"worker": "the worker", "effect": "what the run had done", "status": "its status from now on"},
        ),
        "account.created": EventType("An account was added.", {"handle": "its handle"}),
        "account.changed": EventType("An account was changed.", {"changed": "the names of what was given"}),
        "account.removed": EventType("An account was removed.", {"handle": "its handle"}),
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
        "account.session_imported": EventType(
            "A session of the owner's own browser was brought along.", {"by": "who did it"}
        ),
        "schedule.created": EventType("A schedule was made.", SCHEDULE_DATA),
        "schedule.paused": EventType("A schedule was paused.", SCHEDULE_DATA),
        "schedule.resumed": EventType("A schedule goes on.", SCHEDULE_DATA),
        "schedule.removed": EventType("A schedule was removed.", SCHEDULE_DATA),
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
)

EVENT_TYPES.update(  # reconciliation and administration
    {
        **{
            f"job.{end}": EventType(
                says,
                {
                    "job": "which",
                    "trigger": "`nightly`, `start`, `reconnect`, `settled`, `silent`, `api` or `cli`",
                    "by": "who or what asked for it",
                    "asked": "about what",
                    "result": "what was found and done",
                    "error": "why it failed, or null",
                },
            )
            for end, says in (
                ("finished", "A job of reconciliation was done."),
                ("failed", "A job of reconciliation could not be done."),
            )
        },
        "account.usage_corrected": EventType(
            "What was written down of an account's days was not what its runs say, and was put right.",
            {"days": "day, category, what was written and what was counted"},
        ),
        "admin.webhook_deleted": EventType(
            "A webhook was deleted at the service.",
            {"provider": "the service", "webhook_id": "its id there", "by": "who"},
        ),
        "admin.webhooks_fixed": EventType(
            "The webhooks at the service were compared with what they should be, and mended.",
            {
                "provider": "the service",
                "kept": "those that were right",
                "created": "those that were missing",
                "deleted": "those that were wrong or double",
                "foreign": "those of others, left alone",
                "error": "why it could not be done to its end",
                "by": "who",
            },
        ),
        "admin.schema_upgraded": EventType(
            "The database was brought to this version's schema.",
            {"from": "the revision it was at", "to": "the revision it is at", "by": "who"},
        ),
        "admin.token_issued": EventType(
            "A token was issued that opens a part of the API for a while.",
            {"name": "whose", "scopes": "what it opens", "expires_at": "until when", "by": "who"},
        ),
    }
)
