"""Who is suppressed: everything that is known of somebody, held against the list."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people import keys as spelling
from overture.people import store
from overture.people.keys import Key, domain_and_parents, mailbox, with_implied
from overture.people.suppression.list import Mark, live
from overture.people.suppression.spelling import LINKEDIN, STRENGTH
from overture.people.tables import Suppression

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class Known:
    """What of somebody a suppression may name, whether we have a lead of them or not."""

    keys: frozenset[Key] = frozenset()
    companies: frozenset[str] = frozenset()
    """Name keys of the employer."""
    domains: frozenset[str] = frozenset()
    """Domains of the employer; those of the e-mail addresses come by themselves."""
    leads: frozenset[UUID] = frozenset()

    def marks(self) -> set[Mark]:
        """Everything that would suppress them."""
        found: set[Mark] = {("person", str(lead_id)) for lead_id in self.leads}
        found |= {("company", name) for name in self.companies}
        domains = set(self.domains)
        for key in with_implied(self.keys):
            found.add(("tombstone", key.tombstone))
            if key.kind in LINKEDIN:
                found.add(("linkedin", key.value))
            if key.kind == "email":
                plain = mailbox(key.value)
                found |= {("email", plain), ("tombstone", Key("email", plain).tombstone)}
                domains.add(plain.rpartition("@")[2])
        return found | {("domain", one) for name in domains for one in domain_and_parents(name)}


async def of(db: AsyncSession, asked: Mapping[T, Known], now: datetime) -> dict[T, Suppression]:
    """Who of these is suppressed, and by what: the strongest. In one query, whatever their number."""
    marks = {one: known.marks() for one, known in asked.items()}
    holding = await live(db, set().union(*marks.values()), now)
    if not holding:
        return {}
    found = {one: [holding[mark] for mark in of_one if mark in holding] for one, of_one in marks.items()}
    return {one: min(several, key=strength) for one, several in found.items() if several}


def strength(suppression: Suppression) -> tuple[int, UUID]:
    """Sorts the strongest first, and then the oldest."""
    return STRENGTH.index(suppression.reason), suppression.id


async def is_suppressed(
    db: AsyncSession, lead_ids: Collection[UUID], now: datetime
) -> dict[UUID, Suppression]:
    """Who of these leads is not to be contacted: as a person, by any key, domain or company of theirs."""
    return await of(db, await known_of(db, lead_ids), now)


async def known_of(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, Known]:
    """All that is known of each lead, and of every lead that is the same person."""
    if not lead_ids:
        return {}
    persons = await store.persons(db, lead_ids)
    everybody = {one for person in persons.values() for one in person.all_ids}
    keys = await store.keys_of(db, everybody)
    employers = await employers_of(db, everybody)
    return {
        asked: Known(
            keys=frozenset(key for one in person.all_ids for key in keys[one]),
            companies=frozenset(name for one in person.all_ids for name in employers[one].companies),
            domains=frozenset(name for one in person.all_ids for name in employers[one].domains),
            leads=person.all_ids,
        )
        for asked, person in persons.items()
    }


EMPLOYERS: Final = text("""
select l.lead_id, l.company_name, l.website, c.name_key, c.domain
from unnest(cast(:ids as uuid[])) as asked(lead_id) join leads l using (lead_id)
left join companies c on c.company_id = l.company_id
""")


async def employers_of(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, Known]:
    """The employer of each lead, by every name and domain that is known."""
    return {
        lead_id: employed(names=(company_name,), name_keys=(name_key,), domains=(website, domain))
        for lead_id, company_name, website, name_key, domain in await db.execute(
            EMPLOYERS, {"ids": list(lead_ids)}
        )
    }


def employed(
    names: Iterable[str | None], domains: Iterable[str | None], name_keys: Iterable[str | None] = ()
) -> Known:
    """What is known of somebody by where they work; a domain that is everybody's says nothing."""
    spelled = {spelling.company_name_key(name) for name in names} | set(name_keys)
    own = {spelling.company_domain(name) for name in domains}
    return Known(companies=frozenset(filter(None, spelled)), domains=frozenset(filter(None, own)))
