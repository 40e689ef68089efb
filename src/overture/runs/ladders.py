"""Which rung of its ladder each control was found by: counted from what the attempts wrote down.

The steps of the attempts are the only source, so the figures cannot drift from what happened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

COUNTED: Final = text("""
with looked as (
    select attempts.started_at as at, step->>'control' as control, step->>'step' as kind,
        cast(step->>'rung' as int) as rung, step->>'variant' as variant, step->>'locale' as locale
    from attempts cross join lateral jsonb_array_elements(attempts.steps) step
    where attempts.started_at >= :since and step->>'step' in ('control', 'control_missing')
)
select control, kind, rung, count(*) as times, max(at) as last_at,
    array_agg(distinct variant || ' ' || locale) filter (where variant is not null) as pages
from looked group by control, kind, rung order by control, kind, rung
""")


@dataclass(frozen=True)
class Ladder:
    """One control: how often each rung found it, how often none did, and on which pages it was seen."""

    control: str
    hits: Mapping[int, int]
    misses: int
    last_hit_at: datetime | None
    last_miss_at: datetime | None
    pages: Sequence[str]

    @property
    def beyond_first(self) -> float:
        """The share of looks that the sturdiest rung did not answer: when it grows, the page is changing."""
        looks = sum(self.hits.values()) + self.misses
        return round(1 - self.hits.get(1, 0) / looks, 4) if looks else 0.0


async def ladders(db: AsyncSession, since: datetime) -> list[Ladder]:
    """All controls looked for since then, by name."""
    rows = (await db.execute(COUNTED, {"since": since})).all()
    return [ladder(name, [row for row in rows if row.control == name]) for name in names(rows)]


def names(rows: Sequence[Row[Any]]) -> list[str]:
    """The controls in the rows, each once."""
    return sorted({row.control for row in rows})


def ladder(name: str, rows: Sequence[Row[Any]]) -> Ladder:
    """The figures of one control."""
    found = [row for row in rows if row.kind == "control"]
    missed = [row for row in rows if row.kind == "control_missing"]
    return Ladder(
        control=name,
        hits={row.rung: row.times for row in found},
        misses=sum(row.times for row in missed),
        last_hit_at=max((row.last_at for row in found), default=None),
        last_miss_at=max((row.last_at for row in missed), default=None),
        pages=sorted({page for row in rows for page in row.pages or ()}),
    )
