"""Every query about marks: up to when an account's messages were received, and when they are read again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.db import Choice, fetch, read_events
from overture.inbox.tables import MessageMark

CONSUMER: Final = "catch_up"
CHOICE: Final = Choice(("account.reported",))
SETTLE: Final = timedelta(hours=2)
"""How long after an account came back the service may still be fetching what was said meanwhile."""
WELL: Final = frozenset({"OK", "RECONNECTED", "CREATION_SUCCESS", "SYNC_SUCCESS"})
RECONNECT: Final = "reconnect"
SETTLED: Final = "settled"

WANT: Final = text("""
insert into message_marks as m (account_id, next_at, why)
select account_id, :at, :why from unnest(cast(:accounts as uuid[])) as account_id order by account_id
on conflict (account_id) do update set next_at = excluded.next_at, why = excluded.why
where m.next_at is null or m.next_at > excluded.next_at
""")


async def want(db: AsyncSession, account_ids: Collection[UUID], why: str, at: datetime) -> None:
    """Have the messages of these accounts caught up with at that time, if not before."""
    if account_ids:
        await db.execute(WANT, {"accounts": sorted(account_ids), "why": why, "at": at})


CAME_BACK: Final = text("""
insert into message_marks as m (account_id, unsettled_until, next_at, why)
values (:account, :until, :at, :why)
on conflict (account_id) do update set
    unsettled_until = greatest(m.unsettled_until, excluded.unsettled_until),
    next_at = least(m.next_at, excluded.next_at),
    why = case when m.next_at <= excluded.next_at then m.why else excluded.why end
""")


async def follow_reports(db: AsyncSession, now: datetime, most: int = 200) -> bool:
    """Take in which accounts came back; whether that was all for now."""
    news = await read_events(db, CONSUMER, CHOICE, most)
    for event in news.entered:
        if event.data.get("word") in WELL and event.about.account_id is not None:
            values = {"account": event.about.account_id, "until": event.at + SETTLE, "at": now}
            await db.execute(CAME_BACK, {**values, "why": RECONNECT})
    return news.is_all


async def due(db: AsyncSession, now: datetime) -> dict[UUID, str]:
    """The accounts whose messages are to be caught up with by now, and why."""
    query = select(MessageMark.account_id, MessageMark.why).join(
        Account, Account.id == MessageMark.account_id
    )
    query = query.where(MessageMark.next_at <= now, Account.removed_at.is_(None))
    rows = await db.execute(query.order_by(MessageMark.next_at, MessageMark.account_id))
    return {account_id: why or "" for account_id, why in rows}


async def marks_of(db: AsyncSession, account_ids: Collection[UUID]) -> dict[UUID, MessageMark]:
    """The marks of these accounts, as they stand now."""
    query = select(MessageMark).where(MessageMark.account_id.in_(account_ids))
    rows = await db.scalars(query, execution_options={"populate_existing": True})
    return {one.account_id: one for one in rows}


@dataclass(frozen=True)
class Walked:
    """A walk that came to its end."""

    account_id: UUID
    began_at: datetime
    received_until: datetime | None
    """Up to when everything is received by it; None: that cannot be said of it."""


WALKED: Final = text("""
insert into message_marks as m (account_id, received_until, walked_at) values (:account, :until, :began)
on conflict (account_id) do update set
    walked_at = excluded.walked_at,
    received_until = case when m.unsettled_until > :began then m.received_until
        else greatest(m.received_until, excluded.received_until) end,
    next_at = case when m.next_at > :began then m.next_at
        when m.unsettled_until > :began then m.unsettled_until end,
    why = case when m.next_at > :began then m.why when m.unsettled_until > :began then :settled end
""")


async def walked(db: AsyncSession, walk: Walked) -> None:
    """Take down that an account was caught up with.

    As long as the service may be fetching what was said while it was away, the mark stays; once it has had
    the time for it there is another walk.
    """
    values = {"account": walk.account_id, "until": walk.received_until, "began": walk.began_at}
    await db.execute(WALKED, {**values, "settled": SETTLED})


PUT_OFF: Final = text("update message_marks set next_at = :at where account_id = :account and next_at < :at")


async def put_off(db: AsyncSession, account_id: UUID, at: datetime) -> None:
    """The service does not answer: try later."""
    await db.execute(PUT_OFF, {"account": account_id, "at": at})


DROP: Final = text("update message_marks set next_at = null, why = null where account_id = :account")


async def drop(db: AsyncSession, account_id: UUID) -> None:
    """It is not to be caught up with by itself."""
    await db.execute(DROP, {"account": account_id})


SILENT: Final = text("""
select a.id from accounts a left join message_marks m on m.account_id = a.id
where a.provider = :provider and a.external_id is not null and a.removed_at is null
  and (m.walked_at is null or m.walked_at < :since) and m.next_at is null
  and not exists (select from webhook_deliveries d
    where d.endpoint = 'messaging' and d.received_at >= :since and d.provider = :provider)
""")


async def silent(db: AsyncSession, provider: str, since: datetime) -> list[UUID]:
    """Accounts of a provider of whom nothing was read since then, while no delivery came of anybody."""
    return list(await db.scalars(SILENT, {"provider": provider, "since": since}))


UNWALKED: Final = text("""
select a.id from accounts a left join message_marks m on m.account_id = a.id
where a.provider = any(:providers) and a.external_id is not null and a.removed_at is null
  and (m.walked_at is null or m.walked_at < :since)
""")


async def unwalked(db: AsyncSession, providers: Collection[str], since: datetime) -> list[UUID]:
    """Accounts of these providers that were not caught up with since then."""
    return list(await db.scalars(UNWALKED, {"providers": sorted(providers), "since": since}))


KNOWN_TEXTS: Final = text("""
select m.message_key, m.text from inbox_messages m
where m.account_id = :account and m.message_key = any(:keys)
""")


async def known_texts(db: AsyncSession, account: Account, keys: Collection[str]) -> Mapping[str, str]:
    """What these messages of an account say, as far as we have them."""
    rows = await fetch(db, KNOWN_TEXTS, {"account": account.id, "keys": sorted(keys)})
    return {row[0]: row[1] for row in rows}
