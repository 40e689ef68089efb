"""First answers of requests that create something, given again to whoever repeats their key."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from typing import cast as taken_for

from sqlalchemy import Index, Table, Text, cast, delete, update
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from overture.core.errors import Invalid
from overture.db.base import Base, UtcDateTime


class Replay(Base):
    """The answer to one request, under the key it came with."""

    __tablename__ = "replays"
    __table_args__ = (Index("ix_replays_created_at", "created_at"),)

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text)
    """SHA-256 of what was asked: the same key with another request is a mistake."""
    answer: Mapped[dict[str, object]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


@dataclass(frozen=True)
class Asked:
    """A request that may be repeated: its key, and what tells it from another."""

    key: str
    fingerprint: str


async def earlier_answer(db: AsyncSession, asked: Asked, now: datetime) -> Mapping[str, Any] | None:
    """The answer this request had before; None the first time, and the key is then taken.

    Waits while the same key is being answered elsewhere. A request that fails leaves its key free.
    """
    made = insert(taken_for(Table, Replay.__table__)).values(
        key=asked.key, fingerprint=asked.fingerprint, answer={}, created_at=now
    )
    if (await db.execute(made.on_conflict_do_nothing().returning(Replay.key))).scalar() is not None:
        return None
    earlier = await db.get_one(Replay, asked.key)
    if earlier.fingerprint != asked.fingerprint:
        raise Invalid(
            "idempotency_key_reused",
            "This Idempotency-Key was used for a different request.",
            fix="Use a fresh key for each distinct request.",
        )
    return earlier.answer


async def forget_answers(db: AsyncSession, mentioning: str) -> None:
    """Take away the answers in which a person is mentioned (an SQL pattern)."""
    await db.execute(delete(Replay).where(cast(Replay.answer, Text).op("~*")(mentioning)))


async def expire_answers(db: AsyncSession, before: datetime) -> None:
    """Take away the answers that are older than this: their keys are free again."""
    await db.execute(delete(Replay).where(Replay.created_at < before))


async def keep_answer(db: AsyncSession, asked: Asked, answer: Mapping[str, object]) -> None:
    """Keep the answer for whoever asks again."""
    await db.execute(update(Replay).where(Replay.key == asked.key).values(answer=dict(answer)))
