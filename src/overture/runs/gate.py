"""The gate: everything that may hold a run back, asked in one transaction right before it starts and, for
an irreversible act, once more in the transaction that commits the intent. What cannot be read is closed.

Dry runs and readings back do nothing anybody notices, but open a session: for them there is a wicket.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, WorkingHours, next_opening
from overture.core.reasons import Reason
from overture.runs import quota
from overture.runs.tables import Run
from overture.touchpoints import REINVITE_AFTER, Connect, Touchpoint

SETTLE = timedelta(seconds=30)  # how often a run looks whether the earlier act is settled

KILL_SWITCH_LOOK = timedelta(seconds=30)  # how often a run looks by itself whether its kill switch is off


@dataclass(frozen=True)
class Go:
    """Nothing holds the run back now."""


@dataclass(frozen=True)
class Wait:
    """Not now: look again at `until`, because of `reason`."""

    until: datetime
    reason: Reason


@dataclass(frozen=True)
class Never:
    """Not at all: the run ends with this code."""

    code: str
    message: str


Passage = Go | Wait | Never

Veto = Callable[[AsyncSession, Run, datetime], Awaitable[Passage]]
"""A rule of a layer above (suppression, approval, a campaign that is paused): asked with everything else, in
the same transactions, of every run, whoever submitted it."""


async def ask(db: AsyncSession, run: Run, touchpoint: Touchpoint, account: Account, now: datetime) -> Passage:
    """May this run start, or act, now?"""
    if await accounts.stopping(db, account) is not None:
        return Wait(now + KILL_SWITCH_LOOK, Reason.KILL_SWITCH)
    standing = of_the_run(run, account, now)
    if not isinstance(standing, Go):
        return standing
    refused = await refused_by_ourselves(db, run, touchpoint, now)
    if not isinstance(refused, Go):
        return refused
    within = await within_limits(db, run, touchpoint, account, now)
    if not isinstance(within, Go):
        return within
    return Go() if touchpoint.at_any_hour else in_hours(account, now)


async def ask_to_rehearse(
    db: AsyncSession, run: Run, touchpoint: Touchpoint, account: Account, now: datetime
) -> Passage:
    """May this dry run open a session? It is only told of quotas and hours."""
    wicket = await ask_to_look(db, run, account, now)
    return wicket if not isinstance(wicket, Go) else await refused_by_ourselves(db, run, touchpoint, now)


async def ask_to_look(db: AsyncSession, run: Run, account: Account, now: datetime) -> Passage:
    """May anything of this account be looked at now? A held run does not expire: it may have been sent."""
    if await accounts.stopping(db, account) is not None:
        return Wait(now + KILL_SWITCH_LOOK, Reason.KILL_SWITCH)
    standing = of_the_account(account, now) if run.status == "held" else of_the_run(run, account, now)
    if not isinstance(standing, Go):
        return standing
    rest = await accounts.cooldown_until(db, account.id, accounts.EVERY_LANE, now)
    return Wait(rest[0], Reason.PROVIDER_COOLDOWN) if rest is not None else Go()


async def within_limits(
    db: AsyncSession, run: Run, touchpoint: Touchpoint, account: Account, now: datetime
) -> Passage:
    """What the service ordered, the account's quotas, and what is not settled yet say."""
    rest = await accounts.cooldown_until(db, account.id, touchpoint.counts_as, now)
    if rest is not None:
        return Wait(rest[0], Reason.PROVIDER_COOLDOWN)
    held = await quota.hold(db, account, touchpoint, run.id, now)
    if held is not None:
        return Wait(held.until, held.reason)
    if touchpoint.acts_as != "read" and await unsettled_before(db, run):
        return Wait(now + SETTLE, Reason.TARGET_UNRESOLVED)
    return Go()


def of_the_run(run: Run, account: Account, now: datetime) -> Passage:
    """What the run and its account say for themselves."""
    if run.expires_at is not None and run.expires_at <= now:
        return Never("expired", f"The run was to finish before {run.expires_at.isoformat()}.")
    return of_the_account(account, now)


def of_the_account(account: Account, now: datetime) -> Passage:
    """What the account says for itself."""
    if account.removed_at is not None:
        return Never("account_removed", f"The account {account.handle!r} was removed.")
    if account.state == "needs_attention":
        return Wait(now, Reason.ACCOUNT_NEEDS_ATTENTION)
    if account.state != "active":
        return Wait(now, Reason.ACCOUNT_PAUSED)
    return Go()


def in_hours(account: Account, now: datetime) -> Passage:
    """Whether the account's working hours are open."""
    opening = next_opening(WorkingHours.model_validate(account.working_hours), account.zone, now)
    return Go() if opening <= now else Wait(opening, Reason.WORKING_HOURS)


WITHDRAWN = text("""
select max(coalesce(cast(result->>'reinvite_after' as timestamptz), intended_at + :rest)) from runs
where account_id = :account and category = 'withdraw' and effect = 'confirmed' and status = 'completed'
  and intended_at > :since and (target = :target
       or lower(result->>'public_identifier') = :target or result->>'profile_id' = :target)
""")


async def refused_by_ourselves(
    db: AsyncSession, run: Run, touchpoint: Touchpoint, now: datetime
) -> Go | Never:
    """Whom this account took its invitation back from, the service lets it invite only weeks later."""
    if not isinstance(touchpoint, Connect):
        return Go()
    until: datetime | None = await db.scalar(
        WITHDRAWN,
        {
            "account": run.account_id,
            "target": run.target,
            "rest": REINVITE_AFTER,
            "since": now - 2 * REINVITE_AFTER,
        },
    )
    if until is None or until <= now:
        return Go()
    said = "This account took its invitation to this member back"
    return Never("invite_cooldown", f"{said}; it can be sent anew after {until.isoformat()}.")


UNSETTLED = text("""
select exists (select 1 from runs where account_id = :account and target = :target and run_id <> :run
    and effect in ('intended', 'unknown') and status in ('running', 'held'))
""")


async def unsettled_before(db: AsyncSession, run: Run) -> bool:
    """Whether an earlier act of this account toward the same person has an unknown end."""
    if run.target is None:
        return False
    parameters = {"account": run.account_id, "target": run.target, "run": run.id}
    return bool(await db.scalar(UNSETTLED, parameters))


async def vetoed(vetoes: Sequence[Veto], db: AsyncSession, run: Run, now: datetime) -> Passage:
    """What the layers above say: the first that is not for it."""
    for veto in vetoes:
        passage = await veto(db, run, now)
        if not isinstance(passage, Go):
            return passage
    return Go()
