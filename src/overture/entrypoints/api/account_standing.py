"""What is wrong with an account and the one thing to do next: a table of every state it can be in.

The first row that is true is the answer: what stops everything stands above what stops one kind of act, and
what needs a person above what passes by itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from overture import accounts
from overture.accounts import Account, AccountBreaker, KillSwitch
from overture.core.ids import public_id
from overture.core.reasons import Reason


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
    PROVIDER_NOT_CONFIGURED = "provider_not_configured"
    NO_CREDENTIALS = "no_credentials"
    NO_WORKER = "no_worker"
    OUTCOME_UNKNOWN = "outcome_unknown"
    OUTSIDE_HOURS = "outside_hours"
    COOLDOWN = "cooldown"
    QUOTA_USED = "quota_used"
    FINE = "fine"


@dataclass(frozen=True)
class NextAction:
    """The one thing to do: in words, as a request, and as a command where there is one."""

    text: str
    method: str | None = None
    path: str | None = None
    cli: str | None = None


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
    is_worker_seen: bool = True
    switch: KillSwitch | None = None
    stop_file: str | None = None
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


RESUME: Final = ("POST", "/api/v1/accounts/{handle}/resume", "overture accounts resume {handle}")
CHANGE: Final = (
    "PATCH",
    "/api/v1/accounts/{handle}",
    "overture accounts change {handle} --credential username --credential password",
)
IMPORT: Final = (
    "PUT",
    "/api/v1/accounts/{handle}/session",
    "overture accounts import-session {handle} FILE",
)
ANSWER: Final = ("POST", "/api/v1/accounts/{handle}/login/answer", None)
WAIT: Final = ("GET", "/api/v1/accounts/{handle}/limits", None)

TABLE: Final[Mapping[State, Row]] = {
    State.KILL_SWITCH: Row(
        "A kill switch is on ({switch}), so nothing acts: {reason}.",
        "{switch_off}",
        "POST",
        "/api/v1/system/kill_switch",
        "{switch_cli}",
    ),
    State.RESTRICTED: Row(
        "The service restricts the account ({detail}); it was paused at once.",
        "Log in by hand, settle it with the service, wait 48 hours, then resume it.",
        *RESUME,
    ),
    State.CIRCUIT_OPEN: Row(
        "Its breaker is open: {detail}.",
        "Look at the run it ended with and what that left to see, mend the cause, then resume it.",
        *RESUME,
    ),
    State.PAUSED: Row("It is paused ({detail}).", "Resume it when it may act again.", *RESUME),
    State.NEEDS_LOGIN: Row(
        "It cannot log in: {detail}.", "Correct its credentials, then resume it.", *CHANGE
    ),
    State.NEEDS_PIN: Row(
        "The service sent a PIN and asks for it: {detail}.", "Answer with the PIN, then resume it.", *ANSWER
    ),
    State.NEEDS_TOTP: Row(
        "The service asks for a code of its authenticator app: {detail}.",
        "Answer with the code, or set its totp_secret, then resume it.",
        *ANSWER,
    ),
    State.NEEDS_APP_APPROVAL: Row(
        "The service waits for an approval in its app: {detail}.",
        "Approve the login in the service's app, then resume it.",
        *ANSWER,
    ),
    State.NEEDS_CAPTCHA: Row(
        "The service shows a captcha: {detail}.",
        "Solve it in your own browser, import that session, then resume it.",
        *IMPORT,
    ),
    State.NEEDS_CHALLENGE: Row(
        "The service asks for something only a person can do ({kind}): {detail}.",
        "Do it in your own browser, import that session, then resume it.",
        *IMPORT,
    ),
    State.PROVIDER_NOT_CONFIGURED: Row(
        "Its provider {provider} cannot act: {lacks} is not set.",
        "Set {lacks} for the server and its workers, and start them again.",
        cli="overture doctor",
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
        "Look in the service whether each happened, then resolve it.",
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

OF_KIND: Final[Mapping[str, State]] = {
    "login": State.NEEDS_LOGIN,
    "pin": State.NEEDS_PIN,
    "totp": State.NEEDS_TOTP,
    "app_approval": State.NEEDS_APP_APPROVAL,
    "captcha": State.NEEDS_CAPTCHA,
}
"""`state_reason` of an account that needs a person; any other is a challenge."""

OF_PAUSE: Final[Mapping[str, State]] = {
    "blocked_by_provider": State.RESTRICTED,
    "bot_wall": State.RESTRICTED,
    accounts.CIRCUIT_OPEN: State.CIRCUIT_OPEN,
}
"""`state_reason` of a paused account; any other is a person's pause."""

