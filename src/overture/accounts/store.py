"""Every query about accounts."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import Account, AccountCooldown, AccountSecret
from overture.core.errors import NotFound
from overture.db import columns_of, fetch, fetch_all
from overture.touchpoints import Category


async def find(db: AsyncSession, handle: str) -> Account | None:
    """The account of this handle, if there is one; it cannot be removed before the transaction ends."""
    found: Account | None = await db.scalar(of_handle(handle).with_for_update(read=True, key_share=True))
    return found


async def by_handle(db: AsyncSession, handle: str) -> Account:
    """The account of this handle, or a refusal that says how to make one."""
    return there_is(await find(db, handle), handle)


async def to_change(db: AsyncSession, handle: str) -> Account:
    """The account, for who changes it: runs are submitted meanwhile, none is admitted or recorded.

    The strongest lock of a transaction comes first: two who hold a weaker one wait for each other.
    """
    return there_is(await db.scalar(of_handle(handle).with_for_update(key_share=True)), handle)


async def to_remove(db: AsyncSession, handle: str) -> Account:
    """The account, for who removes it: nobody else can even name it until then."""
    return there_is(await db.scalar(of_handle(handle).with_for_update()), handle)


FIND_ALL: Final = text(f"""
select {columns_of(Account, "a")} from accounts a
where a.handle = any(cast(:handles as text[])) and a.removed_at is null order by a.id for key share
""")


async def find_all(db: AsyncSession, handles: Collection[str]) -> Sequence[Account]:
    """The accounts of these handles there are, to look at; none of them can be removed before the transaction
    ends.
    """
    return await fetch_all(db, Account, FIND_ALL, {"handles": sorted(handles)})


def of_handle(handle: str) -> Select[Account]:
    """The account that has this handle now."""
    return select(Account).where(Account.handle == handle, Account.removed_at.is_(None))


async def former(db: AsyncSession, channel: str, handle: str, external_id: str | None) -> Account | None:
    """The account that had this handle, or that a service called so, and was removed; the latest of them."""
    gone = select(Account).where(Account.channel == channel, Account.removed_at.is_not(None))
    gone = gone.order_by(Account.removed_at.desc()).limit(1).with_for_update()
    found: Account | None = None
    if external_id is not None:
        found = await db.scalar(gone.where(Account.external_id == external_id))
    return found or await db.scalar(gone.where(Account.handle == handle))


def there_is(account: Account | None, handle: str) -> Account:
    """The account, or a refusal that says how to make one."""
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


OF_IDS: Final = text(f"select {columns_of(Account, 'a')} from accounts a where a.id = any(:ids)")


async def by_ids(db: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, Account]:
    """Accounts by their ids, as they stand now, removed or not; to look at."""
    return {one.id: one for one in await fetch_all(db, Account, OF_IDS, {"ids": list(account_ids)})}


async def unless_removed(db: AsyncSession, account_id: UUID) -> Account | None:
    """The account, which then stays until the transaction ends; waits for who is just removing it."""
    there = select(Account).where(Account.id == account_id, Account.removed_at.is_(None))
    found: Account | None = await db.scalar(there.with_for_update(read=True, key_share=True))
    return found


async def at_hand(db: AsyncSession, account_id: UUID) -> Account | None:
    """The same without waiting; None: it was removed, or somebody is about to."""
    there = select(Account).where(Account.id == account_id, Account.removed_at.is_(None))
    locking = there.with_for_update(read=True, key_share=True, skip_locked=True)
    found: Account | None = await db.scalar(locking)
    return found


async def list_all(db: AsyncSession) -> Sequence[Account]:
    """All accounts that are not removed, by handle."""
    rows = await db.scalars(select(Account).where(Account.removed_at.is_(None)).order_by(Account.handle))
    return rows.all()


async def credential_names(db: AsyncSession, account_id: UUID) -> tuple[list[str], bool]:
    """Which secrets are set (names only), and whether a session is kept."""
    row = await db.get(AccountSecret, account_id)
    return (row.credential_names, row.session is not None) if row is not None else ([], False)


EVERY_LANE: Final[Literal["*"]] = "*"
"""The category under which everything of an account rests, reads too."""


async def cooldown_until(
    db: AsyncSession, account_id: UUID, category: Category | Literal["*"], now: datetime
) -> tuple[datetime, str] | None:
    """Until when this category rests by the service's order, its own or one for all, and the code it gave."""
    query = select(AccountCooldown).where(
        AccountCooldown.account_id == account_id,
        AccountCooldown.category.in_((category, EVERY_LANE)),
        AccountCooldown.until > now,
    )
    row = await db.scalar(query.order_by(AccountCooldown.until.desc()).limit(1))
    return (row.until, row.code) if row is not None else None


RESTING: Final = """
select until as rests_until from account_cooldowns
where account_id = :account and category in (:lane, '*') and until > :now order by until desc limit 1
"""
"""Until when the lane `:lane` of the account rests, as a part of a larger statement."""


ORDERS: Final = text("""
select account_id, category, until, code from account_cooldowns where account_id = any(:ids) and until > :now
""")


async def cooldowns_of(
    db: AsyncSession, account_ids: Collection[UUID], now: datetime
) -> dict[tuple[UUID, str], tuple[datetime, str]]:
    """What rests of these accounts: by account and category (`*`: all), until when, and the code given."""
    rows = await fetch(db, ORDERS, {"ids": list(account_ids), "now": now})
    return {(account_id, category): (until, code) for account_id, category, until, code in rows}


async def cooldowns(db: AsyncSession, account_id: UUID, now: datetime) -> Sequence[AccountCooldown]:
    """Every lane of the account that rests."""
    query = select(AccountCooldown).where(
        AccountCooldown.account_id == account_id, AccountCooldown.until > now
    )
    return (await db.scalars(query.order_by(AccountCooldown.category))).all()


async def rest(db: AsyncSession, account_id: UUID, category: str, until: datetime, code: str) -> None:
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
