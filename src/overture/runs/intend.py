"""The intent: the transaction that stands between everything that may still be undone and the act."""

from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from overture.db import carry_out
from overture.runs import gate, halt, store, unlocked
from overture.runs.begin import Work
from overture.runs.ends import Cancelled, NotNow
from overture.runs.kit import Kit
from overture.touchpoints import Intent


class FenceLost(Exception):
    """The run is no longer this worker's: it was thought dead and another took over."""


async def intend(kit: Kit, work: Work, prepared: gate.Prepared = "undone") -> Intent | NotNow | Cancelled:
    """Commit that the act comes next, if the run is still ours and the gate is still open.

    From here the run counts against quotas, and only evidence or a reading back settles it. The act itself
    asks once more (`last_check`): minutes may lie between a look at the kill switch and a slow click.
    """
    stop = await halt.by_file(kit)
    if stop is not None:
        return NotNow(stop)
    try:
        return await intend_unlocked(kit, work, prepared) or await intend_once(kit, work, prepared)
    except DBAPIError as error:
        if not await halt.is_unreadable(kit, error):
            raise
        return NotNow(halt.waiting(kit.clock.now()))


async def intend_unlocked(kit: Kit, work: Work, prepared: gate.Prepared = "undone") -> Intent | None:
    """Ask without a lock, and commit the intent if the run is still ours and its account what it was.

    None is no answer: whatever is against it is for `intend_once` to see.
    """
    if work.account is None:
        return None
    async with kit.sessions.looking() as db:
        now, run = kit.clock.now(), work.run
        vetoes = gate.concerned(kit.vetoes, run)
        asked = gate.Asked(run, work.touchpoint, work.account, now, vetoes, prepared)
        if not isinstance(await gate.ask(db, asked), gate.Go):
            return None
        ours = {"epoch": run.epoch, "held_by": work.worker, "account_version": work.account_version}
        if not await unlocked.intend(db, intent_of(kit, work, now) | ours):
            return None
    return intended(kit, work, now)


# The row is locked and the fence was asked for by now.
INTEND: Final = text("""
with intended as (
    update runs set effect = 'intended', intended_at = :now, lease_until = :lease where run_id = :run
)
insert into events (at, type, account_id, run_id, data) values (:now, 'run.intended', :account, :run, :data)
""").bindparams(bindparam("data", type_=JSONB))


async def intend_once(
    kit: Kit, work: Work, prepared: gate.Prepared = "undone"
) -> Intent | NotNow | Cancelled:
    """The transaction."""
    async with kit.sessions.begin() as db:
        run = work.run
        found = await store.still(db, run.id, run.epoch, work.worker)
        if found is None:
            raise FenceLost
        account = found.account
        if found.cancel_requested:
            return Cancelled()
        now = kit.clock.now()
        vetoes = gate.concerned(kit.vetoes, run)
        passage = await gate.ask(db, gate.Asked(run, work.touchpoint, account, now, vetoes, prepared))
        if not isinstance(passage, gate.Go):
            return NotNow(passage)
        await carry_out(db, INTEND, intent_of(kit, work, now))
    return intended(kit, work, now)


def intent_of(kit: Kit, work: Work, now: datetime) -> dict[str, object]:
    """What is written of it."""
    run = work.run
    data = {"content_hash": run.content_hash, "token": str(run.token), "epoch": run.epoch}
    of_run = {"run": run.id, "account": run.account_id, "data": data}
    return {**of_run, "now": now, "lease": kit.lease(now)}


def intended(kit: Kit, work: Work, now: datetime) -> Intent:
    """It is committed: the run that the worker holds says so too."""
    work.run.effect, work.run.intended_at, work.run.lease_until = "intended", now, kit.lease(now)
    return Intent(
        token=work.run.token,
        act_before=now + kit.settings.act_window,
        last_check=partial(halt.last_check, kit, work.run, work.worker, kit.vetoes),
    )
