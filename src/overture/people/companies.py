"""Employers: the one company behind a domain, or else behind a name in one spelling."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids
from overture.people.keys import company_domain, company_name_key
from overture.people.tables import Company

NAME_LOCK: Final = text("select pg_advisory_xact_lock(hashtextextended('company:' || :name_key, 0))")
"""Names are no unique key (there are two of many), so that two who make one at once wait for each other."""


@dataclass(frozen=True)
class Employer:
    """A company as somebody names it: by name, domain, or both."""

    name: str | None
    domain: str | None = None

    @property
    def name_key(self) -> str | None:
        """Its name in one spelling."""
        return company_name_key(self.name)

    @property
    def own_domain(self) -> str | None:
        """Its domain in one spelling, unless that is everybody's."""
        return company_domain(self.domain)


async def get_or_create(db: AsyncSession, ids: Ids, now: datetime, employer: Employer) -> UUID | None:
    """The company meant; a domain goes before a name, and is learnt by a company known by its name alone."""
    name_key, domain = employer.name_key, employer.own_domain
    if name_key is None and domain is None:
        return None
    found = await by_domain(db, domain) if domain else None
    if found is not None:
        return found
    if name_key is not None:
        await db.execute(NAME_LOCK, {"name_key": name_key})
        found = await by_name(db, name_key, domain)
    return found or await create(db, ids, now, employer)


async def by_domain(db: AsyncSession, domain: str) -> UUID | None:
    """The company of this very domain."""
    found: UUID | None = await db.scalar(select(Company.id).where(Company.domain == domain))
    return found


async def by_name(db: AsyncSession, name_key: str, domain: str | None) -> UUID | None:
    """The oldest company of this name; one of another domain is another company."""
    named = select(Company.id).where(Company.name_key == name_key).order_by(Company.id).limit(1)
    if domain is None:
        found: UUID | None = await db.scalar(named)
        return found
    found = await db.scalar(named.where(Company.domain.is_(None)))
    if found is not None:
        await db.execute(update(Company).where(Company.id == found).values(domain=domain))
    return found


async def create(db: AsyncSession, ids: Ids, now: datetime, employer: Employer) -> UUID | None:
    """A new company; if another made one of the same domain meanwhile, that one."""
    domain = employer.own_domain
    name = employer.name if employer.name_key else domain
    made = insert(cast(Table, Company.__table__)).values(
        company_id=ids.new(),
        name=name,
        name_key=employer.name_key or domain,
        domain=domain,
        created_at=now,
    )
    found: UUID | None = await db.scalar(made.on_conflict_do_nothing().returning(Company.id))
    return found or (await by_domain(db, domain) if domain else None)
