"""What is wrong with an account and the one thing to do next: a table of every state it can be in.

The first row that is true is the answer: what stops everything stands above what stops one kind of act, and
what needs a person above what passes by itself.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from overture import accounts
from overture.accounts import Account, AccountBreaker, KillSwitch
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.entrypoints.api.reasons_of_runs import OF_RUNS_ONLY


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
class NextAction:
    """The one thing to do: in words, as a request with its body, and as a command where there is one."""

    text: str
    method: str | None = None
    path: str | None = None
    cli: str | None = None
    body: Body | None = None


@dataclass(frozen=True)
class Standing:
    """An account's state, what is wrong (nothing when it is null), since or until when, and what to do."""

    state: State
    what_is_wrong: str | None
    next_action: NextAction
    until: datetime | None = None
    run_id: str | None = None


@dataclass(frozen=True)
class Queue:
    """What the account's runs that are not over wait for: how many, and when the first is looked at."""

    reason: Reason
    count: int
    first_at: datetime | None


@dataclass(frozen=True)
class Facts:
    """Everything the answer depends on, read at one moment."""

    account: Account
    now: datetime
    opens_at: datetime
    has_credentials: bool = True
    provider_lacks: str | None = None
    signs_in_elsewhere: bool = False
    """Whether a service between us and the channel keeps the sign-in: no credentials are kept here."""
    is_signed_in: bool = True
    is_worker_seen: bool = True
    switch: KillSwitch | None = None
    stop_file: str | None = None
    stop_path: str = "STOP"
    challenge: str | None = None
    """How the check that was asked last stands; None: none was ever asked."""
    breaker: AccountBreaker | None = None
    cooldowns: Sequence[tuple[str, datetime, str]] = field(default=())
    queues: Sequence[Queue] = field(default=())


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
        "Do that at the service; the account goes on by itself once the service says that all is well.",
    ),
    State.PROVIDER_NOT_CONFIGURED: Row(
        "Its provider {provider} cannot act: {lacks} is not set.",
        "Set {lacks} for the server and its workers, and start them again.",
        cli="overture doctor",
    ),
    State.NOT_SIGNED_IN: Row(
        "It is not signed in at the service that acts for it: {detail}.",
        "Make a link on which its owner signs in.",
        "POST",
        "/api/v1/accounts/unipile/connect-link",
        body={"handle": "HANDLE"},
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
        "What became of {count} of its runs is unknown, and the service cannot tell.",
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

OF_PAUSE: Final[Mapping[str, State]] = {
    "blocked_by_provider": State.RESTRICTED,
    "bot_wall": State.RESTRICTED,
    accounts.CIRCUIT_OPEN: State.CIRCUIT_OPEN,
}
"""`state_reason` of a paused account; any other is a person's pause."""


def standing(facts: Facts, sentences: Mapping[Reason, str]) -> Standing:
    """The first row of the table that is true."""
    state, filling, until = first(facts, sentences)
    row = row_of(state, facts)
    words = {"handle": facts.account.handle, **filling}
    action = NextAction(
        text=row.text.format_map(words),
        method=row.method,
        path=row.path.format_map(words) if row.path else None,
        cli=row.cli.format_map(words) if row.cli else None,
        body=off(facts) if row is TABLE[State.KILL_SWITCH] else row.body,
    )
    wrong = row.wrong.format_map(words) if row.wrong else None
    return Standing(state, wrong, action, until, filling.get("run_id"))


def row_of(state: State, facts: Facts) -> Row:
    """The row of a state; a stop file is a kill switch that only its own machine can turn off."""
    if state is State.KILL_SWITCH and facts.stop_file is not None:
        return STOP_FILE
    if state is State.KILL_SWITCH and facts.switch is not None and facts.switch.scope == "file":
        return STOP_FILE_ELSEWHERE
    return TABLE[state]


def off(facts: Facts) -> Body:
    """The order that turns off the switch the account is stopped by."""
    scope = facts.switch.scope if facts.switch is not None else "global"
    subjects = {"channel": {"channel": facts.account.channel}, "account": {"handle": facts.account.handle}}
    return {"scope": scope, **subjects.get(scope, {}), "on": False}


Found = tuple[State, dict[str, str], datetime | None]


def first(facts: Facts, sentences: Mapping[Reason, str]) -> Found:
    """The state, what its row is filled with, and until when it lasts by itself."""
    for look in (stopped_by_switch, stopped_itself, not_ready, unresolved, closed, resting):
        found = look(facts)
        if found is not None:
            return found
    return used_up(facts, sentences) or (State.FINE, {}, None)


def stopped_by_switch(facts: Facts) -> Found | None:
    """A kill switch covers it, or a stop file lies here."""
    switch = facts.switch
    if facts.stop_file is not None:
        return State.KILL_SWITCH, {"reason": facts.stop_file, "file": shlex.quote(facts.stop_path)}, None
    if switch is None:
        return None
    scope = {"global": "", "channel": f" --channel {switch.subject}"}.get(
        switch.scope, f" --account {facts.account.handle}"
    )
    filling = {
        "switch": switch.scope,
        "place": switch.subject,
        "reason": switch.reason,
        "switch_cli": f"overture kill-switch off{scope}",
    }
    return State.KILL_SWITCH, filling, None


def stopped_itself(facts: Facts) -> Found | None:
    """The account is paused or needs a person."""
    account, breaker = facts.account, facts.breaker
    if account.state == "active":
        return None
    reason = account.state_reason or "operator"
    detail = (account.state_detail or reason).rstrip(".")
    filling = {"detail": detail, "kind": reason}
    if breaker is not None and account.state == "paused":
        filling["run_id"] = public_id("run", breaker.last_run_id)
    if account.state == "needs_attention":
        is_reported = reason.startswith(accounts.REPORTED)
        state = State.NEEDS_RECONNECT if is_reported else OF_KIND.get(reason, State.NEEDS_CHALLENGE)
        if facts.signs_in_elsewhere and state in (State.NEEDS_LOGIN, State.NEEDS_CHALLENGE):
            return State.NOT_SIGNED_IN, filling, None
        takes_none = state in ANSWERED and facts.challenge not in (None, "open")
        return State.NEEDS_CHALLENGE if takes_none else state, filling, None
    return OF_PAUSE.get(reason, State.PAUSED), filling, None


def what_next(account: Account) -> str:
    """What a person does about an account that does not act."""
    return standing(Facts(account, account.state_since, account.state_since), {}).next_action.text


def not_ready(facts: Facts) -> Found | None:
    """The installation lacks something without which the account cannot act."""
    if facts.provider_lacks is not None:
        filling = {"provider": facts.account.provider, "lacks": facts.provider_lacks}
        return State.PROVIDER_NOT_CONFIGURED, filling, None
    if not facts.is_signed_in:
        return State.NOT_SIGNED_IN, {"detail": "nobody has yet"}, None
    if not facts.has_credentials:
        return State.NO_CREDENTIALS, {}, None
    return None if facts.is_worker_seen else (State.NO_WORKER, {}, None)


def unresolved(facts: Facts) -> Found | None:
    """Runs wait for a person to say what became of them."""
    waiting = [queue for queue in facts.queues if queue.reason is Reason.OUTCOME_UNKNOWN]
    count = sum(queue.count for queue in waiting)
    return (State.OUTCOME_UNKNOWN, {"count": str(count)}, None) if count else None


def closed(facts: Facts) -> Found | None:
    """It is outside the account's hours."""
    if facts.opens_at <= facts.now:
        return None
    return State.OUTSIDE_HOURS, {"until": told(facts.opens_at)}, facts.opens_at


def resting(facts: Facts) -> Found | None:
    """The service ordered a rest; the longest is told."""
    if not facts.cooldowns:
        return None
    category, until, code = max(facts.cooldowns, key=lambda rest: rest[1])
    kind = "everything" if category == "*" else category
    return State.COOLDOWN, {"category": kind, "until": told(until), "code": code}, until


def used_up(facts: Facts, sentences: Mapping[Reason, str]) -> Found | None:
    """A limit is used up, and runs wait for it."""
    waiting = [queue for queue in facts.queues if queue.reason not in OF_RUNS_ONLY and queue.first_at]
    if not waiting:
        return None
    queue = max(waiting, key=lambda one: one.count)
    until = told(queue.first_at) if queue.first_at else "a slot is free"
    filling = {"sentence": sentences[queue.reason], "count": str(queue.count), "until": until}
    return State.QUOTA_USED, filling, queue.first_at


def told(at: datetime) -> str:
    """An instant in a sentence."""
    return at.strftime("%Y-%m-%d %H:%M UTC")
