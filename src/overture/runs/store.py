"""Every query about runs that is not the engine's or the gate's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, TextClause, bindparam, func, inspect, select, text, tuple_, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import make_transient_to_detached

from overture.accounts import Account, AccountSecret, LoginChallenge
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import carry_out, columns_of, fetch, flush_changes, made
from overture.runs.tables import Attempt, Run


async def by_id(db: AsyncSession, run_id: UUID, *, lock: bool = False) -> Run:
    """The run, or a refusal."""
    run = await db.get(Run, run_id, with_for_update=lock)
    if run is None:
        raise NotFound(
            "run_not_found",
            f"There is no run {public_id('run', run_id)}.",
            fix="Look at GET /api/v1/runs for the runs there are.",
        )
    return run


@dataclass(frozen=True)
class Live:
    """A live run with its account, both locked, and, for who begins it, secrets and what is asked of it.

    They belong to no session: the run is for `keep`, the account for who changes it (`belonging`).
    """

    run: Run
    account: Account
    secret: AccountSecret | None = None
    challenge: LoginChallenge | None = None
    versions: tuple[str, str] = ("", "")
    """Of run and account, as they were read: whatever changes one of them gives it another."""


FENCE: Final = "r.run_id = :run and r.epoch = :epoch and r.admitted_at is not null"
# They run with every attempt, so they are no queries of the session. The account is locked with the run (`no
# key update`: a run being submitted is no obstacle), so that whoever finishes a run may admit the next.
LOOK: Final = text(f"""
select {columns_of(Run, "r")}, {columns_of(Account, "a")}, {columns_of(AccountSecret, "s")}, c.id,
    cast(r.xmin as text), cast(a.xmin as text)
from runs r join accounts a on a.id = r.account_id
left join account_secrets s on s.account_id = r.account_id
left join login_challenges c on c.account_id = r.account_id and c.state in ('open', 'answered')
where {FENCE} and r.worker is null
""")
UNTAKEN: Final = text(f"{LOOK.text} for no key update of r, a")
TAKEN: Final = text(f"""
select {columns_of(Run, "r")}, {columns_of(Account, "a")}
from runs r join accounts a on a.id = r.account_id
where {FENCE} and r.worker = :worker for no key update of r, a
""")
STILL: Final = text(f"""
select r.cancel_requested, {columns_of(Account, "a")} from runs r join accounts a on a.id = r.account_id
where {FENCE} and r.worker = :worker for no key update of r, a
""")


async def untaken(db: AsyncSession, run_id: UUID, epoch: int) -> Live | None:
    """The run if it was admitted under this epoch and no worker has it yet."""
    return await live_by(db, UNTAKEN, run_id, epoch)


async def look(db: AsyncSession, run_id: UUID, epoch: int) -> Live | None:
    """The same, and nothing is locked."""
    return await live_by(db, LOOK, run_id, epoch)


async def live_by(db: AsyncSession, statement: TextClause, run_id: UUID, epoch: int) -> Live | None:
    """The run such a statement finds."""
    rows = await fetch(db, statement, {"run": run_id, "epoch": epoch})
    if not rows:
        return None
    values = iter(rows[0])
    run, account, secret = made(Run, values), made(Account, values), made(AccountSecret, values)
    asked, *versions = values
    return Live(
        run,
        account,
        secret if secret.account_id is not None else None,
        await db.get(LoginChallenge, asked) if asked is not None else None,
        (str(versions[0]), str(versions[1])),
    )


async def taken(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Live | None:
    """The run if it is still this worker's under this epoch; None: the fence is lost."""
    rows = await fetch(db, TAKEN, {"run": run_id, "epoch": epoch, "worker": worker})
    if not rows:
        return None
    values = iter(rows[0])
    return Live(made(Run, values), made(Account, values))


@dataclass(frozen=True)
class Still:
    """What may have changed of a run that is under way: whether it is to be cancelled, and its account."""

    cancel_requested: bool
    account: Account


