"""The suppression list: looked up by what it names, and read page by page."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import as_json, columns_of, fetch, fetch_all
from overture.people.suppression.spelling import SuppressionKind, canonical
from overture.people.tables import Suppression

Mark = tuple[str, str]
"""Kind and value, as a suppression is looked up."""


async def by_id(db: AsyncSession, suppression_id: UUID) -> Suppression:
    """The suppression, lifted or not, or a refusal."""
    found = await db.get(Suppression, suppression_id)
    if found is None:
        raise NotFound(
            "suppression_not_found",
            f"There is no suppression {public_id('sup', suppression_id)}.",
            fix="Look at GET /api/v1/suppressions for those there are.",
        )
    return found


async def find(db: AsyncSession, kind: SuppressionKind, value: str, now: datetime) -> Suppression | None:
    """The suppression of this very value that holds now."""
    mark = (kind, canonical(kind, value))
    return (await live(db, [mark], now)).get(mark)


@dataclass(frozen=True)
class SuppressionFilter:
    """Which suppressions a list shows; None is no condition."""

    kind: str | None = None
    reason: str | None = None
    is_lifted: bool | None = False
    value: str | None = None


def matching(wanted: SuppressionFilter) -> Select[Suppression]:
    """The query for a filter."""
    query = select(Suppression)
    if wanted.kind is not None:
        query = query.where(Suppression.kind == wanted.kind)
    if wanted.reason is not None:
        query = query.where(Suppression.reason == wanted.reason)
    if wanted.is_lifted is not None:
        query = query.where(Suppression.lifted_at.is_not(None) == wanted.is_lifted)
    if wanted.value is not None:
        query = query.where(Suppression.value.icontains(wanted.value.strip(), autoescape=True))
    return query


async def page(
    db: AsyncSession, wanted: SuppressionFilter, before: UUID | None, size: int
) -> Sequence[Suppression]:
    """Suppressions newest first, older than the cursor."""
    query = matching(wanted)
    if before is not None:
        query = query.where(Suppression.id < before)
    rows = await db.scalars(query.order_by(Suppression.id.desc()).limit(size))
    return rows.all()


HOLDS: Final = "s.lifted_at is null and (s.expires_at is null or s.expires_at > :now)"
"""Whether the suppression `s` is in force, as a part of a statement."""


def held_of(marks: str) -> str:
    """The suppressions `s` in force of the marks in this parameter, as a part of a statement."""
    return f"""
        from jsonb_to_recordset(cast(:{marks} as jsonb)) as wanted(kind text, value text)
        join suppressions s on s.kind = wanted.kind and s.value = wanted.value
        where {HOLDS}
    """


OF_MARKS: Final = held_of("marks")
LIVE: Final = text(f"select {columns_of(Suppression, 's')} {OF_MARKS}")
REASONS: Final = text(f"select s.kind, s.value, s.reason {OF_MARKS}")


async def live(db: AsyncSession, marks: Collection[Mark], now: datetime) -> dict[Mark, Suppression]:
    """The suppressions that hold now, of those asked for; to look at."""
    if not marks:
        return {}
    rows = await fetch_all(db, Suppression, LIVE, {"marks": as_rows(marks), "now": now})
    return {(one.kind, one.value): one for one in rows}


async def reasons(db: AsyncSession, marks: Collection[Mark], now: datetime) -> dict[Mark, str]:
    """Only the reasons of these."""
    if not marks:
        return {}
    rows = await fetch(db, REASONS, {"marks": as_rows(marks), "now": now})
    return {(kind, value): reason for kind, value, reason in rows}


def as_rows(marks: Collection[Mark]) -> str:
    """The marks as one parameter: many strings are long in becoming an array."""
    return as_json([{"kind": kind, "value": value} for kind, value in marks])
