"""Every code a problem or a failed run can carry: what it means and what to do."""

from typing import Final

from overture.entrypoints.api.failures import FAILURES, Entry

PROBLEMS: Final[dict[str, Entry]] = {
    "account_has_unsettled_runs": Entry(
        "The account has a run under way, or one whose outcome is unknown.",
        "Wait until it has ended, or settle it with POST /api/v1/runs/{run_id}/resolve.",
    ),
    "account_not_found": Entry(
        "There is no account of this handle.", "List them with GET /api/v1/accounts, or add it."
    ),
    "artifact_not_found": Entry(
        "The run has no such artefact, or its file is gone.",
        "Look at the run's `artifacts`; they are kept OVERTURE_ARTIFACT_DAYS days.",
    ),
    "account_paused": Entry(
        "The account is paused, so nothing of it would begin.", "Resume it first, if it may act again."
    ),
    "answer_does_not_fit": Entry(
        "The service asks for something else than was answered; see `kind`.",
        "Answer as `fix` says. A captcha is passed in your own browser: import its session then.",
    ),
    "answer_under_way": Entry(
        "Another answer to the same check is being tried.", "Wait until its run is over, then look again."
    ),
    "code_tried_already": Entry(
        "This code was tried before; no code is ever tried twice.", "Wait for a fresh code and give that."
    ),
    "login_challenge_open": Entry(
        "The service asks something of the account's owner before it lets them in.",
        "Answer it with POST /api/v1/accounts/{handle}/login/answer, or start over.",
    ),
    "nothing_asked": Entry(
        "The service asks nothing of the account's owner at present.",
        "Look at GET /api/v1/accounts/{handle}/login.",
    ),
    "session_not_supported": Entry(
        "The account's provider knows no sessions one could bring along.", "Give the account credentials."
    ),
    "session_unreadable": Entry(
        "The cookies are in no format that is known.",
        "Send Playwright's storage state, the list of Cookie-Editor, or a Netscape cookies.txt.",
    ),
    "session_unusable": Entry(
        "The cookies are no living session of the service; `errors` names what is missing.",
        "Log in in your own browser, export all cookies of that site, and import them.",
    ),
    "database_unavailable": Entry(
        "The database does not answer; nothing was changed.", "Send the same request again in a moment."
    ),
    "handle_taken": Entry("Another account has this handle.", "Choose another, or change that account."),
    "idempotency_key_reused": Entry(
        "The Idempotency-Key was used before for a different request.",
        "Use a fresh key for each distinct request.",
    ),
    "illegal_transition": Entry(
        "The run is in a state that does not allow this; see `current_state` and `allowed_actions`.",
        "Choose one of `allowed_actions`.",
    ),
    "insufficient_scope": Entry(
        "The token does not open this; see `needed` and `held` (`key`: only the API key itself does).",
        "Have a token made with that scope by POST /api/v1/admin/tokens, or send the API key.",
    ),
    "token_expired": Entry(
        "The token's time is over.", "Have a new one made with POST /api/v1/admin/tokens."
    ),
    "job_under_way": Entry(
        "The same reconciliation is under way, perhaps in another process.",
        "Wait until it has ended; GET /api/v1/admin/reconcile shows it.",
    ),
    "job_not_found": Entry("There is no such job.", "List them with GET /api/v1/admin/reconcile."),
    "schema_ahead": Entry(
        "The database is at a schema of a newer version than this process knows.",
        "Run the newer version everywhere; nothing was changed.",
    ),
    "webhook_not_found": Entry(
        "The service has no such webhook.", "List them with GET /api/v1/admin/webhooks."
    ),
    "webhook_secret_missing": Entry(
        "OVERTURE_UNIPILE_WEBHOOK_SECRET is not set, so no delivery would be taken.",
        "Set it to at least 16 random characters and start again.",
    ),
    "webhook_address_unusable": Entry(
        "Deliveries must not go to this address, or not with this secret; see `reason`.",
        "Set OVERTURE_UNIPILE_NOTIFY_URL to the https address of this server, or give `base_url`.",
    ),
    "internal_error": Entry(
        "A bug of ours. On a request nothing was changed; on a run nothing was sent.",
        "Report it with the `request_id`; the log has the traceback under it.",
    ),
    "limit_above_ceiling": Entry(
        "A limit is above the hard ceiling of the account's tier; `errors` names each.",
        "Stay at or below it; docs/reference/limits.md has the table.",
    ),
    "malformed_json": Entry("The body is not JSON.", "Send one JSON object in UTF-8."),
    "method_not_allowed": Entry("The address does not know this method.", "Use one of the header `Allow`."),
    "not_found": Entry("There is nothing at this address.", "See /docs for the addresses there are."),
    "payload_too_large": Entry("The body is larger than 256 kB.", "Send less in one request."),
    "refused": Entry("The request was not understood.", "See `detail`."),
    "run_not_found": Entry("There is no run of this id.", "List runs with GET /api/v1/runs."),
    "run_under_way": Entry(
        "A run toward this person is under way, so that erasing would miss what it writes.",
        "Erase them again in a minute, or cancel the run first.",
    ),
    "schedule_not_found": Entry(
        "There is no schedule of this id, or it was removed.", "List them with GET /api/v1/schedules."
    ),
    "screenshot_not_found": Entry(
        "The run has no screenshot, or its file is gone.", "Look at the run's `error_screenshot` first."
    ),
    "touchpoint_not_supported": Entry(
        "The account's provider cannot perform this touchpoint type.",
        "Use an account of another provider.",
    ),
    "unauthorized": Entry("No valid key came with the request.", "Send your key in the header X-API-Key."),
    "unknown_credential": Entry(
        "The provider has no credential of this name.", "Send only those named in `detail`."
    ),
    "unknown_provider": Entry("This installation has no provider of this name.", "Name one of `detail`."),
    "unsupported_media_type": Entry(
        "The body is not sent as JSON.", "Send the header `Content-Type: application/json`."
    ),
    "approval_not_found": Entry(
        "There is no approval of this id.", "List those that wait with GET /api/v1/approvals."
    ),
    "approval_stale": Entry(
        "The text was rendered anew since, so what was to be approved is no longer what would be sent.",
        "Look at the newest approval of the enrollment and decide on that.",
    ),
    "campaign_not_found": Entry("There is no campaign of this id.", "List them with GET /api/v1/campaigns."),
    "company_not_found": Entry("There is no company of this id.", "List them with GET /api/v1/companies."),
    "confirmation_missing": Entry(
        "What cannot be undone was not confirmed.",
        "Repeat the lead's id as `confirm`: DELETE /api/v1/leads/{lead_id}?confirm={lead_id}.",
    ),
    "enrollment_not_found": Entry(
        "There is no enrollment of this id.", "List them with GET /api/v1/enrollments."
    ),
    "etag_mismatch": Entry(
        "The draft was changed since you read it; yours would undo that.",
        "Read it again, bring your change in, and send it with the new ETag.",
    ),
    "file_unreadable": Entry(
        "The file is none a list of people can be read from.",
        "Send CSV (any delimiter, any encoding) or XLSX.",
    ),
    "if_match_required": Entry(
        "A draft is changed only by whoever says which state of it they change.",
        "Send the `ETag` of GET /api/v1/campaigns/{campaign_id}/sequence as the header If-Match.",
    ),
    "import_not_found": Entry("There is no import of this id.", "List them with GET /api/v1/imports."),
    "key_taken": Entry(
        "The address or id belongs to another lead (`lead_id`).",
        "Merge the two with POST /api/v1/leads/{lead_id}/merge if they are one person.",
    ),
    "lead_busy": Entry(
        "Others change the leads of this person at the same moment, again and again.",
        "Send it again in a moment.",
    ),
    "lead_not_found": Entry("There is no lead of this id.", "List them with GET /api/v1/leads."),
    "merge_not_found": Entry("There is no merge of this id.", "Look at `merges` of the lead."),
    "merge_not_undoable": Entry(
        "The merge was undone before, a later merge rests on it, or the person was erased.",
        "Undo the later merges of these leads first.",
    ),
    "name_taken": Entry("Another campaign has this name.", "Choose another, or archive that campaign."),
    "not_mergeable": Entry(
        "One of the leads was merged or erased before, or it is the same lead twice.",
        "Name two leads of the list.",
    ),
    "sequence_invalid": Entry(
        "The sequence has faults that keep it from being published; `errors` names each.",
        "Mend them in the draft; POST /api/v1/campaigns/{campaign_id}/validate shows them all.",
    ),
    "suppression_not_found": Entry(
        "There is no suppression of this id.", "List them with GET /api/v1/suppressions."
    ),
    "suppression_protected": Entry(
        "The person asked for it themselves, so it is not simply lifted.",
        "An administrator may lift it with `as_admin` and must say why.",
    ),
    "llm_not_set_up": Entry(
        "No language model is set up, so no text can be written.",
        "Set OVERTURE_LLM_URL and OVERTURE_LLM_MODEL, or write the text as a template.",
    ),
    "sequence_template_not_found": Entry(
        "There is no sequence to start from of this name.", "Take one of those the answer names."
    ),
    "no_account": Entry(
        "The campaign has no account to send from.", "Name its accounts in `settings.accounts`."
    ),
    "unknown_encoding": Entry(
        "There is no encoding of this name.", "Name one such as utf-8, cp1252 or utf-16."
    ),
    "file_gone": Entry("The file of the import is no longer there.", "Upload it again."),
    "file_changed": Entry("The file is not the one that was looked at.", "Upload it again."),
    "file_too_large": Entry("The file is larger than is taken.", "Split it, or leave columns out."),
    "conversation_not_found": Entry(
        "There is no conversation of this id.", "List them with GET /api/v1/conversations."
    ),
    "conversation_not_writable": Entry(
        "Nobody in particular can be written to here: it is a group, or whose thread it is is not known.",
        "Write to the person with POST /api/v1/runs, or on the channel itself.",
    ),
    "message_not_found": Entry(
        "There is no message of this id.",
        "List them with GET /api/v1/conversations/{conversation_id}/messages.",
    ),
    "message_not_theirs": Entry(
        "The message is one of your own: it has no meaning to correct.",
        "Correct a message whose direction is `theirs`.",
    ),
    "nobody_to_suppress": Entry(
        "It is not known whose words these are, so nobody can be suppressed.",
        "Suppress the person with POST /api/v1/suppressions.",
    ),
    "delivery_not_found": Entry(
        "There is no delivery of this id, or its time was over and it was removed.",
        "List them with GET /api/v1/webhooks/deliveries.",
    ),
    "delivery_too_large": Entry("The delivery is larger than 1 MB.", "Nothing of a webhook is that large."),
    "delivery_unreadable": Entry(
        "The delivery is neither JSON nor a form. It was kept as it came, and nothing follows from it.",
        "Send JSON.",
    ),
    "external_id_taken": Entry(
        "Another account here is this account of the service already.",
        "Use that account, or remove it first.",
    ),
    "reconciliation_not_found": Entry(
        "There is no reconciliation of this id.", "List them with GET /api/v1/admin/reconcile/connections."
    ),
    "reconciliation_under_way": Entry(
        "The account's connections are being reconciled already.",
        "Wait until it is over, or cancel it; `reconciliation_id` says which it is.",
    ),
    "simulate_off": Entry(
        "Deliveries are made up only where that is switched on.",
        "Set OVERTURE_WEBHOOK_SIMULATE=true on an installation for development.",
    ),
    "webhook_secret_unset": Entry(
        "No secret for deliveries is set, so that none can be told from a forged one; all are refused.",
        "Set OVERTURE_UNIPILE_WEBHOOK_SECRET, and give the webhooks the same value.",
    ),
    "webhook_signature_invalid": Entry(
        "The delivery does not prove that it comes from the service.",
        "Give the webhook the header and secret that are set here (docs/reference/settings.md).",
    ),
    "unipile_not_configured": Entry(
        "OVERTURE_UNIPILE_DSN or OVERTURE_UNIPILE_API_KEY is not set.",
        "Set both for the server and its workers, and start them again.",
    ),
    "unipile_sign_in_refused": Entry(
        "LinkedIn or Unipile refused the sign-in; see `reason`.",
        "Correct what was given, or use a link with POST /api/v1/accounts/unipile/connect-link.",
    ),
    "unipile_unavailable": Entry(
        "Unipile did not do what was asked, or did not say so; see `reason`.",
        "Look at GET /api/v1/accounts/unipile/remote for what became of it before you try again.",
    ),
    "unipile_other_account": Entry(
        "The account is connected as another account of Unipile, which is still there.",
        "Use an account of its own for this sign-in, or delete the other one at Unipile first.",
    ),
    "unipile_not_connected": Entry(
        "The account is not connected at Unipile yet.",
        "Connect it with POST /api/v1/accounts/unipile/connect-link.",
    ),
    "not_a_unipile_account": Entry(
        "The account acts by another provider.", "Add an account with the provider `unipile`."
    ),
    "connect_state_invalid": Entry(
        "The address is not one this server made, or its time is over; nothing was changed.",
        "Make a new link with POST /api/v1/accounts/unipile/connect-link.",
    ),
    "validation_error": Entry(
        "Fields are missing or wrong; `errors` names each by JSON pointer.", "Correct those fields."
    ),
}
"""Refusals: the request was not taken and nothing changed."""