async def still(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Still | None:
    """The same with only what may have changed since the worker took it; both are locked."""
    rows = await fetch(db, STILL, {"run": run_id, "epoch": epoch, "worker": worker})
    return Still(rows[0][0], made(Account, iter(rows[0][1:]))) if rows else None


def belonging(db: AsyncSession, account: Account) -> Account:
    """The account as the session's own: what is changed of it is written."""
    if account not in db:
        make_transient_to_detached(account)
        db.add(account)
    return account


CHANGING: Final = (
    *("status", "effect", "next_at", "wait_reason", "attempts", "read_backs", "admitted_at", "worker"),
    *("lease_until", "started_at", "intended_at", "completed_at", "duration_ms", "result", "evidence"),
    *("error", "error_code", "error_screenshot"),
)
"""What an attempt changes of its run."""
KEEP: Final = text(f"""
update runs set {", ".join(f"{name} = :{name}" for name in CHANGING)} where run_id = :run
""").bindparams(bindparam("result", type_=JSONB), bindparam("evidence", type_=JSONB))


async def keep(db: AsyncSession, run: Run) -> None:
    """Write a live run as an attempt leaves it, after what else the session changed; its row is locked."""
    await flush_changes(db)
    await carry_out(db, KEEP, kept(run))


def kept(run: Run) -> dict[str, object]:
    """What `KEEP` writes."""
    unforeseen = inspect(run).committed_state.keys() - set(CHANGING)
    if unforeseen:  # else it would be lost without a word
        raise AssertionError(f"an attempt does not change {sorted(unforeseen)} of its run")
    return {"run": run.id, **{name: getattr(run, name) for name in CHANGING}}


async def attempts_of(db: AsyncSession, run_id: UUID) -> Sequence[Attempt]:
    """All attempts of a run, oldest first."""
    rows = await db.scalars(select(Attempt).where(Attempt.run_id == run_id).order_by(Attempt.epoch))
    return rows.all()


async def deaths(db: AsyncSession, run_id: UUID) -> int:
    """How many workers have died over a run."""
    died = (
        select(func.count()).select_from(Attempt).where(Attempt.run_id == run_id, Attempt.ended_as == "died")
    )
    return await db.scalar(died) or 0


async def live_of(db: AsyncSession, account_id: UUID) -> UUID | None:
    """The live run of an account, if any."""
    found: UUID | None = await db.scalar(
        select(Run.id).where(Run.account_id == account_id, Run.admitted_at.is_not(None))
    )
    return found


@dataclass(frozen=True)
class RunFilter:
    """Which runs a list shows; None is no condition."""

    handle: str | None = None
    statuses: tuple[str, ...] = ()
    touchpoint_type: str | None = None
    tag: str | None = None
    created_from: datetime | None = None
    created_until: datetime | None = None


def matching(wanted: RunFilter) -> Select[Run]:
    """The query for a filter."""
    query = select(Run)
    if wanted.handle is not None:
        query = query.where(Run.handle == wanted.handle)
    if wanted.statuses:
        query = query.where(Run.status.in_(wanted.statuses))
    if wanted.touchpoint_type is not None:
        query = query.where(Run.touchpoint_type == wanted.touchpoint_type)
    if wanted.tag is not None:
        query = query.where(Run.tags.contains([wanted.tag]))
    if wanted.created_from is not None:
        query = query.where(Run.created_at >= wanted.created_from)
    if wanted.created_until is not None:
        query = query.where(Run.created_at < wanted.created_until)
    return query


async def page(db: AsyncSession, wanted: RunFilter, before: UUID | None, size: int) -> Sequence[Run]:
    """Runs newest first, older than the cursor; ids sort by time, so each row is met exactly once."""
    query = matching(wanted)
    if before is not None:
        query = query.where(Run.id < before)
    rows = await db.scalars(query.order_by(Run.id.desc()).limit(size))
    return rows.all()


OF_PERSON: Final = """
select token, touchpoint_input->>'note', result->>'message_urn',
       case when effect in ('intended', 'confirmed', 'unknown')
            then coalesce(touchpoint_input->>'message', touchpoint_input->>'body') end
from runs
where account_id = :account and target = any(cast(:targets as text[]))
"""
KEEP_AND_READ: Final = text(f"with kept as ({KEEP.text}) {OF_PERSON}").bindparams(
    bindparam("result", type_=JSONB), bindparam("evidence", type_=JSONB)
)


@dataclass(frozen=True)
class OwnWords:
    """What is ours of what was said to one person: tokens, notes, ids of messages, and texts."""

    tokens: frozenset[str] = frozenset()
    notes: frozenset[str] = frozenset()
    messages: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()


NOTHING: Final = OwnWords()


async def keep_and_read(db: AsyncSession, run: Run) -> OwnWords:
    """`keep`; and what all runs of this account wrote to the same person, by whatever name."""
    await flush_changes(db)
    of_person = {"account": run.account_id, "targets": run.targets}
    return own_words(await fetch(db, KEEP_AND_READ, kept(run) | of_person))


def own_words(rows: Sequence[Sequence[object]]) -> OwnWords:
    """What `OF_PERSON` brought."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    return OwnWords(*(frozenset(str(one) for one in column if one) for column in columns))


async def beat(db: AsyncSession, active: Collection[tuple[UUID, int]], until: datetime) -> None:
    """Prolong the leases of the runs a worker has under way."""
    held = update(Run).where(tuple_(Run.id, Run.epoch).in_(list(active)), Run.admitted_at.is_not(None))
    await db.execute(held.values(lease_until=until))


OVERDUE = text("""
select run_id from runs where admitted_at is not null and lease_until < :now
order by lease_until limit :size for update skip locked
""")


async def overdue(db: AsyncSession, now: datetime, size: int) -> Sequence[UUID]:
    """Live runs whose worker has shown no sign of life, locked."""
    rows = await db.scalars(OVERDUE, {"now": now, "size": size})
    return rows.all()
