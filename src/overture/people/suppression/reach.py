"""Which leads a suppression of many may mean: all of a domain, or of a company under any of its names."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people import keys as spelling
from overture.people.tables import Suppression

OF_MANY: Final = frozenset({"domain", "company"})
"""Kinds whose event names no lead: those they mean may be very many."""

OF_DOMAIN: Final = text("""
select lead_id from identities
where kind = 'email' and (value like '%@' || :value or value like '%.' || :value)
union
select lead_id from leads where website ilike '%' || :value || '%'
union
select lead_id from leads join companies using (company_id)
where companies.domain = :value or companies.domain like '%.' || :value
""")
NAMES: Final = text("select distinct company_name from leads where company_name is not null")
OF_COMPANY: Final = text("""
select lead_id from leads where company_name = any(:names)
union
select lead_id from leads join companies using (company_id) where companies.name_key = :value
""")


async def meant(db: AsyncSession, suppression_id: UUID, now: datetime) -> Sequence[UUID]:
    """The leads a suppression of a domain or company may mean, if it holds; whom it does mean is asked of
    each when it matters (`is_suppressed`): a domain in the middle of an address is none of theirs.
    """
    found = await db.get(Suppression, suppression_id, populate_existing=True)
    if found is None or found.kind not in OF_MANY or not holds(found, now):
        return []
    if found.kind == "domain":
        return (await db.scalars(OF_DOMAIN, {"value": found.value})).all()
    names = [one for one in await db.scalars(NAMES) if spelling.company_name_key(one) == found.value]
    return (await db.scalars(OF_COMPANY, {"value": found.value, "names": names})).all()


def holds(suppression: Suppression, now: datetime) -> bool:
    """Whether it is in force."""
    ends = suppression.expires_at
    return suppression.lifted_at is None and (ends is None or ends > now)
