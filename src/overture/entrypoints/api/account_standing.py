"""What is wrong with an account and the one thing to do next.

The first row of the table (`account_states`) that is true is the answer: what stops everything stands above
what stops one kind of act, and what needs a person above what passes by itself.
"""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from overture import accounts
from overture.accounts import Account, AccountBreaker, KillSwitch
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.entrypoints.api.account_states import (
    ANSWERED,
    ELSEWHERE,
    HELPED_BY_RESTART,
    OF_KIND,
    OF_PAUSE,
    RESTARTED,
    STOP_FILE,
    STOP_FILE_ELSEWHERE,
    TABLE,
    Body,
    Row,
    State,
)
from overture.entrypoints.api.reasons_of_runs import OF_RUNS_ONLY
from overture.providers.unipile.provider import Unipile


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
        body=off(facts) if row is TABLE[State.KILL_SWITCH] else filled(row.body, words),
    )
    wrong = row.wrong.format_map(words) if row.wrong else None
    return Standing(state, wrong, action, until, filling.get("run_id"))


def row_of(state: State, facts: Facts) -> Row:
    """The row of a state; a stop file is a kill switch that only its own machine can turn off."""
    if state is State.KILL_SWITCH and facts.stop_file is not None:
        return STOP_FILE
    if state is State.KILL_SWITCH and facts.switch is not None and facts.switch.scope == "file":
        return STOP_FILE_ELSEWHERE
    if state is State.NEEDS_RECONNECT and facts.account.state_reason in HELPED_BY_RESTART:
        return RESTARTED
    return ELSEWHERE.get(state, TABLE[state]) if facts.signs_in_elsewhere else TABLE[state]


def filled(body: Body | None, words: Mapping[str, str]) -> Body | None:
    """A body with the facts in it."""
    if body is None:
        return None
    return {key: value.format_map(words) if isinstance(value, str) else value for key, value in body.items()}


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
        if facts.signs_in_elsewhere:
            return state if is_answered_there(state, facts) else State.NOT_SIGNED_IN, filling, None
        takes_none = state in ANSWERED and facts.challenge not in (None, "open")
        return State.NEEDS_CHALLENGE if takes_none else state, filling, None
    return OF_PAUSE.get(reason, State.PAUSED), filling, None


def is_answered_there(state: State, facts: Facts) -> bool:
    """Whether what is wrong with an account that signs in elsewhere can be seen to there as it stands."""
    if state is State.NEEDS_CHALLENGE:
        return facts.challenge == "open"
    return state is State.NEEDS_RECONNECT or (state in ANSWERED and facts.challenge in (None, "open"))


def what_next(account: Account) -> str:
    """What a person does about an account that does not act."""
    facts = Facts(account, account.state_since, account.state_since)
    facts = replace(facts, signs_in_elsewhere=account.provider == Unipile.name)
    return standing(facts, {}).next_action.text


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
