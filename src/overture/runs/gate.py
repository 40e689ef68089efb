"""The gate: everything that may hold a run back, asked in one transaction right before it starts and, for
an irreversible act, once more in the transaction that commits the intent. What cannot be read is closed.

Dry runs and readings back do nothing anybody notices, but open a session: for them there is a wicket.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, WorkingHours, next_opening
from overture.core.reasons import Reason
from overture.core.remembered import remembered
from overture.runs import quota
from overture.runs.reading import Part, Seen, read
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


@dataclass(frozen=True)
class Rule:
    """A veto that is read along with the gate: what it must know comes in the one statement."""

    part: Part
    concerns: Callable[[Run], bool]
    """Whether there is anything to ask of this run."""
    given: Callable[[Run, datetime], Mapping[str, object]]
    """The parameters of its part, beside `:run`, `:account` and `:now`."""
    says: Callable[[AsyncSession, Run, datetime, Seen], Awaitable[Passage]]
    """Asked once of what was just read with the parameters `given`."""

    async def __call__(self, db: AsyncSession, run: Run, now: datetime) -> Passage:
        """The same, asked alone."""
        rules = concerned((self,), run)
        seen = await see(db, run, now, *reading_of(rules, run, now))
        return await vetoed(rules, db, run, now, seen)


def concerned(vetoes: Sequence[Veto], run: Run) -> tuple[Veto, ...]:
    """Those of the layers above that have anything to say of this run."""
    return tuple(one for one in vetoes if not isinstance(one, Rule) or one.concerns(run))


def reading_of(vetoes: Sequence[Veto], run: Run, now: datetime) -> tuple[tuple[Part, ...], dict[str, object]]:
    """What these read along, and the parameters of that."""
    rules = [one for one in vetoes if isinstance(one, Rule)]
    given = {name: value for rule in rules for name, value in rule.given(run, now).items()}
    return tuple(rule.part for rule in rules), given


async def see(
    db: AsyncSession, run: Run, now: datetime, parts: tuple[Part, ...], given: Mapping[str, object]
) -> Seen:
    """Read these parts for a run."""
    return await read(db, parts, {"run": run.id, "account": run.account_id, "now": now, **given})


async def vetoed(vetoes: Sequence[Veto], db: AsyncSession, run: Run, now: datetime, seen: Seen) -> Passage:
    """What the layers above say: the first that is not for it. `seen` holds what they read along."""
    for veto in vetoes:
        passage = await (veto.says(db, run, now, seen) if isinstance(veto, Rule) else veto(db, run, now))
        if not isinstance(passage, Go):
            return passage
    return Go()


Prepared = Literal["undone", "theirs"]
"""What a run is for has yet to be done; or what is to be done says yes to what the person asked."""


@dataclass(frozen=True)
class Asked:
    """A run before the gate."""

    run: Run
    touchpoint: Touchpoint
    account: Account
    now: datetime
    vetoes: tuple[Veto, ...] = ()
    prepared: Prepared | None = None
    """What the service just showed, if it was asked."""

    async def see(self, db: AsyncSession, *own: Part, **given: object) -> Seen:
        """Read these parts, and those of the layers above."""
        parts, given_above = reading_of(self.vetoes, self.run, self.now)
        return await see(db, self.run, self.now, own + parts, given | given_above)

    async def vetoed(self, db: AsyncSession, seen: Seen) -> Passage:
        """What the layers above say."""
        return await vetoed(self.vetoes, db, self.run, self.now, seen)


async def ask(db: AsyncSession, asked: Asked) -> Passage:
    """May this run start, or act, now?"""
    run, touchpoint, account, now = asked.run, asked.touchpoint, asked.account, asked.now
    bill = quota.bill_of(account, touchpoint, now)
    parts, given = of_the_target(run, touchpoint, now, asked.prepared)
    lane: dict[str, object] = {"lane": touchpoint.counts_as}
    seen = await asked.see(db, STOPPED, RESTING, *bill.parts, *parts, **lane, **bill.given, **given)
    passage = kept(seen, of_the_run(run, account, now), now)
    if isinstance(passage, Go):
        passage = refused_by_ourselves(seen, now)
    if isinstance(passage, Go):
        passage = within_limits(seen, await quota.hold(db, account, run.id, bill, seen), now)
    if isinstance(passage, Go) and not touchpoint.at_any_hour:
        passage = in_hours(account, now)
    return passage if not isinstance(passage, Go) else await asked.vetoed(db, seen)


async def ask_to_rehearse(db: AsyncSession, asked: Asked) -> Passage:
    """May this dry run open a session? It is only told of quotas and hours."""
    run, now = asked.run, asked.now
    parts, given = of_the_target(run, asked.touchpoint, now)
    seen = await asked.see(db, STOPPED, RESTING, *parts, lane=accounts.EVERY_LANE, **given)
    passage = kept(seen, of_the_run(run, asked.account, now), now)
    if isinstance(passage, Go):
        passage = rested(seen)
    if isinstance(passage, Go):
        passage = refused_by_ourselves(seen, now)
    return passage if not isinstance(passage, Go) else await asked.vetoed(db, seen)


async def ask_to_look(db: AsyncSession, run: Run, account: Account, now: datetime) -> Passage:
    """May a held run be read back now? It does not expire: it may have been sent."""
    seen = await see(db, run, now, (STOPPED, RESTING), {"lane": accounts.EVERY_LANE})
    passage = kept(seen, of_the_account(account, now), now)
    return passage if not isinstance(passage, Go) else rested(seen)


STOPPED: Final = Part("stopped", accounts.STOPPED)
RESTING: Final = Part("resting", accounts.RESTING)
TO_THEM: Final = """
    account_id = :account and effect = 'confirmed' and status = 'completed'
      and (target = any(cast(:targets as text[])) or known_as && cast(:targets as text[])
           or lower(result->>'public_identifier') = any(cast(:targets as text[]))
           or result->>'profile_id' = any(cast(:targets as text[])))
