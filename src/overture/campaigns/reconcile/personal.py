"""What reconciliations show of a person, forgotten when they are erased."""

from datetime import datetime
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people import Erased

UNMATCHED: Final = text("""
update reconciliations set unmatched = '{"leads": [], "relations": []}'
where cast(unmatched as text) ~* :words
""")


async def forget(db: AsyncSession, erased: Erased, now: datetime) -> None:
    """Samples that name the person go whole: they are but a glimpse."""
    del now
    await db.execute(UNMATCHED, {"words": erased.whom.sql_pattern})
