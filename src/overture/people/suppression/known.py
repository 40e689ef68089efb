"""Who is suppressed: everything that is known of somebody, held against the list."""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, TypeVar, cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import fetch
from overture.people import keys as spelling
from overture.people.keys import Key, KeyKind, domain_and_parents, mailbox, with_implied
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

    def marks(self, *, tombstones: bool = True) -> set[Mark]:
        """Everything that would suppress them; without the hashes of who was erased, if nobody was."""
        found: set[Mark] = {("person", str(lead_id)) for lead_id in self.leads}
        found |= {("company", name) for name in self.companies}
        for key in self.keys:
            found.update(spelled_marks(key, tombstones=tombstones))
        for name in self.domains:
            found.update(("domain", one) for one in domain_and_parents(name))
        return found


@lru_cache(maxsize=32_768)
def spelled_marks(key: Key, *, tombstones: bool) -> tuple[Mark, ...]:
    """What would suppress whoever has a key. Only its spelling: whether it does, the list is asked each time.

    A lead is looked at many times, and its keys hardly ever change.
    """
    found: list[Mark] = []
    for one in with_implied([key]):
        if tombstones:
            found.append(("tombstone", one.tombstone))
        if one.kind in LINKEDIN:
            found.append(("linkedin", one.value))
        if one.kind == "email":
            plain = mailbox(one.value)
            found.append(("email", plain))
            if tombstones:
                found.append(("tombstone", Key("email", plain).tombstone))
            found += [("domain", name) for name in domain_and_parents(plain.rpartition("@")[2])]
    return tuple(found)


async def of(db: AsyncSession, asked: Mapping[T, Known], now: datetime) -> dict[T, Suppression]:
    """Who of these is suppressed, and by what: the strongest. In one query, whatever their number."""
    marks = {one: known.marks() for one, known in asked.items()}
    holding = await live(db, set().union(*marks.values()), now)
    if not holding:
        return {}
    found = {
        one: [
            holding[mark]
            for mark in of_one
            if mark in holding and bears_on(asked[one], mark[0], holding[mark].reason)
        ]
        for one, of_one in marks.items()
    }
    return {one: min(several, key=strength) for one, several in found.items() if several}


def bears_on(known: Known, kind: str, reason: str) -> bool:
    """Whether such a suppression keeps us from them: a dead address only from the address, as a target."""
    return not (kind == "email" and reason == "bounced" and known.leads)


def marks_of(asked: Iterable[Known], kinds: Collection[str]) -> dict[Known, set[Mark]]:
    """What of these kinds would suppress each of them."""
    are_any = "tombstone" in kinds
    return {one: {mark for mark in one.marks(tombstones=are_any) if mark[0] in kinds} for one in asked}


def why(marks: Mapping[Known, set[Mark]], found: Mapping[Mark, str]) -> list[str]:
    """Every reason not to contact them, of what was found of their marks."""
    return [
        reason
        for one, of_one in marks.items()
        for mark, reason in found.items()
        if mark in of_one and bears_on(one, mark[0], reason)
    ]


def strength(suppression: Suppression) -> tuple[int, UUID]:
    """Sorts the strongest first, and then the oldest."""
    return STRENGTH.index(suppression.reason), suppression.id


async def is_suppressed(
    db: AsyncSession, lead_ids: Collection[UUID], now: datetime
) -> dict[UUID, Suppression]:
    """Who of these leads is not to be contacted: as a person, by any key, domain or company of theirs."""
    return await of(db, await known_of(db, lead_ids), now)


PERSON: Final = """
up(lead_id) as (
    select lead_id from asked
    union
    select leads.merged_into from up join leads using (lead_id) where leads.merged_into is not null
), members(lead_id) as (
    select up.lead_id from up join leads using (lead_id) where leads.merged_into is null
    union
    select leads.lead_id from members join leads on leads.merged_into = members.lead_id
)
"""
"""From the leads `asked` all that are the same person, whether they were kept in a merge or not."""
EVERYTHING: Final = """(
    select array(select array[i.kind, i.value] from identities i where i.lead_id = any(person.leads)) as keys,
        array(select array[l.company_name, l.website, c.name_key, c.domain]
              from leads l left join companies c on c.company_id = l.company_id
              where l.lead_id = any(person.leads)) as employers
) known"""
"""The keys and employers of `person.leads`."""
KNOWN: Final = text(f"""
select one.lead_id, person.leads, known.keys, known.employers
from unnest(cast(:ids as uuid[])) as one(lead_id)
cross join lateral (
    with recursive asked as (select one.lead_id), {PERSON}
    select array_agg(lead_id) as leads from members
) person cross join lateral {EVERYTHING}
where person.leads is not null
""")


async def known_of(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, Known]:
    """All that is known of each lead, and of every lead that is the same person."""
    if not lead_ids:
        return {}
    rows = await fetch(db, KNOWN, {"ids": list(set(lead_ids))})
    return {asked: known_in(leads, keys, employers) for asked, leads, keys, employers in rows}


def known_in(
    leads: Sequence[UUID] | None, keys: Sequence[Sequence[str]], employers: Sequence[Sequence[str | None]]
) -> Known:
    """What is known of a person, as it was read; of each employer: name, website, and its key and domain."""
    worked = [employer(*one) for one in employers]
    return Known(
        keys=frozenset(Key(cast(KeyKind, kind), value) for kind, value in keys),
        companies=frozenset(name for one in worked for name in one.companies),
        domains=frozenset(name for one in worked for name in one.domains),
        leads=frozenset(leads or ()),
    )


@lru_cache(maxsize=16_384)
def employer(name: str | None, website: str | None, name_key: str | None, domain: str | None) -> Known:
    """What is known of somebody by one employer, in whichever of its spellings."""
    return employed((name,), (website, domain), (name_key,))


def employed(
    names: Iterable[str | None], domains: Iterable[str | None], name_keys: Iterable[str | None] = ()
) -> Known:
    """What is known of somebody by where they work; a domain that is everybody's says nothing."""
    spelled = {spelling.company_name_key(name) for name in names} | set(name_keys)
    own = {spelling.company_domain(name) for name in domains}
    return Known(companies=frozenset(filter(None, spelled)), domains=frozenset(filter(None, own)))
