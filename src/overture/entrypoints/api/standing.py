"""What accounts and runs wait for and what an operator does next, in sentences computed from the present."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account, KillSwitch, switches_on
from overture.core.ids import public_id
from overture.core.reasons import Reason
from overture.entrypoints.api.account_standing import what_next
from overture.runs import Run

SENTENCES: Final[Mapping[Reason, str]] = {
    Reason.DELAY: "It starts at the time you gave.",
    Reason.RETRY: "A passing failure; it is tried again then.",
    Reason.WORKER_LOST: "Its worker died before it acted; another takes over.",
    Reason.WORKING_HOURS: "The account's working hours are closed until then.",
    Reason.DAILY_QUOTA: "The account has reached its limit of 24 hours; a slot is free then.",
    Reason.WEEKLY_QUOTA: "The account has reached its limit of 7 days; a slot is free then.",
    Reason.MONTHLY_QUOTA: "The notes of this calendar month are used up; the next month begins then.",
    Reason.RAMP: "The account is young and does less for now; a slot or its next stage comes then.",
    Reason.NO_INMAIL_CREDITS: "No InMail credits are left beyond the reserve; they are renewed by then. "
    "If there are some already, say so with PATCH /accounts/{handle} inmail_credits.",
    Reason.MIN_INTERVAL: "The account acted a moment ago and keeps a distance between acts.",
    Reason.PROVIDER_COOLDOWN: "The service said slow down; this kind of act rests until then.",
    Reason.ACCOUNT_BUSY: "Another run of the account is live; one at a time.",
    Reason.KILL_SWITCH: "A kill switch is on: nothing acts until a person turns it off.",
    Reason.ACCOUNT_PAUSED: "The account is paused; resume it to go on.",
    Reason.ACCOUNT_NEEDS_ATTENTION: "The account needs a person before it acts again.",
    Reason.WAITING_RECONCILE: "Its outcome is unknown; it is read back then, and never repeated blindly.",
    Reason.TARGET_UNRESOLVED: "An earlier act toward the same person is not settled yet.",
    Reason.OUTCOME_UNKNOWN: "The service does not tell whether it happened; look there, then resolve it.",
    Reason.CAMPAIGN_PAUSED: "Its campaign is paused or over; it is looked at again then.",
    Reason.ENROLLMENT_PAUSED: "A person paused the plan for this lead; it is looked at again then.",
    Reason.TOUCH_LIMIT: "This person was touched as often as allowed; the oldest touch is old enough then.",
    Reason.COMPANY_LOCK: "Somebody else at the same company is being talked to; it is looked at again then.",
    Reason.READY: "It starts as soon as its account is free and may act.",
}


@dataclass(frozen=True)
class Wait:
    """Why a run that is not over does not go on, and until when if that is known."""

    reason: Reason
    until: datetime | None
    sentence: str
    run_id: str | None = None


@dataclass(frozen=True)
class Surroundings:
    """What the waiting of some runs depends on: their accounts, the live run of each, the kill switches."""

    accounts: Mapping[UUID, Account]
    live: Mapping[UUID, UUID]
    stopped: Mapping[UUID, KillSwitch]


async def surroundings(db: AsyncSession, runs: Iterable[Run]) -> Surroundings:
    """The surroundings of these runs, in three queries however many they are."""
    ids = {run.account_id for run in runs if run.completed_at is None}
    found = {one.id: one for one in await db.scalars(select(Account).where(Account.id.in_(ids)))}
    live = await db.execute(
        select(Run.account_id, Run.id).where(Run.account_id.in_(ids), Run.admitted_at.is_not(None))
    )
    switches = await switches_on(db) if found else ()
    return Surroundings(
        accounts=found,
        stopped={
            account.id: switch
            for account in found.values()
            for switch in reversed(switches)
            if covers(switch, account)
        },
        live={account_id: run_id for account_id, run_id in live},  # noqa: C416 - rows are not tuples for mypy
    )


def waiting_for(run: Run, around: Surroundings, now: datetime) -> Wait | None:
    """What the run waits for: its account's state first, then the account's other run, then its reason."""
    if run.status not in ("pending", "held"):
        return None
    stored = Reason(run.wait_reason or Reason.READY)
    if run.next_at is None or stored is Reason.OUTCOME_UNKNOWN:
        return Wait(stored, run.next_at, SENTENCES[stored])  # for a person, whatever the account's state is
    halt = stopped(around, run.account_id)
    if halt is not None:
        return halt
    live = around.live.get(run.account_id)
    if run.next_at > now:
        return Wait(stored, run.next_at, SENTENCES[stored])
    if live is not None and live != run.id:
        other = public_id("run", live)
        sentence = f"{other} of the same account is live; one at a time."
        return Wait(Reason.ACCOUNT_BUSY, None, sentence, other)
    return Wait(stored, run.next_at, SENTENCES[stored]) if run.status == "held" else due()


def covers(switch: KillSwitch, account: Account) -> bool:
    """Whether a switch that is on stops this account."""
    subjects = {"channel": account.channel, "account": str(account.id)}
    return switch.subject == subjects.get(switch.scope, switch.subject)


def due() -> Wait:
    """Nothing is in the way."""
    return Wait(Reason.READY, None, SENTENCES[Reason.READY])


def stopped(around: Surroundings, account_id: UUID) -> Wait | None:
    """The wait for an account that does not act: a kill switch stops it, or it is stopped itself."""
    switch = around.stopped.get(account_id)
    if switch is not None:
        sentence = f"{SENTENCES[Reason.KILL_SWITCH]} ({switch.scope}: {switch.reason})"
        return Wait(Reason.KILL_SWITCH, None, sentence)
    account = around.accounts.get(account_id)
    if account is None or account.state == "active":
        return None
    attention = account.state == "needs_attention"
    reason = Reason.ACCOUNT_NEEDS_ATTENTION if attention else Reason.ACCOUNT_PAUSED
    why = account.state_detail or account.state_reason
    state = "needs a person" if attention else "is paused"
    sentence = f"The account {account.handle!r} {state} ({why}). {what_next(account)}"
    return Wait(reason, None, sentence)
