"""Events of campaigns: enrollments, acts, approvals, what was seen of a person."""

from typing import Final

from overture.core.event_types.kind import EventType

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
CAMPAIGNS: Final = {
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
