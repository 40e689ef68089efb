"""Statements of an attempt that take no lock: each writes only if what was read before still stands.

Whatever came between makes such a statement write nothing, and the attempt goes on under locks (`store`),
where it is seen what it was. That is as safe as the locks: a run leaves its worker only with a new epoch or
an end, and what must stop the act, at whatever instant it is said, is asked for once more after the intent
(`halt.last_check`). See docs/decisions/0014-attempts-without-locks.md.
"""

from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.db import fetch, flush_changes
from overture.runs import engine
from overture.runs.store import KEEP, OF_PERSON, OwnWords, kept, own_words
from overture.runs.tables import Run

AS_READ: Final = """
    exists (select from accounts where id = :account and xmin = cast(:account_version as xid))
"""
"""The account is the one that was read: nobody changed its state, its limits or its hours."""

TAKE: Final = text(f"""
with kept as (
    {KEEP.text} and epoch = :epoch and xmin = cast(:run_version as xid) and {AS_READ} returning run_id
)
select own.* from kept left join lateral ({OF_PERSON} and cast(:reads_own as boolean)) own on true
""").bindparams(bindparam("result", type_=JSONB), bindparam("evidence", type_=JSONB))


async def take(db: AsyncSession, run: Run, versions: tuple[str, str], *, reads_own: bool) -> OwnWords | None:
    """Write down whose the run is now, if it and its account are of these versions; else None.

    With `reads_own`, what all runs of the account wrote to the same person comes with it.
    """
    await flush_changes(db)
    run_version, account_version = versions
    of_versions = {"epoch": run.epoch, "run_version": run_version, "account_version": account_version}
    of_person = {"account": run.account_id, "targets": run.targets, "reads_own": reads_own}
    rows = await fetch(db, TAKE, kept(run) | of_versions | of_person)
    return own_words(rows) if rows else None


STILL_OURS: Final = """
    run_id = :run and epoch = :epoch and worker = :held_by and admitted_at is not null and status = 'running'
    and not cancel_requested
"""
INTEND: Final = text(f"""
with intended as (
    update runs set effect = 'intended', intended_at = :now, lease_until = :lease
    where {STILL_OURS} and {AS_READ} returning run_id, account_id
)
insert into events (at, type, account_id, run_id, data)
select cast(:now as timestamptz), 'run.intended', account_id, run_id, cast(:data as jsonb) from intended
returning run_id
""").bindparams(bindparam("data", type_=JSONB))


async def intend(db: AsyncSession, given: dict[str, object]) -> bool:
    """Commit that the act comes next, if the run is still `:held_by`'s and the account of that version."""
    return bool(await fetch(db, INTEND, given))


# The run is live until this very statement, so nobody else admits one of its account: no lock is needed.
CLOSE: Final = text(f"""
with kept as (
    {KEEP.text} and {STILL_OURS} returning run_id, account_id, epoch
), attempt as (
    insert into attempts (run_id, epoch, purpose, worker, started_at, ended_at, ended_as, steps)
    select run_id, epoch, 'perform', cast(:held_by as text), cast(:begun_at as timestamptz),
        cast(:now as timestamptz), cast(:ended_as as text), cast(:steps as jsonb)
    from kept on conflict do nothing
), event as (
    insert into events (at, type, account_id, run_id, data)
    select cast(:now as timestamptz), cast(:type as text), account_id, run_id, cast(:data as jsonb) from kept
), calming as ({accounts.calming("(select account_id from kept)")}), best as materialized (
    select best.run_id from kept join accounts a on a.id = kept.account_id
    cross join lateral ({engine.BEST}) best
    where a.state = 'active' and a.removed_at is null
      and not exists (select 1 from runs live where live.account_id = a.id
        and live.admitted_at is not null and live.run_id <> kept.run_id)
), {engine.ADMITTED}
select {engine.WOKEN} from kept
""").bindparams(*(bindparam(name, type_=JSONB) for name in ("result", "evidence", "steps", "data")))


async def close(db: AsyncSession, run: Run, given: dict[str, object]) -> bool:
    """Write a run that ended well, its attempt and its event, and admit the next; False if it is not
    `:held_by`'s any more.
    """
    return bool(await fetch(db, CLOSE, kept(run) | given))