"""
WITHDRAWN: Final = Part(
    "withdrawn",
    f"""
    select max(coalesce(cast(result->>'reinvite_after' as timestamptz), intended_at + :rest))
        as withdrawn_until from runs
    where {TO_THEM} and category = 'withdraw' and intended_at > :withdrawn_since
    """,
)
INVITED: Final = Part(
    "invited",
    f"""
    select max(intended_at) + :rest as invited_until from (
        select intended_at from runs
        where {TO_THEM} and category = 'invite' and run_id <> :run and intended_at > :invited_since
        union all
        select intended_at from runs
        where account_id = :account and target = any(cast(:targets as text[])) and category = 'invite'
          and error_code = 'not_persisted' and run_id <> :run and intended_at > :invited_since
    ) sent
    """,
)
"""What came of an invitation of ours of which the service shows nothing any more is not known: it was
declined, or taken back by hand. Either way nobody is asked again so soon.
"""
UNSETTLED: Final = Part(
    "unsettled",
    """
    select exists (select 1 from runs where account_id = :account and run_id <> :run
        and (target = any(cast(:targets as text[])) or known_as && cast(:targets as text[]))
        and effect in ('intended', 'unknown') and status in ('running', 'held')) as is_unsettled
    """,
)


def of_the_target(
    run: Run, touchpoint: Touchpoint, now: datetime, prepared: Prepared | None = None
) -> tuple[tuple[Part, ...], dict[str, object]]:
    """What to read of earlier acts toward the same person, by whatever name: what is not settled, what was
    taken back, and what came to nothing.
    """
    parts: tuple[Part, ...] = ()
    given: dict[str, object] = {}
    if touchpoint.acts_as != "read" and run.target is not None:
        parts, given = (UNSETTLED,), {"targets": run.targets}
    if isinstance(touchpoint, Connect) and asks(touchpoint, prepared):
        since = now - 2 * REINVITE_AFTER
        given |= {"targets": run.targets, "rest": REINVITE_AFTER, "withdrawn_since": since}
        parts = (*parts, WITHDRAWN)
        if prepared == "undone":
            parts, given = (*parts, INVITED), given | {"invited_since": now - REINVITE_AFTER}
    return parts, given


def asks(touchpoint: Connect, prepared: Prepared | None) -> bool:
    """Whether it asks them; whoever may say yes to theirs is first looked at."""
    return prepared == "undone" or (prepared is None and touchpoint.on_incoming != "accept")


def kept(seen: Seen, standing: Passage, now: datetime) -> Passage:
    """What the kill switches say, or else the run and its account."""
    return Wait(now + KILL_SWITCH_LOOK, Reason.KILL_SWITCH) if seen["is_stopped"] else standing


REFUSALS: Final = {
    "withdrawn_until": "This account took its invitation to this member back",
    "invited_until": "In the last three weeks this account invited this member or accepted their invitation, "
    "and nothing of it is left: it was declined, taken back or undone",
}


def refused_by_ourselves(seen: Seen, now: datetime) -> Go | Never:
    """Whom this account took its invitation back from, the service lets it invite only weeks later; whoever
    declined, or whose invitation was taken back by hand, is not asked sooner either.
    """
    for column, said in REFUSALS.items():
        until: datetime | None = seen.get(column)
        if until is not None and until > now:
            return Never("invite_cooldown", f"{said}; it can be sent anew after {until.isoformat()}.")
    return Go()


def rested(seen: Seen) -> Passage:
    """What the service ordered."""
    rests_until: datetime | None = seen["rests_until"]
    return Wait(rests_until, Reason.PROVIDER_COOLDOWN) if rests_until is not None else Go()


def within_limits(seen: Seen, held: quota.Hold | None, now: datetime) -> Passage:
    """What the service ordered, the account's quotas, and what is not settled yet say."""
    rest = rested(seen)
    if not isinstance(rest, Go):
        return rest
    if held is not None:
        return Wait(held.until, held.reason)
    return Wait(now + SETTLE, Reason.TARGET_UNRESOLVED) if seen.get("is_unsettled") else Go()


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
    opening = next_opening(remembered(WorkingHours, account.working_hours), account.zone, now)
    return Go() if opening <= now else Wait(opening, Reason.WORKING_HOURS)
