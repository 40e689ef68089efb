"""Every query about deliveries: stored as they come, taken up, and marked with what became of them."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.inbox.tables import WebhookDelivery

State = Literal["received", "applied", "unmatched", "dead"]


@dataclass(frozen=True)
class Arrival:
    """A delivery at the door: what it is by its content, and by what it is known when it comes again."""

    id: UUID
    provider: str
    endpoint: str
    source: str
    event: str
    service_account: str | None
    dedup_key: str
    body: bytes
    content_type: str | None
    received_at: datetime
    dead_of: str | None = None
    """Why nothing can be done with it, when that is known at the door."""


RECEIVE: Final = text("""
insert into webhook_deliveries (delivery_id, provider, endpoint, source, event, service_account, dedup_key,
    body, content_type, received_at, state, next_at, error)
select id, provider, endpoint, source, event, service_account, dedup_key, (cast(:bodies as bytea[]))[place],
    content_type, received_at, case when dead_of is null then 'received' else 'dead' end,
    case when dead_of is null then received_at end, dead_of
from jsonb_to_recordset(cast(:rows as jsonb)) as came(place int, id uuid, provider text, endpoint text,
    source text, event text, service_account text, dedup_key text, content_type text,
    received_at timestamptz, dead_of text)
order by dedup_key, place
on conflict (dedup_key) do nothing returning delivery_id
""")


async def receive(connection: AsyncConnection, arrivals: Sequence[Arrival]) -> set[UUID]:
    """Store deliveries; the ids of those that were new. One statement: it is all their senders wait for."""
    rows = [{"place": place, **vars(one)} for place, one in enumerate(arrivals, 1)]
    bodies = [row.pop("body") for row in rows]
    given = {"rows": json.dumps(rows, default=str), "bodies": bodies}
    return set((await connection.scalars(RECEIVE, given)).all())


CLAIM: Final = text("""
select * from webhook_deliveries
where state = 'received' and next_at <= :now and (cast(:only as uuid) is null or delivery_id = :only)
order by next_at, delivery_id limit :most for update skip locked
""")


async def claim(
    db: AsyncSession, now: datetime, most: int, only: UUID | None = None
) -> Sequence[WebhookDelivery]:
    """The deliveries whose turn it is, the longest waiting first; nobody else gets them meanwhile."""
    rows = await db.scalars(
        select(WebhookDelivery).from_statement(CLAIM), {"now": now, "most": most, "only": only}
    )
    return sorted(rows, key=lambda one: (one.received_at, one.id))


@dataclass(frozen=True)
class Outcome:
    """What became of a delivery."""

    delivery_id: UUID
    state: State
    error: str | None = None
    waits_for: tuple[str, ...] = ()
    next_at: datetime | None = None


SETTLE: Final = text("""
update webhook_deliveries d set state = said.state, error = said.error, next_at = said.next_at,
    waits_for = said.waits_for, attempts = d.attempts + 1,
    applied_at = case when said.state = 'applied' then cast(:now as timestamptz) end
from jsonb_to_recordset(cast(:rows as jsonb)) as said(delivery_id uuid, state text, error text,
    next_at timestamptz, waits_for text[])
where d.delivery_id = said.delivery_id
""")


async def settle(db: AsyncSession, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write down what became of them."""
    rows = [
        {
            "delivery_id": str(one.delivery_id),
            "state": one.state,
            "error": one.error,
            "next_at": one.next_at.isoformat() if one.next_at is not None else None,
            "waits_for": sorted(one.waits_for) or None,
        }
        for one in outcomes
    ]
    if rows:
        await db.execute(SETTLE, {"rows": json.dumps(rows), "now": now})


# What was waited for is known: an account, a message, or a key of a person.
WAKE: Final = text("""
update webhook_deliveries d set state = 'received', next_at = :now, waits_for = null, error = null
where d.delivery_id in (
    select w.delivery_id from webhook_deliveries w where w.state = 'unmatched' and exists (
        select from unnest(w.waits_for) as wanted
        cross join lateral (select split_part(wanted, ':', 1) as kind,
            substr(wanted, strpos(wanted, ':') + 1) as value) of
        where case of.kind
            when 'account' then exists (select from accounts a where a.provider = w.provider
                and a.external_id = of.value and a.removed_at is null)
            when 'message' then exists (select from inbox_messages m join accounts a on a.id = m.account_id
                where a.provider = w.provider and a.external_id = w.service_account
                  and m.message_key = of.value)
            else exists (select from identities i where i.kind = of.kind and i.value = of.value)
        end)
    order by w.delivery_id limit :most for update skip locked)
returning d.delivery_id
""")


