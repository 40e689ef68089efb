"""Submitting many runs at once, for who plans: the same rows and rules as one by one, in a few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account
from overture.core.ids import Ids
from overture.db import About, append_events, as_json, as_row, carry_out, fetch, new
from overture.runs import engine
from overture.runs.submit import RunRequest, Submitted, check_times, claim_key, event_data, new_run
from overture.runs.tables import Run

COLUMNS: Final = ", ".join(column.name for column in cast(Table, Run.__table__).columns)
INSERT: Final = text(f"""
insert into runs ({COLUMNS}) select {COLUMNS}
from jsonb_populate_recordset(cast(null as runs), cast(:rows as jsonb))
""")
CLAIM: Final = text("""
insert into idempotency_keys (key, fingerprint, run_id, created_at)
select key, fingerprint, run_id, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as wanted(key text, fingerprint text, run_id uuid) order by key
on conflict do nothing returning key
""")


async def submit_many(
    db: AsyncSession, ids: Ids, requests: Sequence[RunRequest], now: datetime, lease: datetime
) -> list[Submitted]:
    """Store these runs and hand on what may start at once, all in the caller's transaction.

    The answers are in the order of the requests. Runs that are new do not belong to the session.
    """
    if not requests:
        return []
    run_ids = [ids.new() for _ in requests]
    claimed = await claim_keys(db, requests, run_ids, now)
    senders = {one.handle: one for one in await accounts.find_all(db, {one.handle for one in requests})}
    answers: list[Submitted] = []
    for request, run_id in zip(requests, run_ids, strict=True):
        if request.idempotency_key is not None and run_id not in claimed:
            earlier = await claim_key(db, request, run_id, now)
            if earlier is not None:
                answers.append(Submitted(earlier, replayed=True))
                continue
        sender = accounts.there_is(senders.get(request.handle), request.handle)
        check_times(request, now)
        answers.append(Submitted(new(Run, new_run(ids, run_id, sender.id, request, now)), replayed=False))
    await store_all(db, [one.run for one in answers if not one.replayed], list(senders.values()), now, lease)
    return answers


async def claim_keys(
    db: AsyncSession, requests: Sequence[RunRequest], run_ids: Sequence[UUID], now: datetime
) -> set[UUID]:
    """Take the idempotency keys, in one order (twins never wait in a ring); the runs that got theirs."""
    wanted = {
        one.idempotency_key: {
            "key": one.idempotency_key,
            "fingerprint": one.fingerprint(),
            "run_id": str(run_id),
        }
        for one, run_id in zip(requests, run_ids, strict=True)
        if one.idempotency_key is not None
    }
    if not wanted:
        return set()
    taken = await fetch(db, CLAIM, {"rows": as_json(list(wanted.values())), "now": now})
    return {UUID(wanted[key]["run_id"]) for (key,) in taken}


async def store_all(
    db: AsyncSession, runs: Sequence[Run], senders: Sequence[Account], now: datetime, lease: datetime
) -> None:
    """The rows, their events, and the wake-ups of what is due."""
    if not runs:
        return
    await carry_out(db, INSERT, {"rows": as_json([as_row(one) for one in runs])})
    await append_events(
        db, [(now, "run.created", About(one.account_id, one.id), event_data(one)) for one in runs]
    )
    due = {one.account_id for one in runs if one.next_at is not None and one.next_at <= now}
    await engine.admit_of(db, now, lease, [one.id for one in senders if one.id in due])
