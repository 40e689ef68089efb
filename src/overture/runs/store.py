"""Every query about runs that is not the engine's or the gate's."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, select, text, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account, AccountSecret, LoginChallenge
from overture.core.errors import NotFound
from overture.core.ids import public_id
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
    """A live run with its account, both locked, and, for who begins it, secrets and what is asked of it."""

    run: Run
    account: Account
    secret: AccountSecret | None = None
    challenge: LoginChallenge | None = None


# Built once: these run with every attempt. The account is locked with the run (`no key update`: a run being
# submitted is no obstacle), so that whoever finishes a run may admit the account's next.
FENCE: Final = (
    Run.id == bindparam("run_id"),
    Run.epoch == bindparam("epoch"),
    Run.admitted_at.is_not(None),
)
UNTAKEN: Final = (
    select(Run, Account, AccountSecret, LoginChallenge)
    .join(Account, Account.id == Run.account_id)
    .outerjoin(AccountSecret, AccountSecret.account_id == Run.account_id)
    .outerjoin(
        LoginChallenge,
        and_(LoginChallenge.account_id == Run.account_id, LoginChallenge.state.in_(("open", "answered"))),
    )
    .where(*FENCE, Run.worker.is_(None))
    .with_for_update(of=[Run, Account], key_share=True)
)
TAKEN: Final = (
    select(Run, Account)
    .join(Account, Account.id == Run.account_id)
    .where(*FENCE, Run.worker == bindparam("worker"))
    .with_for_update(of=[Run, Account], key_share=True)
)


async def untaken(db: AsyncSession, run_id: UUID, epoch: int) -> Live | None:
    """The run if it was admitted under this epoch and no worker has it yet."""
    row = (await db.execute(UNTAKEN, {"run_id": run_id, "epoch": epoch})).one_or_none()
    return Live(*row) if row is not None else None


async def taken(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Live | None:
    """The run if it is still this worker's under this epoch; None: the fence is lost."""
    row = (await db.execute(TAKEN, {"run_id": run_id, "epoch": epoch, "worker": worker})).one_or_none()
    return Live(*row) if row is not None else None


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


OWN_WORDS = text("""
select token, touchpoint_input->>'note', result->>'message_urn',
       case when effect in ('intended', 'confirmed', 'unknown')
            then coalesce(touchpoint_input->>'message', touchpoint_input->>'body') end
from runs
where account_id = :account and target = any(cast(:targets as text[]))
""")


@dataclass(frozen=True)
class OwnWords:
    """What is ours of what was said to one person: tokens, notes, ids of messages, and texts."""

    tokens: frozenset[str]
    notes: frozenset[str]
    messages: frozenset[str]
    texts: frozenset[str]


async def own_words(db: AsyncSession, run: Run) -> OwnWords:
    """What all runs of this account wrote to the same person, by whatever name."""
    rows = await db.execute(OWN_WORDS, {"account": run.account_id, "targets": run.targets})
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
