"""Every code a failed run or attempt can carry (`error_code`): what it means and what to do."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Entry:
    """One code: its meaning, and the reader's next step."""

    meaning: str
    fix: str


FAILURES: Final[dict[str, Entry]] = {
    "account_needs_login": Entry(
        "The login was refused.", "Correct the credentials, then resume the account."
    ),
    "account_paused": Entry(
        "The account was stopped between the intent and the act; nothing was sent.",
        "Resume the account; the run then goes on.",
    ),
    "bot_wall": Entry(
        "The service takes the browser for a robot and answers nothing else; the account was paused.",
        "Let it rest; log in by hand, and resume it once that works again.",
    ),
    "session_suspect": Entry(
        "The service showed a page without saying whose session it is; nothing was done "
        "and no password was given.",
        "Nothing; it is tried again. If it stays, import a session or log in again.",
    ),
    "account_removed": Entry(
        "The account was removed before the run began.", "Submit it for another account."
    ),
    "act_window_passed": Entry(
        "The worker was too slow between intent and act, so it did not act.", "Nothing; it is tried again."
    ),
    "already_connected": Entry(
        "The two are connected: an invitation cannot be sent any more, nor withdrawn.",
        "Nothing; write a message instead.",
    ),
    "already_pending": Entry(
        "An invitation was pending when this one was sent.", "Nothing; wait for the answer."
    ),
    "api_changed": Entry(
        "The service's data has another shape than is known, so nothing was concluded from it.",
        "Update Overture; the attempt's steps say which read it was.",
    ),
    "attempt_timeout": Entry(
        "One attempt took longer than OVERTURE_ATTEMPT_TIMEOUT.", "Retry it; look at the attempt's steps."
    ),
    "blocked_by_provider": Entry(
        "BLOCKED: the service restricts the account.",
        "Log in by hand, settle it with the service, then resume.",
    ),
    "browser_error": Entry(
        "The browser failed at a step.", "Nothing; it is tried again. If it stays, `overture doctor`."
    ),
    "browser_missing": Entry(
        "No Chromium was found.", "Install one, or set OVERTURE_CHROMIUM; `overture doctor` checks it."
    ),
    "browser_start": Entry(
        "Chromium did not start.", "Start it by hand to see why; `overture doctor` names the program."
    ),
    "browser_timeout": Entry(
        "A wait in the browser took longer than OVERTURE_BROWSER_TIMEOUT.", "Nothing; it is tried again."
    ),
    "challenge_required": Entry(
        "The service asks a person to prove who they are.", "Answer it in a browser, then resume the account."
    ),
    "comment_too_long": Entry(
        "The comment is longer than this page allows (`limit`).", "Shorten it; emoji count twice or more."
    ),
    "comments_connections_only": Entry(
        "Only the author's connections may comment on this post.", "Connect with the author first."
    ),
    "comments_disabled": Entry("The author lets nobody comment on this post.", "React to it instead."),
    "composer_missing": Entry("The message box was not found.", "Look at the screenshot; update Overture."),
    "composer_unstable": Entry(
        "The message box lost its text twice; nothing was sent.", "Retry it; look at the screenshot."
    ),
    "confirm_missing": Entry(
        "The button that confirms a withdrawal was not found; the invitation is still out.",
        "Look at the screenshot; update Overture.",
    ),
    "connection_limit": Entry(
        "The account has as many connections as the service allows.", "Remove some, or use another account."
    ),
    "control_blocked": Entry(
        "Something lies above the control that had to be pressed.", "Look at the screenshot."
    ),
    "csrf_invalid": Entry("The page's token was stale.", "Nothing; it is tried again."),
    "database_away": Entry("The database was away before the act.", "Nothing; it is tried again."),
    "dialog_not_opened": Entry(
        "The invitation dialog did not open, or not for this person.", "Look at the screenshot."
    ),
    "email_required": Entry(
        "The service wants the person's e-mail address before it lets one invite them.",
        "Invite them by hand, or reach them otherwise.",
    ),
    "empty_page": Entry("The page stayed empty.", "Nothing; it is tried again."),
    "erased": Entry("The person's data was erased before the outcome of the run was known.", "Nothing."),
    "expired": Entry("The run was not finished before its `expires_at`.", "Submit it again, with more time."),
    "fence_lost": Entry(
        "Another worker had taken the run over before the act; this one did not act.",
        "Nothing; it goes on.",
    ),
    "identity_mismatch": Entry(
        "The page was about to act on somebody else; nothing was sent.", "Look at the screenshot; report it."
    ),
    "incoming_request": Entry(
        "This person has invited the account.",
        "Accept that invitation instead: `on_incoming: accept`.",
    ),
    "inmail_no_credits": Entry(
        "NO_CREDITS: the account has no InMail credits left; nothing was sent.",
        "Wait for their renewal, or reach the person otherwise.",
    ),
    "inmail_unavailable": Entry(
        "NOT_AVAILABLE: the service offers no InMail to this person, or one to them still awaits its answer; "
        "nothing was sent or spent.",
        "Reach them otherwise, or wait for their answer.",
    ),
    "internal_error": Entry(
        "A bug of ours, before anything was sent.", "Report it; the attempt has the traceback."
    ),
    "invitation_gone": Entry(
        "The invitation was answered or withdrawn before this act reached it; nothing was changed.",
        "Nothing; check the connection.",
    ),
    "invite_cooldown": Entry(
        "This account invited this person before and it came to nothing; for about three weeks the service "
        "takes no other invitation, and Overture sends none.",
        "Try again after that.",
    ),
    "kill_switch_on": Entry(
        "A kill switch was turned on before the act; nothing was sent.",
        "Turn it off when you know why it was on; the run then goes on.",
    ),
    "held_back": Entry(
        "A rule that came up after the intent stopped the act; nothing was sent.",
        "Nothing: the run waits for what holds it back and says so.",
    ),
    "linkedin_url_unset": Entry(
        "No LinkedIn account can act: OVERTURE_LINKEDIN_URL is not set.",
        "Set it; docs/how-to/real-accounts.md says what that means.",
    ),
    "no_write_seen": Entry(
        "The last click made no request; nothing was sent.", "Retry it; look at the screenshot."
    ),
    "not_connectable": Entry(
        "This person's page offers no Connect.", "Follow them, or reach them otherwise."
    ),
    "not_connected": Entry("Only connections can be written to.", "Connect first."),
    "not_delivered": Entry("It was tried and is provably not there.", "Retry it, or let it be."),
    "not_followable": Entry("This member's page offers no Follow.", "Connect instead, or let it be."),
    "not_found": Entry("The service knows no such thing.", "Check the profile's address."),
    "not_prepared": Entry("An act was asked for before it was prepared: a bug of ours.", "Report it."),
    "not_persisted": Entry(
        "The service showed the comment for a moment and did not keep it.",
        "Look at the post; post other words, or let it be.",
    ),
    "note_not_possible": Entry(
        "On this page Connect sends at once, without a note; nothing was sent.",
        "Submit it without a note, or with `on_note_refused: send_without`.",
    ),
    "note_quota": Entry(
        "The account has used up its notes for this month; nothing was sent.",
        "Submit it without a note, or with `on_note_refused: send_without`; or wait for next month.",
    ),
    "note_too_long": Entry(
        "The note is longer than the page allows this account.", "Shorten it; `error` has the limit."
    ),
    "operator_wrote": Entry(
        "Somebody wrote to the person by hand after the run was submitted.", "Nothing; go on by hand."
    ),
    "not_entitled": Entry(
        "The account's plan has no InMail: the service shows an advertisement for one that has.",
        "Use an account with Premium, or `connect` first.",
    ),
    "outcome_unknown": Entry(
        "It may or may not have happened; it is read back, never repeated.",
        "Wait; if it stays held, look in the service and use resolve.",
    ),
    "page_gone": Entry("The page went away under the attempt.", "Nothing; it is tried again."),
    "post_unavailable": Entry(
        "The post does not exist (any more), or is not shown to this account.", "Check the post's address."
    ),
    "profile_inaccessible": Entry(
        "The service does not show this profile to the account.", "Reach the person from another account."
    ),
    "profile_unavailable": Entry("There is no such profile (any more).", "Check the address."),
    "query_id_rotated": Entry("The service has renewed the names of its queries.", "Update Overture."),
    "rate_limited": Entry("The service said slow down.", "Nothing; it goes on at `next_at`."),
    "reaction_mismatch": Entry(
        "The page was about to set another reaction than the one asked for; nothing was sent.",
        "Retry it; report it if it stays.",
    ),
    "reaction_unknown": Entry(
        "The post carries a reaction of the account that is not known.", "Look at the post; update Overture."
    ),
    "read_failed": Entry("A read of the service's data failed.", "Nothing; it is tried again."),
    "read_refused": Entry("The service refused a read.", "Nothing; it is tried again."),
    "recipient_not_resolved": Entry(
        "The message page opened for somebody else, or nobody; nothing was written.",
        "Look at the screenshot; write to them by hand.",
    ),
    "recipient_restricted": Entry(
        "This person takes no InMail; nothing was sent or spent.", "Reach them otherwise."
    ),
    "rejected": Entry("The service rejected the request.", "Look at `error`; try it by hand."),
    "relationship_unknown": Entry(
        "The service did not say how the two stand, so nothing was sent.", "Retry it later."
    ),
    "replied_already": Entry("The person wrote after the run was submitted.", "Answer them yourself."),
    "request_declined": Entry(
        "This person declined a message request of the account; the service lets no other through.",
        "Nothing; leave them in peace.",
    ),
    "self": Entry("The target is the account's own profile.", "Choose another target."),
    "search_limited": Entry(
        "The account has used up its profile searches for this month; that is never an empty result.",
        "Nothing; searching goes on after the first of the next month, Pacific time.",
    ),
    "send_disabled": Entry(
        "The Send button stayed disabled; the draft was cleared.", "Retry it; look at the screenshot."
    ),
    "selector_drift": Entry(
        "The page shows no control that is known: LinkedIn changed it, and nothing was guessed or sent.",
        "Look at the run's artefacts (docs/how-to/read-a-failure.md); update Overture.",
    ),
    "session_expired": Entry(
        "The session ended.", "Nothing while the account has credentials: it logs in again."
    ),
    "subject_too_long": Entry(
        "The subject is longer than InMail or the account's page allows; nothing was typed. A request with "
        "more than 200 characters is refused with this code in `errors`.",
        "Shorten it; `error` has the limit.",
    ),
    "state_unclear": Entry(
        "Two reads of the service disagreed about what is so already, or a thread could not be read whole.",
        "Nothing; it is tried again.",
    ),
    "text_mismatch": Entry(
        "What the page was about to send was not the text given; nothing was sent.",
        "Retry it; report it if it stays.",
    ),
    "too_many_pending": Entry(
        "The account has too many invitations pending.", "Withdraw old ones; it goes on at `next_at`."
    ),
    "transient": Entry("The network or the service failed for a moment, too often.", "Retry it."),
    "tray_not_found": Entry(
        "The tray of reactions did not open, and pressing the button itself could take a reaction away.",
        "Look at the screenshot; update Overture.",
    ),
    "suppressed": Entry(
        "The person is on the suppression list, under this or another of their keys; nothing was sent.",
        "Nothing. Look at the suppression list for why; what a person asked for themselves stays.",
    ),
    "ui_changed": Entry(
        "UI_CHANGED: a control was not where it is known to be, so nothing was guessed.",
        "Look at the screenshot; update Overture.",
    ),
    "unknown_modal": Entry(
        "A window that is not known covered the control; it was not touched and nothing was sent.",
        "Look at the run's screenshot, answer the window by hand in a browser, then retry.",
    ),
    "unknown_shape": Entry("The service's data has a shape that is not known.", "Update Overture."),
    "unreachable": Entry(
        "The service could not be reached; nothing was sent.", "Nothing; it is tried again."
    ),
    "unsupported": Entry(
        "The provider cannot perform this touchpoint.", "Use an account of another provider."
    ),
    "unipile_unset": Entry(
        "OVERTURE_UNIPILE_DSN or OVERTURE_UNIPILE_API_KEY is not set, so no Unipile account can act.",
        "Set both for the server and its workers, and start them again.",
    ),
    "use_message": Entry(
        "The two are connected, so an InMail would be wasted; nothing was sent or spent.",
        "Submit a `message` instead.",
    ),
    "unsupported_reaction": Entry(
        "LinkedIn no longer offers this reaction.",
        "Choose LIKE, CELEBRATE, SUPPORT, LOVE, INSIGHTFUL or FUNNY.",
    ),
    "weekly_limit": Entry(
        "The service's weekly limit of invitations is reached.", "Nothing; invitations go on at `next_at`."
    ),
    "worker_lost": Entry(
        "Workers died while they performed it, twenty in a row if the run has failed.", "Nothing; it goes on."
    ),
    "worker_stopped": Entry("The worker was shut down before the attempt was over.", "Nothing; it goes on."),
    "approval_required": Entry(
        "A person approves this text before it is sent, and nobody has; nothing was sent.",
        "Decide on it: GET /api/v1/approvals lists what waits.",
    ),
    "approval_stale": Entry(
        "What was approved is not what would have been sent; nothing was sent.",
        "Decide on the newest approval of the enrollment.",
    ),
    "campaign_stopped": Entry(
        "The campaign was stopped before the act; nothing was sent.",
        "Nothing. Duplicate the campaign to go on.",
    ),
    "duplicate_touchpoint": Entry(
        "The same text went to this person before; nothing was sent.",
        "Write them another text.",
    ),
    "superseded": Entry(
        "The campaign has gone on from this step, so this run would come second; nothing was sent.",
        "Nothing; the newer run counts.",
    ),
    "enrollment_over": Entry(
        "The person's plan ended before the act; nothing was sent.",
        "Nothing; the enrollment says why.",
    ),
}
