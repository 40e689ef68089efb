"""Recording how an attempt ended: run, account, lane, session and event in one fenced transaction."""

import asyncio
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, cast
from uuid import UUID

import structlog
from sqlalchemy import Table, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, Cause, challenges
from overture.core.errors import Failure, NeedsHuman, NotPossible, PageChanged
from overture.core.reasons import Reason
from overture.db import append_event, carry_out, copy_of
from overture.runs import artifacts, engine, gate, halt, settle, store, unlocked
from overture.runs.begin import Work
from overture.runs.concern import Trouble, concern
from overture.runs.ends import (
    Absent,
    Bug,
    Cancelled,
    CannotTell,
    Done,
    End,
    Failed,
    Left,
    NotNow,
    Unknown,
)
from overture.runs.kit import Kit
from overture.runs.react import Again, Tries, pause, react
from overture.runs.rows import as_stored, attempt_of, ended_as, error_of, event_of, told
from overture.runs.tables import Attempt, Run
from overture.touchpoints import Connect, Touchpoint

log = structlog.get_logger()

BLAMELESS: Final = frozenset({"worker_stopped", "database_away"}) | halt.HELD_BACK
"""What ends an attempt without being the run's fault: it costs the run none."""
READ_BACKS: Final = 3  # tries of a channel that cannot tell, before a person is asked
MOST_FRUITLESS: Final = 9  # looks that failed, over some four hours, before a person is asked as well
OUTAGE: Final = timedelta(minutes=2)  # how long a finished attempt waits for the database to come back
OUTAGE_PAUSE: Final = timedelta(milliseconds=500)


async def record(kit: Kit, work: Work, end: End, left: Left) -> None:
    """Write the end down; a database that is away for a moment is waited for, the fence makes that safe."""
    told = artifacts.Told(error_of(end)[0], work.sender.secrets)
    kept = artifacts.keep(kit, work.run, left, told)
    give_up = kit.clock.monotonic() + OUTAGE.total_seconds()
    while True:
        try:
            await record_once(kit, work, end, left, kept)
        except DBAPIError as error:
            is_away = error.connection_invalidated or isinstance(error, OperationalError)
            if not is_away or kit.clock.monotonic() > give_up:
                raise
            log.warning("run.record_waits", error=str(error.orig))
            await asyncio.sleep(OUTAGE_PAUSE.total_seconds())
        else:
            return


async def record_once(kit: Kit, work: Work, end: End, left: Left, kept: artifacts.Kept) -> None:
    """The transaction; of a run that simply went well one statement, if nobody came between."""
    if isinstance(end, Done) and is_plain(work, left, kept) and await closed(kit, work, end, left):
        return
    async with kit.sessions.begin() as db:
        now = kit.clock.now()
        attempt = attempt_of(work, end, left, now) | {"screenshot": kept.screenshot}
        await artifacts.enter(db, kept)
        found = await store.taken(db, work.run.id, work.run.epoch, work.worker)
        if found is None:
            log.warning("run.fence_lost", end=type(end).__name__)
            await write_attempt(db, attempt)
            return
        run, account = found.run, found.account
        if kept.screenshot is not None:
            run.error_screenshot = kept.screenshot
        await keep_asked(db, work, end, left, now)
        await apply(kit, db, run, account, end, now)
        settle.cancel_if_asked(run, now)
        if run.dry_run and isinstance(end, Done):
            await tell_of_the_gate(db, run, account, work.touchpoint, now)
        if left.session is not None:
            opened_with = work.sender.secrets.session_version
            await kit.vault.put_session(db, account.id, left.session, now, opened_with=opened_with)
        await store.keep(db, run)
        calmed = account.id if isinstance(end, Done) and not run.dry_run else None
        admitting = {"now": now, "lease": kit.lease(now), "accounts": engine.at_work(account)}
        admitting |= {"calmed": calmed}
        await carry_out(db, CLOSE, prefixed("a_", attempt) | prefixed("e_", event_of(run, now)) | admitting)
    say(run)


def is_plain(work: Work, left: Left, kept: artifacts.Kept) -> bool:
    """Whether there is nothing to write but the end of the run."""
    is_first = work.purpose == "perform" and not work.run.evidence
    leaves = left.session is not None or kept.rows or kept.screenshot is not None
    return is_first and not leaves and not work.run.dry_run and not work.is_challenged


async def closed(kit: Kit, work: Work, end: Done, left: Left) -> bool:
    """Write the end of a run as its worker holds it; False if it is not the worker's any more, or is to be
    cancelled: then nothing was written.
    """
    now, run = kit.clock.now(), copy_of(work.run)
    complete(run, end, now)
    event = event_of(run, now)
    attempt = {"begun_at": work.begun_at, "ended_as": ended_as(end), "steps": left.steps}
    ours = {"epoch": run.epoch, "held_by": work.worker, "now": now, "lease": kit.lease(now)}
    told = {"type": event["type"], "data": event["data"]}
    async with kit.sessions.looking() as db:
        if not await unlocked.close(db, run, attempt | ours | told):
            return False
    say(run)
    return True


