"""The breaker: failures in a row that are the account's, not a target's, pause it until a person resumes it.

Each cause has its own tally. An episode is one trip: it ends when the account is resumed. A success sets the
tallies to nothing; what only a target refused neither counts nor helps.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, case, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import Account, AccountBreaker

CIRCUIT_OPEN: Final = "circuit_open"
"""The account's `state_reason` while its breaker is open."""


class Cause(StrEnum):
    """What went wrong with the account, whatever the run."""

    TRANSIENT = "transient"
    PAGE_CHANGED = "page_changed"
    THROTTLED = "throttled"
    UNCERTAIN = "uncertain"


CAUSES: Final[dict[Cause, str]] = {
    Cause.TRANSIENT: "the network, the browser or the service failed, every try of each",
    Cause.PAGE_CHANGED: "the page was not as it is known",
    Cause.THROTTLED: "the service said slow down, again and again",
    Cause.UNCERTAIN: "the outcome could not be proved",
}
"""Each cause as the middle of a sentence about runs."""


@dataclass(frozen=True)
class Blow:
    """One failure that is the account's."""

    cause: Cause
    code: str
    run_id: UUID
    most: int
    """How many in a row open the breaker."""


async def strike(db: AsyncSession, account: Account, blow: Blow, now: datetime) -> int | None:
    """Count a blow; how many there were in a row when it is the one that opens the breaker.

    The caller has locked the account's row and pauses it. An account that is stopped already trips nothing.
    """
    table = cast(Table, AccountBreaker.__table__)
    last = {"last_at": now, "last_code": blow.code, "last_run_id": blow.run_id}
    opens = (AccountBreaker.consecutive + 1 >= blow.most) & (account.state == "active")
    first = now if blow.most <= 1 and account.state == "active" else None
    statement = insert(table).values(
        account_id=account.id, cause=blow.cause, consecutive=1, tripped_at=first, **last
    )
    counted = statement.on_conflict_do_update(
        index_elements=["account_id", "cause"],
        set_={
            "consecutive": AccountBreaker.consecutive + 1,
            "tripped_at": case(
                (AccountBreaker.tripped_at.is_(None) & opens, now), else_=AccountBreaker.tripped_at
            ),
            **last,
        },
    ).returning(AccountBreaker.consecutive, AccountBreaker.tripped_at)
    row = (await db.execute(counted)).one()
    is_trip = account.state == "active" and row.tripped_at == now
    return row.consecutive if is_trip else None


def calming(account: str) -> str:
    """A success of an account (none: of nobody), as a part of a larger statement."""
    calmed = "consecutive > 0 and tripped_at is null"
    return f"update account_breakers set consecutive = 0 where account_id = {account} and {calmed}"


async def close(db: AsyncSession, account_id: UUID) -> None:
    """The account was resumed: the episode is over and counting starts at nothing."""
    mine = update(AccountBreaker).where(AccountBreaker.account_id == account_id)
    await db.execute(mine.values(consecutive=0, tripped_at=None))


async def breaker_view(db: AsyncSession, account: Account) -> Sequence[AccountBreaker]:
    """The account's tallies that are not at nothing, the open one first."""
    query = select(AccountBreaker).where(
        AccountBreaker.account_id == account.id, AccountBreaker.consecutive > 0
    )
    rows = await db.scalars(
        query.order_by(AccountBreaker.tripped_at.desc().nulls_last(), AccountBreaker.cause)
    )
    return rows.all()


async def open_breakers(db: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, AccountBreaker]:
    """The open breaker of each of these accounts that has one."""
    query = select(AccountBreaker).where(
        AccountBreaker.account_id.in_(account_ids), AccountBreaker.tripped_at.is_not(None)
    )
    return {found.account_id: found for found in await db.scalars(query.order_by(AccountBreaker.tripped_at))}
