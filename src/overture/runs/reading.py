"""Reading for the gate: whatever it and the rules of the layers above must know of a run, in one statement.

Each asks for its own part; one round trip brings them all, as they stand at one instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import fetch_one

Seen = Mapping[str, Any]
"""What was read, by column; None in those of a part that found nothing."""


@dataclass(frozen=True)
class Part:
    """A select of one row at most; its columns and parameters bear names that no other part has."""

    name: str
    select: str


@cache
def statement(parts: tuple[Part, ...]) -> TextClause:
    """All parts side by side; built once for each company they come in."""
    beside = "\n".join(f"left join lateral (\n{part.select}\n) {part.name} on true" for part in parts)
    return text(f"select * from (select 1) one {beside}")


async def read(db: AsyncSession, parts: tuple[Part, ...], given: Mapping[str, object]) -> Seen:
    """Read these parts."""
    return await fetch_one(db, statement(parts), given)