def say(run: Run) -> None:
    """A line in the log of how it ended."""
    log.info("run.ended", status=run.status, effect=run.effect, code=run.error_code, reason=run.wait_reason)


async def give_up(kit: Kit, run_id: UUID, epoch: int, message: str) -> None:
    """End a run that cannot even begin, or leave it held; else it would be admitted again for ever."""
    async with kit.sessions.begin() as db:
        now = kit.clock.now()
        found = await store.untaken(db, run_id, epoch)
        if found is None:
            return
        broken(kit, found.run, message, now)
        kind, data = told(found.run)
        await append_event(db, now, kind, account_id=found.account.id, run_id=run_id, data=data)
        await store.keep(db, found.run)
        await engine.admit_next(db, now, kit.lease(now), found.account)


async def apply(kit: Kit, db: AsyncSession, run: Run, account: Account, end: End, now: datetime) -> None:
    """Turn the end into the run's next state, and its account's."""
    match end:
        case Done():
            complete(run, end, now)
        case Failed(failure, after_intent):
            undo_intent(run, after_intent)
            await failed(kit, db, run, account, failure, now)
            is_seen_later = failure.code not in halt.HELD_BACK
            if after_intent and is_seen_later and run.status == "pending" and run.next_at is not None:
                # A refusal is believed, yet the next attempt first looks whether the act shows after all.
                visible_at = (run.intended_at or now) + kit.grace(account.provider)
                run.next_at = max(run.next_at, visible_at)
        case Unknown():
            await unknown(kit, db, run, account, end, now)
        case Bug(message, _):
            broken(kit, run, message, now)
        case Absent() | CannotTell():
            after_reading_back(kit, run, end, now)
        case NotNow() | Cancelled():
            stopped_before(run, end, now)


def complete(run: Run, end: Done, now: datetime) -> None:
    """It went well, and this proves it."""
    run.evidence = [*run.evidence, *(as_stored(e.source, e.facts) for e in end.evidence)]
    settle.complete(run, now, end.result, acted=end.acted)


async def keep_asked(db: AsyncSession, work: Work, end: End, left: Left, now: datetime) -> None:
    """Write down what the service asks of the account's owner, and that it was passed once it let them in."""
    if left.entered and work.is_challenged:
        await challenges.close(db, work.run.account_id, "passed", now)
    failure = end.failure if isinstance(end, Failed | Unknown) else None
    if isinstance(failure, NeedsHuman):
        await challenges.note(db, work.run.account_id, failure, now)


async def tell_of_the_gate(
    db: AsyncSession, run: Run, account: Account, touchpoint: Touchpoint, now: datetime
) -> None:
    """Add to a dry run's result what it would have done, and whether the gate would have let it."""
    if not (run.result or {}).get("dry_run"):
        return
    would = {"touchpoint_type": run.touchpoint_type, "target": run.target, "handle": run.handle}
    may_be_theirs = isinstance(touchpoint, Connect) and touchpoint.on_incoming == "accept"
    prepared: gate.Prepared | None = None if may_be_theirs else "undone"
    passage = await gate.ask(db, gate.Asked(run, touchpoint, account, now, prepared=prepared))
    run.result = {**(run.result or {}), "would": would, "gate": as_told(passage)}


def as_told(passage: gate.Passage) -> dict[str, object]:
    """The gate's answer for a person who asked and does not wait."""
    match passage:
        case gate.Wait(until, reason):
            return {"allowed": False, "reason": str(reason), "next_slot_at": until.isoformat()}
        case gate.Never(code, message):
            return {"allowed": False, "code": code, "message": message}
        case _:
            return {"allowed": True}


def after_reading_back(kit: Kit, run: Run, end: Absent | CannotTell, now: datetime) -> None:
    """Provably not there: another attempt may run, while any is left. Not to be told: look again, or ask."""
    if isinstance(end, CannotTell):
        cannot_tell(kit, run, now)
        return
    run.effect = "absent"
    if run.evidence:
        # The service said yes and shows nothing: taken away since, perhaps after it was read. Not sent again.
        settle.fail(run, now, "not_persisted", "The service took it and does not show it any more.")
    elif run.attempts < kit.settings.max_attempts:
        settle.put_back(run, now, Reason.RETRY)
    else:
        settle.fail(run, now, "not_delivered", "It was tried as often as allowed and is provably not there.")


def stopped_before(run: Run, end: NotNow | Cancelled, now: datetime) -> None:
    """The gate closed, or the client cancelled, before the act."""
    match end:
        case NotNow(gate.Wait(until, reason)):
            run.attempts -= 1
            settle.put_back(run, until, reason)
        case NotNow(gate.Never(code, message)):
            settle.fail(run, now, code, message)
        case Cancelled():
            settle.cancel(run, now)


def undo_intent(run: Run, after_intent: bool) -> None:
    """Nothing was sent, for certain: the intent no longer counts."""
    if after_intent:
        run.effect = "absent"
    elif run.effect == "intended":  # a repeatable touchpoint counts from its start
        run.effect = "none"