def slug(code: str) -> str:
    """The code as it stands in a problem's `type`."""
    return code.replace("_", "-")


def page(code: str) -> str | None:
    """The text of one code's page, or None when there is no such code."""
    entry = PROBLEMS.get(code) or FAILURES.get(code)
    return f"{code}\n\n{entry.meaning}\n\nWhat to do: {entry.fix}\n" if entry else None


def reference() -> str:
    """The text of docs/reference/problems.md."""
    lines = [
        "# Problems and failure codes",
        "",
        "Made by `python -m overture.entrypoints.openapi` from `entrypoints/api/catalogue.py`.",
        "",
        "A request that is refused is answered with `application/problem+json` (RFC 9457):",
        "",
        "| field | what it holds |",
        "|---|---|",
        "| `type` | address of the code's page on this server, `/problems/<code>` |",
        "| `title`, `status` | the kind of refusal and its HTTP status |",
        "| `code` | the stable code below; programs go by it |",
        "| `detail` | what is wrong with this request, in one sentence |",
        "| `fix` | what to do next, in one sentence |",
        "| `errors` | for each wrong field: `pointer` (JSON pointer), `location`, `code`, `detail` |",
        "| `instance`, `request_id` | the address asked for; the id under which the log has it |",
        "",
        "Other members are facts about the case, such as `current_state` and `allowed_actions`.",
    ]
    for title, entries in (("Problems", PROBLEMS), ("Failures of a run (`error_code`)", FAILURES)):
        lines += ["", f"## {title}"]
        for code, entry in sorted(entries.items()):
            lines += ["", f"### `{code}`", "", entry.meaning, "", f"What to do: {entry.fix}"]
    return "\n".join(lines) + "\n"
