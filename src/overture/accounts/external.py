"""What a service between us and the channel calls an account."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.tables import Account
from overture.core.errors import Conflict
from overture.db import append_event


async def by_external(db: AsyncSession, provider: str, external_ids: Collection[str]) -> dict[str, Account]:
    """The accounts a service calls so."""
    if not external_ids:
        return {}
    query = select(Account).where(
        Account.provider == provider, Account.external_id.in_(external_ids), Account.removed_at.is_(None)
    )
    rows = await db.scalars(query, execution_options={"populate_existing": True})
    return {one.external_id: one for one in rows if one.external_id is not None}


async def call_external(db: AsyncSession, account: Account, external_id: str, now: datetime) -> None:
    """From now on the service calls the account so; refuses what it calls another of ours."""
    taken = (await by_external(db, account.provider, [external_id])).get(external_id)
    if taken is not None and taken.id != account.id:
        raise Conflict(
            "external_id_taken",
            f"{taken.handle!r} is this account of {account.provider} already.",
            fix="Use that account, or remove it first.",
            handle=taken.handle,
        )
    if account.external_id == external_id:
        return
    account.external_id, account.updated_at = external_id, now
    await append_event(db, now, "account.changed", account_id=account.id, data={"changed": ["external_id"]})