async def failed(
    kit: Kit, db: AsyncSession, run: Run, account: Account, failure: Failure, now: datetime
) -> None:
    """React to a failure after which nothing was sent; a read-back that failed stays held."""
    if failure.code in BLAMELESS and run.status != "held":
        run.attempts -= 1
    reaction = react(failure, kit.tries(run), now, kit.chance(run.id, run.epoch))
    cause = reaction.cause if run.status != "held" else None
    await concern(
        kit, db, run, account, Trouble(failure.code, failure.message, reaction, cause, failure.facts), now
    )
    if run.status == "held":
        not_read_back(kit, run, account, failure, now)
        return
    if isinstance(reaction.run, Again):
        settle.put_back(run, reaction.run.at, reaction.run.reason)
        run.error_code, run.error = failure.code, failure.message
    else:
        settle.fail(run, now, failure.code, failure.message)


def not_read_back(kit: Kit, run: Run, account: Account, failure: Failure, now: datetime) -> None:
    """A reading back that failed: later, once the account may look again; or like one that tells nothing."""
    if failure.code in halt.HELD_BACK:
        standing = gate.of_the_account(account, now)
        halt.set_aside(run, standing if isinstance(standing, gate.Wait) else halt.waiting(now))
    elif isinstance(failure, NotPossible | PageChanged):  # the next look would find the same
        cannot_tell(kit, run, now)
    else:
        look_again(kit, run, now)


async def unknown(
    kit: Kit, db: AsyncSession, run: Run, account: Account, end: Unknown, now: datetime
) -> None:
    """Hold the run until the service must show what became of it."""
    run.evidence = [*run.evidence, *(as_stored(e.source, e.facts) for e in end.evidence)]
    run.error_code, run.error = end.code, end.message
    reaction = None
    if end.failure is not None:
        reaction = react(end.failure, kit.tries(run), now, kit.chance(run.id, run.epoch))
    cause = (reaction and reaction.cause) or Cause.UNCERTAIN
    is_first = run.status != "held"
    if is_first:
        visible_at = (run.intended_at or now) + kit.grace(account.provider)
        settle.hold(run, max(now, visible_at), Reason.WAITING_RECONCILE)
    else:
        look_again(kit, run, now)
    facts = end.failure.facts if end.failure is not None else {}
    trouble = Trouble(end.code, end.message, reaction, cause if is_first else None, facts)
    await concern(kit, db, run, account, trouble, now)


def cannot_tell(kit: Kit, run: Run, now: datetime) -> None:
    """Ask the channel again a few times, then a person."""
    if run.read_backs + 1 < READ_BACKS:
        look_again(kit, run, now)
    else:
        run.read_backs += 1
        settle.hold(run, None, Reason.OUTCOME_UNKNOWN)


def look_again(kit: Kit, run: Run, now: datetime) -> None:
    """Read the effect back once more, later; after many looks in vain a person is told meanwhile."""
    run.read_backs += 1
    is_in_vain = run.read_backs >= MOST_FRUITLESS
    reason = Reason.OUTCOME_UNKNOWN if is_in_vain else Reason.WAITING_RECONCILE
    settle.hold(run, now + read_back_pause(kit, run), reason)


def broken(kit: Kit, run: Run, message: str, now: datetime) -> None:
    """A bug of ours: the run fails, unless it is held: then what was sent is still unknown."""
    if run.status == "held":
        cannot_tell(kit, run, now)
    else:
        run.effect = "none" if run.effect == "intended" else run.effect
        settle.fail(run, now, "internal_error", message)


def read_back_pause(kit: Kit, run: Run) -> timedelta:
    """The pause before the effect is read back once more."""
    tries = Tries(min(run.read_backs, 8) + 1, READ_BACKS, kit.settings.retry_backoff)
    return pause(tries, kit.chance(run.id, run.epoch))


WRITE_ATTEMPT: Final = insert(cast(Table, Attempt.__table__)).on_conflict_do_nothing()


async def write_attempt(db: AsyncSession, values: dict[str, object]) -> None:
    """Write down how an attempt went, whoever owns the run by now; what a reaper wrote of it stays."""
    await db.execute(WRITE_ATTEMPT, values)


# The attempt, the event and the account's next run in one statement: a quarter less round trips for a run.
CLOSE: Final = text(f"""
with attempt as (
    insert into attempts (run_id, epoch, purpose, worker, started_at, ended_at, ended_as, steps, traceback,
        error_code, error, screenshot)
    values (:a_run_id, :a_epoch, :a_purpose, :a_worker, :a_started_at, :a_ended_at, :a_ended_as, :a_steps,
        :a_traceback, :a_error_code, :a_error, :a_screenshot)
    on conflict do nothing
), event as (
    insert into events (at, type, account_id, run_id, data)
    values (:e_at, :e_type, :e_account_id, :e_run_id, :e_data)
), calming as ({accounts.calming("cast(:calmed as uuid)")}), {engine.ADMITTING}
""").bindparams(bindparam("a_steps", type_=JSONB), bindparam("e_data", type_=JSONB))


def prefixed(prefix: str, values: Mapping[str, object]) -> dict[str, object]:
    """The values under names of their own, for a statement that takes several rows."""
    return {f"{prefix}{name}": value for name, value in values.items()}