async def wake(db: AsyncSession, now: datetime, most: int = 1_000) -> int:
    """Take up what waited for something that is known by now; how many."""
    return len((await db.scalars(WAKE, {"now": now, "most": most})).all())


@dataclass(frozen=True)
class DeliveryFilter:
    """Which deliveries are meant; None is no condition."""

    state: str | None = None
    source: str | None = None
    endpoint: str | None = None
    since: datetime | None = None
    until: datetime | None = None


CHOSEN: Final = """
(cast(:state as text) is null or state = :state) and (cast(:source as text) is null or source = :source)
and (cast(:endpoint as text) is null or endpoint = :endpoint)
and (cast(:since as timestamptz) is null or received_at >= :since)
and (cast(:until as timestamptz) is null or received_at < :until)
"""
PAGE: Final = text(f"""
select * from webhook_deliveries
where {CHOSEN} and (cast(:before as uuid) is null or delivery_id < :before)
order by delivery_id desc limit :size
""")


async def page(
    db: AsyncSession, wanted: DeliveryFilter, before: UUID | None, size: int
) -> Sequence[WebhookDelivery]:
    """Deliveries, newest first."""
    asked = {**vars(wanted), "before": before, "size": size}
    return (await db.scalars(select(WebhookDelivery).from_statement(PAGE), asked)).all()


async def by_id(db: AsyncSession, delivery_id: UUID) -> WebhookDelivery:
    """The delivery, or a refusal."""
    found = await db.get(WebhookDelivery, delivery_id)
    if found is None:
        raise NotFound(
            "delivery_not_found",
            f"There is no delivery {public_id('whd', delivery_id)}.",
            fix="List them with GET /api/v1/webhooks/deliveries.",
        )
    return found


REPLAY: Final = text(f"""
update webhook_deliveries d set state = 'received', next_at = :now, attempts = 0, error = null,
    waits_for = null, applied_at = null
where d.delivery_id in (
    select delivery_id from webhook_deliveries
    where (cast(:ids as uuid[]) is null or delivery_id = any(:ids)) and state <> 'received' and {CHOSEN}
    order by delivery_id limit :most for update)
returning d.delivery_id
""")


async def replay(
    db: AsyncSession, wanted: DeliveryFilter, ids: Collection[UUID] | None, now: datetime, most: int
) -> int:
    """Have deliveries applied once more, which is harmless for those that were; how many."""
    chosen = sorted(ids) if ids is not None else None
    asked = {**vars(wanted), "ids": chosen, "now": now, "most": most}
    return len((await db.scalars(REPLAY, asked)).all())


async def tidy(db: AsyncSession, before: datetime) -> None:
    """Remove old deliveries that are done with; what waits to be applied stays."""
    over = delete(WebhookDelivery).where(
        WebhookDelivery.received_at < before, WebhookDelivery.state != "received"
    )
    await db.execute(over)


@dataclass(frozen=True)
class EndpointHealth:
    """How one address fares."""

    endpoint: str
    last_received_at: datetime | None
    last_applied_at: datetime | None
    counts: dict[str, int]
    misdirected: int
    """Deliveries that belong to another address, and were applied all the same."""


@dataclass(frozen=True)
class Health:
    """How deliveries fare."""

    endpoints: list[EndpointHealth]
    lag: timedelta
    """How long the one that waits longest has been waiting."""


HEALTH: Final = text("""
select endpoint, state, source, count(*) as number, max(received_at) as last_received,
    max(applied_at) as last_applied
from webhook_deliveries where received_at >= :since group by endpoint, state, source
""")
LAG: Final = text("""
select min(received_at) from webhook_deliveries where state = 'received' and next_at <= :now
""")
SOURCE_OF: Final = {"users": "users", "messaging": "messaging", "accounts": "account_status"}
"""What belongs to each address."""


async def health(db: AsyncSession, now: datetime, span: timedelta) -> Health:
    """How deliveries of this span fare, by address."""
    rows = (await db.execute(HEALTH, {"since": now - span})).all()
    oldest = await db.scalar(LAG, {"now": now})
    endpoints = []
    for endpoint, source in SOURCE_OF.items():
        own = [row for row in rows if row.endpoint == endpoint]
        counts: dict[str, int] = {}
        for row in own:
            counts[row.state] = counts.get(row.state, 0) + row.number
        strays = sum(row.number for row in own if row.source in SOURCE_OF.values() and row.source != source)
        received = max((row.last_received for row in own), default=None)
        applied = max((row.last_applied for row in own if row.last_applied is not None), default=None)
        endpoints.append(EndpointHealth(endpoint, received, applied, counts, strays))
    return Health(endpoints, now - oldest if oldest is not None else timedelta())
