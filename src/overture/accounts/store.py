"""Every query about accounts."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import Account, AccountCooldown, AccountSecret
from overture.core.errors import NotFound
from overture.touchpoints import Category


async def find(db: AsyncSession, handle: str) -> Account | None:
    """The account of this handle, if there is one; it cannot be removed before the transaction ends."""
    query = select(Account).where(Account.handle == handle, Account.removed_at.is_(None))
    found: Account | None = await db.scalar(query.with_for_update(read=True, key_share=True))
    return found


async def by_handle(db: AsyncSession, handle: str) -> Account:
    """The account of this handle, or a refusal that says how to make one."""
    account = await find(db, handle)
    if account is None:
        raise NotFound(
            "account_not_found",
            f"There is no account {handle!r}.",
            fix="Add it with POST /api/v1/accounts or `overture accounts add`.",
            handle=handle,
        )
    return account


async def by_id(db: AsyncSession, account_id: UUID) -> Account:
    """The account of a run, removed or not."""
    return await db.get_one(Account, account_id)


async def list_all(db: AsyncSession) -> Sequence[Account]:
    """All accounts that are not removed, by handle."""
    rows = await db.scalars(select(Account).where(Account.removed_at.is_(None)).order_by(Account.handle))
    return rows.all()


async def credential_names(db: AsyncSession, account_id: UUID) -> tuple[list[str], bool]:
    """Which secrets are set (names only), and whether a session is kept."""
    row = await db.get(AccountSecret, account_id)
    return (row.credential_names, row.session is not None) if row is not None else ([], False)


EVERY_LANE: Final = "*"
"""The category under which everything of an account rests, reads too."""


async def cooldown_until(
    db: AsyncSession, account_id: UUID, category: Category, now: datetime
) -> tuple[datetime, str] | None:
    """Until when this category rests by the service's order, its own or one for all, and the code it gave."""
    query = select(AccountCooldown).where(
        AccountCooldown.account_id == account_id,
        AccountCooldown.category.in_((category, EVERY_LANE)),
        AccountCooldown.until > now,
    )
    row = await db.scalar(query.order_by(AccountCooldown.until.desc()).limit(1))
    return (row.until, row.code) if row is not None else None


async def cooldowns(db: AsyncSession, account_id: UUID, now: datetime) -> Sequence[AccountCooldown]:
    """Every lane of the account that rests."""
    query = select(AccountCooldown).where(
        AccountCooldown.account_id == account_id, AccountCooldown.until > now
    )
    return (await db.scalars(query.order_by(AccountCooldown.category))).all()


async def rest(
    db: AsyncSession, account_id: UUID, category: Category | Literal["*"], until: datetime, code: str
) -> None:
    """Let a category (`*`: all) rest until the instant the service named; no order cuts a longer one."""
    statement = insert(AccountCooldown).values(
        account_id=account_id, category=category, until=until, code=code
    )
    await db.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "category"],
            set_={"until": until, "code": code},
            where=AccountCooldown.until < until,
        )
    )
