"""The event log: append-only, written in the transaction of the change it tells of (the outbox)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Text, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from overture.db.base import Base, UtcDateTime
from overture.db.driver import carry_out, fetch
from overture.db.written import as_json


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's `xid8`: the transaction that wrote the row."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name."""
        return "xid8"


class Event(Base):
    """One thing that happened. Consumers read below the oldest running transaction (`xid`)."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_run_id", "run_id"),
        Index("ix_events_xid", "xid", "id"),
        Index("ix_events_lead_id", "lead_id", "id", postgresql_where="lead_id is not null"),
        Index("ix_events_enrollment_id", "enrollment_id", "id", postgresql_where="enrollment_id is not null"),
        Index("ix_events_campaign_id", "campaign_id", "id", postgresql_where="campaign_id is not null"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[str] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    type: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    lead_id: Mapped[UUID | None]
    campaign_id: Mapped[UUID | None]
    enrollment_id: Mapped[UUID | None]
    data: Mapped[dict[str, object]] = mapped_column(JSONB)


class Consumer(Base):
    """How far a reader of the log has come: it has seen every event up to this one, and no later one."""

    __tablename__ = "consumers"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    xid: Mapped[str] = mapped_column(TransactionId)
    event_id: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class About:
    """What an event is about, as far as it is: each one a column that finds it."""

    account_id: UUID | None = None
    run_id: UUID | None = None
    lead_id: UUID | None = None
    campaign_id: UUID | None = None
    enrollment_id: UUID | None = None


APPEND: Final = text("""
insert into events (at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data)
values (:at, :type, :account_id, :run_id, :lead_id, :campaign_id, :enrollment_id, :data)
""").bindparams(bindparam("data", type_=JSONB))


async def append_event(
    db: AsyncSession,
    at: datetime,
    kind: str,
    *,
    account_id: UUID | None = None,
    run_id: UUID | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write one event of the touchpoint layer; it becomes visible with the transaction."""
    await append_events(db, [(at, kind, About(account_id, run_id), data or {})])


Entry = tuple[datetime, str, About, Mapping[str, object]]
"""When, which type, what about, and its data."""


APPEND_MANY: Final = text("""
insert into events (at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data)
select at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data
from rows from (jsonb_to_recordset(cast(:entries as jsonb)) as (at timestamptz, type text, account_id uuid,
    run_id uuid, lead_id uuid, campaign_id uuid, enrollment_id uuid, data jsonb))
with ordinality as entry(at, type, account_id, run_id, lead_id, campaign_id, enrollment_id, data, place)
order by place
""")


async def append_events(db: AsyncSession, entries: Sequence[Entry]) -> None:
    """Write events in this order, in one statement; they become visible with the transaction."""
    rows = [{"at": at, "type": kind, **vars(about), "data": dict(data)} for at, kind, about, data in entries]
    if len(rows) == 1:
        await carry_out(db, APPEND, rows[0])
    elif rows:
        await carry_out(db, APPEND_MANY, {"entries": as_json(rows)})


# An event counts as settled once every transaction older than its own is over: an id given earlier may be
# committed later, and a reader that went by ids alone would skip it for ever.
READ: Final = text("""
with place as materialized (
    select xid, event_id from consumers where name = :consumer for update skip locked
), passed as materialized (
    select e.* from place cross join lateral (
        select * from events where (xid, id) > (place.xid, place.event_id)
          and xid < pg_snapshot_xmin(pg_current_snapshot()) order by xid, id limit :furthest
    ) e
), wanted as materialized (
    select * from passed where type like any(cast(:types as text[])) and type <> all(cast(:but as text[]))
    order by xid, id limit :most
), reached as (
    (select xid, id from wanted order by xid, id offset :most - 1)
    union all (select xid, id from passed order by xid desc, id desc limit 1)
    order by xid, id limit 1
), moved_on as (
    update consumers c set xid = r.xid, event_id = r.id from reached r where c.name = :consumer
)
select (select count(*) from passed) as passed,
    w.id, w.xid::text, w.at, w.type, w.account_id, w.run_id, w.lead_id, w.campaign_id, w.enrollment_id, w.data
from reached r left join wanted w on true order by w.xid, w.id
""")


@dataclass(frozen=True)
class Entered:
    """One event as a reader of the log gets it."""

    id: int
    xid: str
    at: datetime
    type: str
    about: About
    data: Mapping[str, object]


@dataclass(frozen=True)
class Choice:
    """The events a reader wants: types as SQL `like` patterns, without those it does not."""

    types: tuple[str, ...] = ("%",)
    but: tuple[str, ...] = ()


@dataclass(frozen=True)
class News:
    """What a reader of the log gets at once."""

    entered: list[Entered]
    is_all: bool
    """Whether it stands at the end of the log now, as far as that is settled."""


FURTHEST: Final = 20
"""How many times as many events as are wanted are passed over at once, at most: an import writes a million
that concern nobody who waits for an answer."""


async def read_events(db: AsyncSession, consumer: str, choice: Choice, most: int = 500) -> News:
    """The next settled events of a choice for this reader, oldest first, and its place moved behind them.

    All in the caller's transaction: what it does with them and its place are kept together or not at all. A
    second reader of the same name gets nothing meanwhile.
    """
    asked: dict[str, object] = {"consumer": consumer, "most": most, "furthest": most * FURTHEST}
    asked |= {"types": list(choice.types), "but": list(choice.but)}
    rows = await fetch(db, READ, asked)
    if not rows:  # nothing new, another reads, or this reader is new
        made = pg_insert(Consumer).values(name=consumer, xid="0", event_id=0).on_conflict_do_nothing()
        if await db.scalar(made.returning(Consumer.name)) is not None:
            rows = await fetch(db, READ, asked)
    if not rows:
        return News([], is_all=True)
    passed = rows[0][0]
    found = [row[1:] for row in rows if row[1] is not None]
    entered = [Entered(one[0], one[1], one[2], one[3], About(*one[4:9]), one[9]) for one in found]
    return News(entered, is_all=len(entered) < most and passed < most * FURTHEST)
