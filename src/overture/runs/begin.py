"""Beginning an attempt: the fence and the gate.

Mostly nothing stands against it and nobody comes between: then no lock is taken (`begin_unlocked`). All else
is one transaction (`begin_once`).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account, challenges
from overture.core.reasons import Reason
from overture.db import append_event
from overture.runs import engine, gate, halt, settle, store, unlocked
from overture.runs.kit import Kit
from overture.runs.store import NOTHING, Live, OwnWords
from overture.runs.tables import Run
from overture.touchpoints import Secrets, Sender, Touchpoint, read_touchpoint

log = structlog.get_logger()

Purpose = Literal["perform", "read_back"]


@dataclass(frozen=True)
class Work:
    """One attempt as a worker holds it."""

    run: Run
    touchpoint: Touchpoint
    sender: Sender
    purpose: Purpose
    worker: str
    begun_at: datetime
    is_challenged: bool = False
    """Whether the service asked something of the account's owner before it began."""
    own: OwnWords = NOTHING
    """What in the thread is ours. No other run of the account acts meanwhile."""
    account: Account | None = None
    account_version: str = ""
    """The account as the gate was asked about it, and which it was; for who asks again."""

    @property
    def again(self) -> bool:
        """Whether an earlier attempt of this run came as far as intending to act."""
        return self.run.intended_at is not None


async def begin(kit: Kit, worker: str, run_id: UUID, epoch: int) -> Work | None:
    """Take the run for this worker, or see that there is nothing to do (now).

    A kill switch that cannot be read is one that is on.

    A connection that was cut while it lay idle is no reason to let a wake-up lapse: one more try has a fresh
    one. Should the first have committed after all, the second finds the run taken, and its lease runs out.
    """
    stop = await halt.by_file(kit)
    if stop is not None:
        await stand_aside(kit, run_id, epoch, stop)
        return None
    try:
        work = await begin_unlocked(kit, worker, run_id, epoch)
        return work if work is not None else await begin_once(kit, worker, run_id, epoch)
    except DBAPIError as error:
        if error.connection_invalidated:
            return await begin_once(kit, worker, run_id, epoch)
        if not await halt.is_unreadable(kit, error):
            raise
        log.warning("run.switch_unreadable", error=str(error.orig))
        await stand_aside(kit, run_id, epoch, halt.waiting(kit.clock.now()))
        return None


async def stand_aside(kit: Kit, run_id: UUID, epoch: int, wait: gate.Wait) -> None:
    """Set the run and what else is due of its account aside, without asking anything more."""
    async with kit.sessions.begin() as db:
        found = await store.untaken(db, run_id, epoch)
        if found is not None:
            await halt.park(db, found, wait, kit.clock.now())


async def begin_unlocked(kit: Kit, worker: str, run_id: UUID, epoch: int) -> Work | None:
    """Ask without a lock, and take the run if it and its account still are what was asked about.

    None is no answer: whatever stands against it or came between is for `begin_once` to see.
    """
    async with kit.sessions.looking() as db:
        found = await store.look(db, run_id, epoch)
        if found is None or not is_plain(found):
            return None
        touchpoint = read_touchpoint(found.run.touchpoint_input)
        if not isinstance(await passage_of(kit, db, found, touchpoint), gate.Go):
            return None
        work = take(kit, found, touchpoint, worker, "perform")
        own = await unlocked.take(db, found.run, found.versions, reads_own=touchpoint.reaches_person)
        return replace(work, own=own) if own is not None else None


def is_plain(found: Live) -> bool:
    """Whether the run is simply to be performed."""
    run = found.run
    return run.status == "pending" and not run.cancel_requested and found.challenge is None


