"""The table of every state an account can be in: what is wrong, and the one thing to do next."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from overture import accounts


class State(StrEnum):
    """Every state an account can be in, as an operator sees it."""

    KILL_SWITCH = "kill_switch"
    RESTRICTED = "restricted"
    CIRCUIT_OPEN = "circuit_open"
    PAUSED = "paused"
    NEEDS_LOGIN = "needs_login"
    NEEDS_PIN = "needs_pin"
    NEEDS_TOTP = "needs_totp"
    NEEDS_APP_APPROVAL = "needs_app_approval"
    NEEDS_CAPTCHA = "needs_captcha"
    NEEDS_CHALLENGE = "needs_challenge"
    NEEDS_RECONNECT = "needs_reconnect"
    PROVIDER_NOT_CONFIGURED = "provider_not_configured"
    NOT_SIGNED_IN = "not_signed_in"
    NO_CREDENTIALS = "no_credentials"
    NO_WORKER = "no_worker"
    OUTCOME_UNKNOWN = "outcome_unknown"
    OUTSIDE_HOURS = "outside_hours"
    COOLDOWN = "cooldown"
    QUOTA_USED = "quota_used"
    FINE = "fine"


Body = Mapping[str, object]
"""What to send; words in capitals are to be replaced."""


@dataclass(frozen=True)
class Row:
    """One row of the table; `{…}` are filled from the facts."""

    wrong: str | None
    text: str
    method: str | None = None
    path: str | None = None
    cli: str | None = None
    body: Body | None = None


RESUME: Final = ("POST", "/api/v1/accounts/{handle}/resume", "overture accounts resume {handle}")
CHANGE: Final = (
    "PATCH",
    "/api/v1/accounts/{handle}",
    "overture accounts change {handle} --credential username --credential password"
    " && overture accounts login {handle}",
    {"credentials": {"username": "USERNAME", "password": "PASSWORD"}},
)
IMPORT: Final = (
    "PUT",
    "/api/v1/accounts/{handle}/session",
    "overture accounts import-session {handle} FILE",
    {"cookies": "TEXT OF THE FILE"},
)
ANSWER: Final = ("POST", "/api/v1/accounts/{handle}/login/answer")
WITH_CODE: Final = (*ANSWER, "overture accounts answer {handle} --code CODE", {"code": "CODE"})
WITH_YES: Final = (*ANSWER, "overture accounts answer {handle} --approved", {"approved": True})
AT_UNIPILE: Final = "/api/v1/accounts/unipile"
THERE: Final = ("POST", f"{AT_UNIPILE}/checkpoint", None)
CODE_THERE: Final = (*THERE, {"handle": "{handle}", "code": "CODE"})
YES_THERE: Final = (*THERE, {"handle": "{handle}", "approved": True})
LINK: Final = ("POST", f"{AT_UNIPILE}/connect-link", None, {"handle": "{handle}"})
RESTART: Final = ("POST", f"{AT_UNIPILE}/restart", None, {"handle": "{handle}"})
WAIT: Final = ("GET", "/api/v1/accounts/{handle}/limits", "overture accounts limits {handle}")

TABLE: Final[Mapping[State, Row]] = {
    State.KILL_SWITCH: Row(
        "A kill switch is on ({switch}), so nothing acts: {reason}.",
        "Turn it off when you know why it was turned on.",
        "POST",
        "/api/v1/system/kill_switch",
        "{switch_cli}",
    ),
    State.RESTRICTED: Row(
        "The service restricts the account, so nothing of it acts: {detail}.",
        "Log in by hand, settle it with the service, wait 48 hours, then resume it.",
        *RESUME,
    ),
    State.CIRCUIT_OPEN: Row(
        "Its breaker is open, so nothing of it acts: {detail}.",
        "Look at the run it ended with and what that left to see, mend the cause, then resume it.",
        *RESUME,
    ),
    State.PAUSED: Row(
        "It is paused, so nothing of it acts: {detail}.", "Resume it when it may act again.", *RESUME
    ),
    State.NEEDS_LOGIN: Row(
        "It cannot log in, so nothing of it acts: {detail}.",
        "Correct its credentials, then log in with them: POST /api/v1/accounts/{handle}/login.",
        *CHANGE,
    ),
    State.NEEDS_PIN: Row(
        "Nothing of it acts until it is answered: {detail}.",
        "Answer with the code the service sent; it then goes on by itself.",
        *WITH_CODE,
    ),
    State.NEEDS_TOTP: Row(
        "Nothing of it acts until it is answered: {detail}.",
        "Answer with the code its authenticator app shows; it then goes on by itself.",
        *WITH_CODE,
    ),
    State.NEEDS_APP_APPROVAL: Row(
        "Nothing of it acts until it is approved: {detail}.",
        "Approve the login in the service's app, then say that you did; it then goes on by itself.",
        *WITH_YES,
    ),
    State.NEEDS_CAPTCHA: Row(
        "Nothing of it acts until a person has solved a captcha: {detail}.",
        "Log in and solve it in your own browser, then import that session; it then goes on by itself.",
        *IMPORT,
    ),
    State.NEEDS_CHALLENGE: Row(
        "Nothing of it acts until a person has done what the service asks ({kind}): {detail}.",
        "Log in and do it in your own browser, then import that session; it then goes on by itself.",
        *IMPORT,
    ),
    State.NEEDS_RECONNECT: Row(
        "Nothing of it acts: {detail}.",
        "Make a link on which its owner signs in again; it then goes on by itself.",
        *LINK,
    ),
    State.PROVIDER_NOT_CONFIGURED: Row(
        "Its provider {provider} cannot act: {lacks} is not set.",
        "Set {lacks} for the server and its workers, and start them again.",
        cli="overture doctor",
    ),
    State.NOT_SIGNED_IN: Row(
        "It is not signed in at the service that acts for it: {detail}.",
        "Make a link on which its owner signs in.",
        *LINK,
    ),
    State.NO_CREDENTIALS: Row(
        "It has no credentials and no kept session.",
        "Set its credentials; without them it cannot log in.",
        *CHANGE,
    ),
    State.NO_WORKER: Row(
        "No worker shows a sign of life, so runs wait.", "Start a worker.", cli="overture worker"
    ),
    State.OUTCOME_UNKNOWN: Row(
        "What became of {count} of its runs is unknown, and the service does not tell.",
        "Look in the service whether each happened, then resolve it (POST /api/v1/runs/RUN/resolve).",
        "GET",
        "/api/v1/runs?handle={handle}&status=held",
        "overture runs list --handle {handle} --status held",
    ),
    State.OUTSIDE_HOURS: Row(
        "Its working hours are closed until {until}.", "Nothing: it goes on then.", *WAIT
    ),
    State.COOLDOWN: Row(
        "The service said slow down ({code}): {category} rests until {until}.",
        "Nothing: it goes on then.",
        *WAIT,
    ),
    State.QUOTA_USED: Row(
        "{sentence} {count} of its runs wait, until {until}.", "Nothing: they go on then.", *WAIT
    ),
    State.FINE: Row(None, "Nothing: it may act."),
}

ELSEWHERE: Final[Mapping[State, Row]] = {
    State.NEEDS_PIN: Row(
        TABLE[State.NEEDS_PIN].wrong,
        "Answer with the code the service sent, within five minutes; it then goes on by itself.",
        *CODE_THERE,
    ),
    State.NEEDS_TOTP: Row(
        TABLE[State.NEEDS_TOTP].wrong,
        "Answer with the code its authenticator app shows, within five minutes; it then goes on by itself.",
        *CODE_THERE,
    ),
    State.NEEDS_APP_APPROVAL: Row(
        TABLE[State.NEEDS_APP_APPROVAL].wrong,
        "Approve the login in the service's app within five minutes, then say that you did.",
        *YES_THERE,
    ),
    State.NEEDS_CHALLENGE: Row(
        "Nothing of it acts until it is answered: {detail}.",
        "Answer with what the service asks for ({kind}), within five minutes; it then goes on by itself.",
        *CODE_THERE,
    ),
}
"""What is asked where the sign-in is kept, and answered there; no run and no command carries the answer."""
RESTARTED: Final = Row(
    TABLE[State.NEEDS_RECONNECT].wrong,
    "Have it started again; if it is not well then, make a link on which its owner signs in again.",
    *RESTART,
)

STOP_FILE: Final = Row(
    "A stop file lies here, so nothing acts: {reason}.",
    "Remove the stop file when it may act again.",
    cli="rm {file}",
)
STOP_FILE_ELSEWHERE: Final = Row(
    "A stop file lies on another machine ({place}), so nothing acts: {reason}.",
    "Remove it there when it may act again.",
)

OF_KIND: Final[Mapping[str, State]] = {
    "login": State.NEEDS_LOGIN,
    "pin": State.NEEDS_PIN,
    "totp": State.NEEDS_TOTP,
    "app_approval": State.NEEDS_APP_APPROVAL,
    "captcha": State.NEEDS_CAPTCHA,
}
"""`state_reason` of an account that needs a person; any other is a challenge."""

ANSWERED: Final = frozenset({State.NEEDS_PIN, State.NEEDS_TOTP, State.NEEDS_APP_APPROVAL})
"""What an answer ends, while the service takes one."""

HELPED_BY_RESTART: Final = frozenset({f"{accounts.REPORTED}stopped", f"{accounts.REPORTED}error"})
"""`state_reason` of an account the service has stopped, or that failed there."""

OF_PAUSE: Final[Mapping[str, State]] = {
    "blocked_by_provider": State.RESTRICTED,
    "bot_wall": State.RESTRICTED,
    accounts.CIRCUIT_OPEN: State.CIRCUIT_OPEN,
}
"""`state_reason` of a paused account; any other is a person's pause."""
