"""What accounts and runs wait for and what an operator does next, in sentences computed from the present."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.runs import Run

SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.DELAY: "It starts at the time you gave.",
    Reason.RETRY: "A passing failure; it is tried again then.",
    Reason.WORKER_LOST: "Its worker died before it acted; another takes over.",
    Reason.WORKING_HOURS: "The account's working hours are closed until then.",
    Reason.DAILY_QUOTA: "The account has reached its limit of 24 hours; a slot is free then.",
    Reason.WEEKLY_QUOTA: "The account has reached its limit of 7 days; a slot is free then.",
    Reason.MIN_INTERVAL: "The account acted a moment ago and keeps a distance between acts.",
    Reason.PROVIDER_COOLDOWN: "The service said slow down; this kind of act rests until then.",
    Reason.ACCOUNT_BUSY: "Another run of the account is live; one at a time.",
    Reason.ACCOUNT_PAUSED: "The account is paused; resume it to go on.",
    Reason.ACCOUNT_NEEDS_ATTENTION: "The account needs a person before it acts again.",
    Reason.WAITING_RECONCILE: "Its outcome is unknown; it is read back then, and never repeated blindly.",
    Reason.TARGET_UNRESOLVED: "An earlier act toward the same person is not settled yet.",
    Reason.OUTCOME_UNKNOWN: "The service cannot tell whether it happened; look there, then resolve the run.",
    Reason.READY: "It starts as soon as its account is free and may act.",
}

NEXT_STEPS: Final[Mapping[str, str]] = {
    "operator": "Resume it when it may act again.",
    "blocked_by_provider": "Log in by hand, settle it with the service, wait 48 hours, then resume it.",
    "login": "Correct its credentials, then resume it.",
    "pin": "Log in by hand and enter the PIN the service sent, then resume it.",
    "totp": "Set or correct its totp_secret, then resume it.",
    "app_approval": "Approve the login in the service's app, then resume it.",
    "captcha": "Log in by hand and solve the captcha, then resume it.",
    "checkpoint": "Log in by hand and answer the service's question, then resume it.",
}
ANSWER_BY_HAND: Final = "Log in by hand, do what the service asks, then resume it."


@dataclass(frozen=True)
class Wait:
    """Why a run that is not over does not go on, and until when if that is known."""

    reason: Reason
    until: datetime | None
    sentence: str
    run_id: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What the waiting of some runs depends on: their accounts, and the live run of each."""

    accounts: Mapping[UUID, Account]
    live: Mapping[UUID, UUID]


async def surroundings(db: AsyncSession, runs: Iterable[Run]) -> Surroundings:
    """The surroundings of these runs, in two queries however many they are."""
    ids = {run.account_id for run in runs if run.completed_at is None}
    accounts = await db.scalars(select(Account).where(Account.id.in_(ids)))
    live = await db.execute(
        select(Run.account_id, Run.id).where(Run.account_id.in_(ids), Run.admitted_at.is_not(None))
    )
    return Surroundings(
        accounts={account.id: account for account in accounts},
        live={account_id: run_id for account_id, run_id in live},  # noqa: C416 - rows are not tuples for mypy
    )


def waiting_for(run: Run, around: Surroundings, now: datetime) -> Wait | None:
    """What the run waits for: its account's state first, then the account's other run, then its reason."""
    if run.status not in ("pending", "held"):
        return None
    stored = Reason(run.wait_reason or Reason.READY)
    if run.next_at is None:  # held for a person; no account's state would change that
        return Wait(stored, None, SENTENCES[stored])
    account = around.accounts.get(run.account_id)
    if account is not None and account.state != "active":
        return stopped(account)
    live = around.live.get(run.account_id)
    if run.next_at > now:
        return Wait(stored, run.next_at, SENTENCES[stored])
    if live is not None and live != run.id:
        other = public_id("run", live)
        sentence = f"{other} of the same account is live; one at a time."
        return Wait(Reason.ACCOUNT_BUSY, None, sentence, other)
    return Wait(stored, run.next_at, SENTENCES[stored]) if run.status == "held" else due()


def due() -> Wait:
    """Nothing is in the way."""
    return Wait(Reason.READY, None, SENTENCES[Reason.READY])


def stopped(account: Account) -> Wait:
    """The wait for an account that does not act."""
    attention = account.state == "needs_attention"
    reason = Reason.ACCOUNT_NEEDS_ATTENTION if attention else Reason.ACCOUNT_PAUSED
    why = account.state_detail or account.state_reason
    state = "needs a person" if attention else "is paused"
    sentence = f"The account {account.handle!r} {state} ({why}). {next_step(account, has_credentials=True)}"
    return Wait(reason, None, sentence)


def next_step(account: Account, *, has_credentials: bool) -> str:
    """The one thing an operator does next for an account."""
    if account.state != "active":
        return NEXT_STEPS.get(account.state_reason or "operator", ANSWER_BY_HAND)
    if not has_credentials:
        return "Set its credentials; without them it cannot log in."
    return "Nothing: it may act."