OF_RUNS_ONLY: Final = frozenset(
    {
        Reason.DELAY,
        Reason.RETRY,
        Reason.WORKER_LOST,
        Reason.ACCOUNT_BUSY,
        Reason.WAITING_RECONCILE,
        Reason.TARGET_UNRESOLVED,
        Reason.READY,
        Reason.MIN_INTERVAL,
        Reason.WORKING_HOURS,
        Reason.PROVIDER_COOLDOWN,
        Reason.KILL_SWITCH,
        Reason.ACCOUNT_PAUSED,
        Reason.ACCOUNT_NEEDS_ATTENTION,
        Reason.OUTCOME_UNKNOWN,
    }
)
"""Reasons that are no news about the account, or that it tells by itself. Any other is a limit of its."""


def standing(facts: Facts, sentences: Mapping[Reason, str]) -> Standing:
    """The first row of the table that is true."""
    state, filling, until = first(facts, sentences)
    row, run_id = TABLE[state], filling.get("run_id")
    words = {"handle": facts.account.handle, **filling}
    action = NextAction(
        text=row.text.format_map(words),
        method=row.method,
        path=row.path.format_map(words) if row.path else None,
        cli=row.cli.format_map(words) if row.cli else None,
    )
    wrong = row.wrong.format_map(words) if row.wrong else None
    return Standing(state, wrong, action, until, run_id)


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
    if facts.stop_file is not None or (switch is not None and switch.scope == "file"):
        reason = facts.stop_file or (switch.reason if switch else "")
        filling = {
            "switch": "stop file",
            "reason": reason,
            "switch_off": "Remove the stop file when it may act again.",
            "switch_cli": "overture kill-switch off",
        }
        return State.KILL_SWITCH, filling, None
    if switch is None:
        return None
    scope = {"global": "", "channel": f" --channel {switch.subject}"}.get(
        switch.scope, f" --account {facts.account.handle}"
    )
    filling = {
        "switch": switch.scope,
        "reason": switch.reason,
        "switch_off": "Turn it off when you know why it was turned on.",
        "switch_cli": f"overture kill-switch off{scope}",
    }
    return State.KILL_SWITCH, filling, None


def stopped_itself(facts: Facts) -> Found | None:
    """The account is paused or needs a person."""
    account, breaker = facts.account, facts.breaker
    if account.state == "active":
        return None
    reason = account.state_reason or "operator"
    run_id = public_id("run", breaker.last_run_id) if breaker is not None else ""
    detail = (account.state_detail or reason).rstrip(".")
    filling = {"detail": detail, "kind": reason, "run_id": run_id}
    if account.state == "needs_attention":
        return OF_KIND.get(reason, State.NEEDS_CHALLENGE), filling, None
    return OF_PAUSE.get(reason, State.PAUSED), filling, None


def what_next(account: Account) -> str:
    """What a person does about an account that does not act."""
    found = stopped_itself(Facts(account, account.state_since, account.state_since))
    return TABLE[found[0]].text if found is not None else TABLE[State.FINE].text


def not_ready(facts: Facts) -> Found | None:
    """The installation lacks something without which the account cannot act."""
    if facts.provider_lacks is not None:
        filling = {"provider": facts.account.provider, "lacks": facts.provider_lacks}
        return State.PROVIDER_NOT_CONFIGURED, filling, None
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
    return State.COOLDOWN, {"category": category, "until": told(until), "code": code}, until


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
