"""The intent: the transaction that stands between everything that may still be undone and the act."""

from functools import partial

from overture.accounts import SwitchUnreadable
from overture.db import append_event
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
    except SwitchUnreadable:
        return NotNow(halt.waiting(kit.clock.now()))


async def intend_once(kit: Kit, work: Work) -> Intent | NotNow | Cancelled:
    """The transaction."""
    async with kit.sessions.begin() as db:
        found = await store.taken(db, work.run.id, work.run.epoch, work.worker)
        if found is None:
            raise FenceLost
        run, account = found.run, found.account
        if run.cancel_requested:
            return Cancelled()
        now = kit.clock.now()
        passage = await gate.ask(db, run, work.touchpoint, account, now)
        if isinstance(passage, gate.Go):
            passage = await gate.vetoed(kit.vetoes, db, run, now)
        if not isinstance(passage, gate.Go):
            return NotNow(passage)
        run.effect = "intended"
        run.intended_at = now
        run.lease_until = kit.lease(now)
        await append_event(
            db,
            now,
            "run.intended",
            account_id=account.id,
            run_id=run.id,
            data={"content_hash": run.content_hash, "token": str(run.token), "epoch": run.epoch},
        )
    return Intent(
        token=work.run.token,
        act_before=now + kit.settings.act_window,
        last_check=partial(halt.last_check, kit, work.run.id, work.run.epoch, work.worker, kit.vetoes),
    )
