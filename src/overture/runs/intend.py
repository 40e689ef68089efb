"""The intent: the transaction that stands between everything that may still be undone and the act."""

from functools import partial
from typing import Final

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError

from overture.db import carry_out
from overture.runs import gate, halt, store
from overture.runs.begin import Work
from overture.runs.ends import Cancelled, NotNow
from overture.runs.kit import Kit
from overture.touchpoints import Intent


class FenceLost(Exception):
    """The run is no longer this worker's: it was thought dead and another took over."""


async def intend(kit: Kit, work: Work) -> Intent | NotNow | Cancelled:
    """Commit that the act comes next, if the run is still ours and the gate is still open.

    From here the run counts against quotas, and only evidence or a reading back settles it. The act itself
    asks once more (`last_check`): minutes may lie between a look at the kill switch and a slow click.
    """
    stop = await halt.by_file(kit)
    if stop is not None:
        return NotNow(stop)
    try:
        return await intend_once(kit, work)
    except DBAPIError as error:
        if not await halt.is_unreadable(kit, error):
            raise
        return NotNow(halt.waiting(kit.clock.now()))


# The row is locked and the fence was asked for by now.
INTEND: Final = text("""
with intended as (
    update runs set effect = 'intended', intended_at = :now, lease_until = :lease where run_id = :run
)
insert into events (at, type, account_id, run_id, data) values (:now, 'run.intended', :account, :run, :data)
""").bindparams(bindparam("data", type_=JSONB))


async def intend_once(kit: Kit, work: Work) -> Intent | NotNow | Cancelled:
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
        passage = await gate.ask(db, gate.Asked(run, work.touchpoint, account, now, vetoes))
        if not isinstance(passage, gate.Go):
            return NotNow(passage)
        data = {"content_hash": run.content_hash, "token": str(run.token), "epoch": run.epoch}
        of_run = {"run": run.id, "account": account.id, "data": data}
        await carry_out(db, INTEND, {**of_run, "now": now, "lease": kit.lease(now)})
    return Intent(
        token=work.run.token,
        act_before=now + kit.settings.act_window,
        last_check=partial(halt.last_check, kit, work.run, work.worker, kit.vetoes),
    )
