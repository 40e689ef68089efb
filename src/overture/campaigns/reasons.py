"""Why an enrollment does not act now: one enum for API, pages, exports and the database's constraint.

The waiting codes clear by themselves at `next_action_at` or with an event; the blocked ones need someone;
the done ones say why it is over. (From the products of the field; see docs/reference/reasons.md.)
"""

from typing import Final

WAITING: Final = {
    "queued": "It is this lead's turn as soon as its account's pace and quota allow.",
    "delay": "The step's delay has not passed yet.",
    "working_hours": "Outside the working hours of the account, or of the lead.",
    "rest_day": "A holiday of the campaign.",
    "daily_quota": "The account's rolling 24 h limit is reached.",
    "weekly_quota": "The account's rolling 7 d limit is reached.",
    "monthly_quota": "The month's notes of invitations are used up.",
    "ramp": "The account is young and may not do more yet.",
    "min_interval": "Too soon after the account's last act.",
    "touch_limit": "This person was touched as often as allowed within 30 days.",
    "running": "The step's run is under way.",
    "retry": "The step failed for now; it is tried again at the given time.",
    "waiting_accept": "The invitation is not accepted yet.",
    "waiting_reply": "The sequence waits for a reply until the given time.",
    "waiting_event": "The sequence waits for an event until the given time.",
    "waiting_enrichment": "The profile is read first.",
    "waiting_approval": "A person approves the text first.",
    "waiting_draft": "The text is being written.",
    "waiting_manual_task": "A person does a task first.",
    "waiting_reconcile": "Whether the last act arrived is being found out.",
    "provider_cooldown": "The service said slow down.",
    "invite_cooldown": "An invitation was withdrawn, or came to nothing, less than three weeks ago.",
    "campaign_paused": "The campaign is paused.",
    "account_paused": "The account is paused.",
    "kill_switch": "A kill switch is on.",
    "company_lock": "Someone else at the same company is being talked to.",
    "auto_replied": "They are out of office; it goes on at the given time.",
}
BLOCKED: Final = {
    "account_disconnected": "The account is logged out or was removed.",
    "challenge_required": "The service asks something of the account's owner.",
    "missing_email": "The lead has no e-mail address.",
    "missing_linkedin_url": "The lead has no LinkedIn profile.",
    "missing_variable": "The text needs a field this lead does not have.",
    "missing_subject": "The text has no subject.",
    "no_inmail_credits": "The account has no InMail credits left.",
    "profile_closed": "The profile takes no message from this account.",
    "form_not_found": "The website has no contact form.",
    "form_has_captcha": "The form asks for a captcha, which is not solved here.",
    "form_forbids_solicitation": "The site asks not to be written to for advertising.",
    "template_invalid": "The text could not be rendered.",
    "outcome_unknown": "Whether the last act arrived is not known; a person decides.",
    "config_invalid": "The sequence or campaign cannot go on as it is set up.",
    "possible_opt_out": "Their answer may mean stop; a person decides.",
    "paused_by_user": "Paused by a person.",
}
DONE: Final = {
    "completed": "The sequence came to its end.",
    "replied": "They answered.",
    "opted_out": "They asked not to be contacted.",
    "suppressed": "They are on the suppression list.",
    "bounced": "The address does not exist.",
    "declined": "They declined.",
    "invite_expired": "The invitation was not accepted in time, or is gone: LinkedIn tells of no refusal.",
    "goal_reached": "The campaign's goal is reached for this lead.",
    "moved": "The lead went on in another campaign.",
    "stopped_by_user": "Stopped by a person.",
    "manual_contact": "The operator wrote to them by hand.",
    "duplicate": "The same person is reached by another enrollment, or got the same text already.",
    "already_connected": "They were connected before the campaign.",
    "not_found": "The profile does not exist.",
    "not_reachable": "No channel of the sequence could reach them.",
    "company_replied": "Someone else at the same company answered.",
    "erased": "The person's data was erased.",
}
ALL: Final = WAITING | BLOCKED | DONE
