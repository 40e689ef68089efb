"""The event log: append-only, written in the transaction of the change it tells of (the outbox)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, Table, Text, bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from overture.db.base import Base, UtcDateTime


class TransactionId(UserDefinedType[str]):
    """PostgreSQL's `xid8`: the transaction that wrote the row."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name."""
        return "xid8"


class Event(Base):
    """One thing that happened. Consumers read below the oldest running transaction (`xid`)."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_run_id", "run_id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    xid: Mapped[str] = mapped_column(TransactionId, server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    type: Mapped[str] = mapped_column(Text)
    account_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    data: Mapped[dict[str, object]] = mapped_column(JSONB)


APPEND: Final = insert(cast(Table, Event.__table__)).values(  # built once: this runs with every change
    {name: bindparam(name) for name in ("at", "type", "account_id", "run_id", "data")}
)


async def append_event(
    db: AsyncSession,
    at: datetime,
    kind: str,
    *,
    account_id: UUID | None = None,
    run_id: UUID | None = None,
    data: Mapping[str, object] | None = None,
) -> None:
    """Write one event; it becomes visible with the transaction."""
    await db.execute(
        APPEND, {"at": at, "type": kind, "account_id": account_id, "run_id": run_id, "data": dict(data or {})}
    )