async def begin_once(kit: Kit, worker: str, run_id: UUID, epoch: int) -> Work | None:
    """The transaction."""
    async with kit.sessions.begin() as db:
        now = kit.clock.now()
        found = await store.untaken(db, run_id, epoch)
        if found is None:  # a doubled or late wake-up
            return None
        run, touchpoint = found.run, read_touchpoint(found.run.touchpoint_input)
        if run.status == "held":
            if await may_be_read_back(db, found, now):
                return await taken(db, take(kit, found, touchpoint, worker, "read_back"))
        elif await may_start(kit, db, found, touchpoint):
            return await taken(db, take(kit, found, touchpoint, worker, "perform"))
        await store.keep(db, run)
        await engine.admit_next(db, now, kit.lease(now), found.account)
        return None


async def may_be_read_back(db: AsyncSession, found: Live, now: datetime) -> bool:
    """Ask the wicket; a run that may not be read back now stays held, with the reason."""
    match await gate.ask_to_look(db, found.run, found.account, now):
        case gate.Wait(reason=Reason.KILL_SWITCH) as wait:
            await halt.park(db, found, wait, now)
        case gate.Wait() as wait:
            halt.set_aside(found.run, wait)
        case gate.Never():  # an account is not removed while a run of it is held
            settle.hold(found.run, None, Reason.OUTCOME_UNKNOWN)
        case gate.Go():
            return True
    return False


async def may_start(kit: Kit, db: AsyncSession, found: Live, touchpoint: Touchpoint) -> bool:
    """Ask the gate; a run that may not start is put back, ended or cancelled here."""
    run, account, now = found.run, found.account, kit.clock.now()
    if run.cancel_requested:
        settle.cancel(run, now)
        await append_event(db, now, "run.cancelled", account_id=account.id, run_id=run.id)
        return False
    match await passage_of(kit, db, found, touchpoint):
        case gate.Go():
            return True
        case gate.Wait(reason=Reason.KILL_SWITCH) as wait:
            await halt.park(db, found, wait, now)
        case gate.Wait(until, reason):
            settle.put_back(run, until, reason)
        case gate.Never(code, message):
            settle.fail(run, now, code, message)
            await append_event(
                db, now, "run.failed", account_id=account.id, run_id=run.id, data={"code": code}
            )
    return False


async def passage_of(kit: Kit, db: AsyncSession, found: Live, touchpoint: Touchpoint) -> gate.Passage:
    """The answer of the gate, or, to a dry run, of its wicket; then that of the layers above."""
    ask = gate.ask_to_rehearse if found.run.dry_run else gate.ask
    vetoes = gate.concerned(kit.vetoes, found.run)
    return await ask(db, gate.Asked(found.run, touchpoint, found.account, kit.clock.now(), vetoes))


async def taken(db: AsyncSession, work: Work) -> Work:
    """Write down whose the run is now; and read what a last look has to know, while a transaction is open."""
    if work.purpose == "perform" and work.touchpoint.reaches_person:
        return replace(work, own=await store.keep_and_read(db, work.run))
    await store.keep(db, work.run)
    return work


def take(kit: Kit, found: Live, touchpoint: Touchpoint, worker: str, purpose: Purpose) -> Work:
    """Make the run this worker's."""
    now, run, account = kit.clock.now(), found.run, found.account
    run.worker = worker
    run.lease_until = kit.lease(now)
    run.started_at = run.started_at or now
    if purpose == "perform":
        run.status = "running"
        run.attempts += 1
        run.wait_reason = None
        if touchpoint.acts_as == "repeatable" and not run.dry_run:
            run.effect, run.intended_at = "intended", now  # counts against its limit from here
    secrets = kit.vault.unseal(found.secret) if found.secret is not None else Secrets()
    if found.challenge is not None:
        secrets = replace(secrets, answer=challenges.take(kit.vault.ring, found.challenge, now))
    sender = Sender(account.id, account.handle, account.provider, account.zone, secrets, account.external_id)
    return Work(
        run,
        touchpoint,
        sender,
        purpose,
        worker,
        now,
        is_challenged=found.challenge is not None,
        account=account,
        account_version=found.versions[1],
    )
