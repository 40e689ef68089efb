"""Halting: what a kill switch does to runs. It is asked before a run begins, before it intends, and last of
all before it acts; what it holds back waits with `kill_switch`, and goes on once the switch is off.
"""

import asyncio
import socket
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import SwitchOrder
from overture.core.errors import NotPossible, Transient
from overture.core.reasons import Reason
from overture.db import carry_out
from overture.runs import settle, store
from overture.runs.gate import (
    KILL_SWITCH_LOOK,
    STOPPED,
    Never,
    Passage,
    Veto,
    Wait,
    concerned,
    reading_of,
    see,
    vetoed,
)
from overture.runs.kit import Kit
from overture.runs.reading import Part, Seen
from overture.runs.store import Live
from overture.runs.tables import Run

LAST_CHECK_S: Final = 1.0
HELD_BACK: Final = frozenset({"kill_switch_on", "account_paused", "held_back"})
"""Refusals of the last check: nothing was sent, for certain, and the run is not to blame."""


async def by_file(kit: Kit) -> Wait | None:
    """The wait for as long as the stop file is there, or cannot be looked for."""
    if await accounts.file_says(kit.settings.stop_file) is None:
        return None
    return waiting(kit.clock.now())


def waiting(now: datetime) -> Wait:
    """Look again in a while; whoever turns the switch off shortens it."""
    return Wait(now + KILL_SWITCH_LOOK, Reason.KILL_SWITCH)


def set_aside(run: Run, wait: Wait) -> None:
    """Put one run back until then, in the state it has: a held one is still to be read back, and one that a
    person was told of stays theirs.
    """
    if run.status == "held":
        is_told = run.wait_reason == Reason.OUTCOME_UNKNOWN
        settle.hold(run, wait.until, Reason.OUTCOME_UNKNOWN if is_told else wait.reason)
    else:
        settle.put_back(run, wait.until, wait.reason)


# All that is due goes aside at once: else each run of a long queue would be tried in turn, again and again.
PARK: Final = text("""
update runs set next_at = :until,
    wait_reason = case when wait_reason = 'outcome_unknown' then wait_reason else 'kill_switch' end
where run_id in (
    select run_id from runs where account_id = :account and admitted_at is null and next_at <= :now
      and status in ('pending', 'held') for update skip locked)
""")


async def park(db: AsyncSession, found: Live, wait: Wait, now: datetime) -> None:
    """Set the run aside, and with it everything of its account that is due."""
    set_aside(found.run, wait)
    await store.keep(db, found.run)
    await db.execute(PARK, {"account": found.account.id, "until": wait.until, "now": now})


LET_GO: Final = text("""
update runs set next_at = :now,
    wait_reason = case when status = 'held' then 'waiting_reconcile' else 'ready' end
where run_id in (
    select r.run_id from runs r join accounts a on a.id = r.account_id
    where r.wait_reason = 'kill_switch' and r.admitted_at is null and r.status in ('pending', 'held')
      and not exists (select 1 from kill_switches k where k.is_on and (k.scope in ('global', 'file')
        or (k.scope = 'channel' and k.subject = a.channel)
        or (k.scope = 'account' and k.subject = a.id::text)))
    for update of r skip locked)
""")


async def let_go(db: AsyncSession, now: datetime) -> None:
    """Make due what no switch holds back any more; each account then goes on with one run at a time."""
    await carry_out(db, LET_GO, {"now": now})


async def attend(kit: Kit, db: AsyncSession, now: datetime) -> None:
    """A worker's look at the switches: tell its fellows of the stop file, and let go what may go on."""
    said = await accounts.file_says(kit.settings.stop_file)
    place = f"{socket.gethostname()}:{kit.settings.stop_file}"
    if said is not None:
        await accounts.turn(db, SwitchOrder("file", place, is_on=True, reason=said, by="file"), now)
        return
    if any(one.scope == "file" and one.subject == place for one in await accounts.switches_on(db)):
        gone = SwitchOrder("file", place, is_on=False, reason="the stop file is gone", by="file")
        await accounts.turn(db, gone, now)
    await let_go(db, now)


FENCE: Final = Part(
    "fence",
    """
    select a.state as account_state, a.removed_at as account_removed_at
    from runs r join accounts a on a.id = r.account_id
    where r.run_id = :run and r.epoch = :epoch and r.admitted_at is not null and r.worker = :worker
    """,
)


async def last_check(kit: Kit, run: Run, worker: str, vetoes: Sequence[Veto] = ()) -> None:
    """The last thing before the act: raise unless the run is still this worker's and nothing has stopped it.

    Whatever cannot be read stops it. Nothing was sent then, for certain. A reading back has no `vetoes`.
    """
    if await by_file(kit) is not None:
        raise held_back()
    try:
        # An answer that was long under way may be older than the switch.
        async with asyncio.timeout(LAST_CHECK_S):
            seen, passage = await looked_up(kit, run, worker, vetoes)
    except DBAPIError as error:
        if await is_unreadable(kit, error):
            raise held_back() from error
        raise away() from error
    except (SQLAlchemyError, TimeoutError) as error:
        raise away() from error
    if seen["account_state"] is None:
        raise Transient("Another worker took this run over before the act.", code="fence_lost")
    if seen["is_stopped"]:
        raise held_back()
    if seen["account_state"] != "active" or seen["account_removed_at"] is not None:
        raise Transient("The account was stopped before the act.", code="account_paused")
    stopped_by(passage)


async def looked_up(kit: Kit, run: Run, worker: str, vetoes: Sequence[Veto]) -> tuple[Seen, Passage]:
    """Fence, account and switches as they stand now, and what the layers above say; nothing is locked."""
    now, asking = kit.clock.now(), concerned(vetoes, run)
    parts, given = reading_of(asking, run, now)
    fence = {"epoch": run.epoch, "worker": worker}
    async with kit.sessions.looking() as db:
        seen = await see(db, run, now, (FENCE, STOPPED, *parts), {**fence, **given})
        return seen, await vetoed(asking, db, run, now, seen)


async def is_unreadable(kit: Kit, error: DBAPIError) -> bool:
    """Whether a reading failed because the kill switches cannot be read: then they count as on."""
    if isinstance(error, OperationalError | InterfaceError):
        return False  # the database is away: nothing acts without it
    try:
        async with kit.sessions() as db:
            await accounts.switches_on(db)
    except DBAPIError:
        return True
    return False


def away() -> Transient:
    """The refusal when the database does not answer."""
    return Transient("The database was away before the act.", code="database_away")


def stopped_by(passage: Passage) -> None:
    """Raise what a layer above says against the act: never, or not now."""
    match passage:
        case Never(code, message):
            raise NotPossible(code, message)
        case Wait(reason=reason):
            raise Transient(f"Not now ({reason}); nothing was sent.", code="held_back")


def held_back() -> Transient:
    """The refusal while a switch is on."""
    return Transient("A kill switch is on; nothing was sent.", code="kill_switch_on")
