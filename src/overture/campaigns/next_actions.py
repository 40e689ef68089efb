"""What to do next about each reason: one sentence, whether it is somebody's turn or nobody's."""

from typing import Final

from overture.campaigns.reasons import BLOCKED

WAIT: Final = "Nothing to do: it goes on by itself."
OVER: Final = "Nothing to do: it is over."

WHILE_WAITING: Final = {
    "queued": WAIT,
    "delay": WAIT,
    "working_hours": "Nothing to do: it goes on when the hours open; PATCH /accounts/{handle} changes them.",
    "rest_day": "Nothing to do: it goes on after the day of rest; the campaign's `rest_days` name them.",
    "daily_quota": "Nothing to do: it goes on when there is room; another sender would make some.",
    "weekly_quota": "Nothing to do: it goes on when there is room; another sender would make some.",
    "monthly_quota": "Nothing to do: it goes on next month; an invitation without a note needs none.",
    "ramp": "Nothing to do: the account may do more with every week.",
    "min_interval": WAIT,
    "touch_limit": "Nothing to do: it goes on when there is room again; `max_touches_30d` is the limit.",
    "running": "Nothing to do: its end is told to the planner; GET /runs shows it.",
    "retry": WAIT,
    "waiting_accept": "Nothing to do: acceptances are read every few hours.",
    "waiting_reply": "Nothing to do: answers are read every hour.",
    "waiting_event": WAIT,
    "waiting_enrichment": "Nothing to do: the profile is read in its lane.",
    "waiting_approval": "Read the text and decide: GET /approvals, then approve, edit or reject.",
    "waiting_draft": "Nothing to do while a model is set up (`OVERTURE_LLM_URL`): it writes the text next.",
    "waiting_manual_task": "Do the task and say that it is done.",
    "waiting_reconcile": "Nothing to do: the service is asked whether it arrived.",
    "provider_cooldown": "Nothing to do: it goes on when the service lets us.",
    "invite_cooldown": "Nothing to do: LinkedIn takes another invitation after three weeks.",
    "campaign_paused": "Resume the campaign: POST /campaigns/{campaign_id}/resume.",
    "account_paused": "Resume the account: POST /accounts/{handle}/resume.",
    "kill_switch": "Turn the switch off when it is safe: POST /system/kill_switch.",
    "company_lock": "Nothing to do: it goes on when that conversation is over, or ends with their answer.",
    "auto_replied": "Nothing to do: it goes on when they are back.",
}
WHILE_BLOCKED: Final = {
    "account_disconnected": "Log the account in again: POST /accounts/{handle}/login.",
    "challenge_required": "Answer what the service asks: GET /accounts/{handle}/login says what, and how.",
    "missing_email": "Give the lead an e-mail address (PATCH /leads/{lead_id}), or stop it here.",
    "missing_linkedin_url": "Give the lead a LinkedIn address (PATCH /leads/{lead_id}), or stop it here.",
    "missing_variable": "Fill the field in (PATCH /leads/{lead_id}), or give the template a default.",
    "missing_subject": "Give the step a subject, and publish.",
    "no_inmail_credits": "Wait for credits, or skip the step: POST /enrollments/{enrollment_id}/skip_step.",
    "profile_closed": "Skip the step: POST /enrollments/{enrollment_id}/skip_step.",
    "form_not_found": "Give the lead a website with a form (PATCH /leads/{lead_id}), or skip the step.",
    "form_has_captcha": "Fill the form in by hand, or skip the step.",
    "form_forbids_solicitation": "Skip the step: POST /enrollments/{enrollment_id}/skip_step.",
    "template_invalid": "Mend the template, and publish: GET /enrollments/{enrollment_id}/preview shows it.",
    "outcome_unknown": "Look whether it arrived, and say so: POST /runs/{run_id}/resolve.",
    "config_invalid": "Mend what is wrong, and publish: POST /campaigns/{campaign_id}/validate lists it.",
    "possible_opt_out": "Read the answer, then say whether they opted out: POST /observations.",
    "paused_by_user": "Resume it: POST /enrollments/{enrollment_id}/resume.",
}
OF_CAMPAIGNS: Final = {
    "no_leads": "Enrol somebody: POST /enrollments.",
    "no_account": "Give the campaign a sender: PATCH /campaigns/{campaign_id}, settings.accounts.",
    "draft": "Start it: POST /campaigns/{campaign_id}/start.",
    "campaign_over": "Nothing to do; to do it again, duplicate it: POST /campaigns/{campaign_id}/duplicate.",
    "planner_behind": "See that a planner runs (`overture serve` has one, `overture planner` is one).",
    "ready": WAIT,
}
NEXT_ACTIONS: Final = {**WHILE_WAITING, **WHILE_BLOCKED, **OF_CAMPAIGNS}
"""By code; paths are those of the API, below /api/v1. A reason that is not here is the end."""

SOMEBODYS: Final = frozenset(
    {
        *BLOCKED,
        *("waiting_approval", "waiting_manual_task", "campaign_paused", "account_paused", "kill_switch"),
        *("no_leads", "no_account", "draft", "planner_behind"),
    }
)
"""Reasons that stay until somebody acts."""


def next_action(code: str) -> str:
    """What to do about a reason."""
    return NEXT_ACTIONS.get(code, OVER)
