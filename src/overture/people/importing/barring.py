"""Which rows of a batch are of people who are not to be contacted, by themselves or through their leads.

What a suppression may name of a row is asked of `people.suppression`, as for any person. Asked is only for
rows that may be on the list: it is held while it is short, and nearly every row is seen not to be on it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids
from overture.people import suppression
from overture.people.importing.cleaning import Person, Unfit, company_key, domain_of
from overture.people.importing.deciding import Ledger, Standing, differ
from overture.people.importing.store import as_json
from overture.people.keys import Key, domain_and_parents, mailbox
from overture.people.suppression import Known
from overture.people.tables import Suppression

FEW: Final = 20_000
"""So many suppressions are held; of a longer list those the rows of a batch may mean."""
LIVE: Final = text("select kind, value from suppressions where lifted_at is null limit :most")
NAMED: Final = text("""
select value from suppressions
where kind = :kind and lifted_at is null
    and value = any(array(select json_array_elements_text(cast(:values as json))))
""")
REMEMBERED: Final = 4_096


@dataclass(frozen=True)
class People:
    """Whose the keys of a batch are, and what is known of them."""

    owners: Mapping[Key, UUID]
    standings: Mapping[UUID, Standing]

    def known(self, person: Person) -> Known:
        """All a suppression may name of a row: what it says, and what the leads it means are known by."""
        keys, companies, domains, ids = set(person.keys), set[str | None](), set[str | None](), set[UUID]()
        companies.add(company_key(person.fields.get("company_name")))
        domains.add(person.company_domain)
        for lead_id in {self.owners[key] for key in person.keys if key in self.owners}:
            lead = self.standings[lead_id]
            keys.update(lead.keys)
            ids.update((lead_id, *lead.other_ids))
            companies.add(company_key(lead.fields.get("company_name")))
            domains.add(domain_of(lead.fields.get("website")))
        return Known(
            keys=frozenset(keys),
            companies=frozenset(filter(None, companies)),
            domains=frozenset(filter(None, domains)),
            leads=frozenset(ids),
        )


class ShortList:
    """Every value that is suppressed, by kind."""

    def __init__(self, marks: Iterable[tuple[str, str]]) -> None:
        self.of_kind: defaultdict[str, set[str]] = defaultdict(set)
        for kind, value in marks:
            self.of_kind[kind].add(value)

    def may_bar(self, person: Person) -> bool:
        """Whether anything a row says itself is on the list."""
        company = company_key(person.fields.get("company_name"))
        return (
            (company is not None and company in self.of_kind["company"])
            or (person.company_domain is not None and self.names_domain(person.company_domain))
            or any(map(self.names, person.keys))
        )

    def names(self, key: Key) -> bool:
        """Whether a key is on the list, by any kind that could name it."""
        erased = self.of_kind["tombstone"]
        if erased and key.tombstone in erased:
            return True
        if key.kind != "email":
            return key.value in self.of_kind["linkedin"]
        plain = mailbox(key.value)
        return (
            plain in self.of_kind["email"]
            or (bool(erased) and Key("email", plain).tombstone in erased)
            or self.names_domain(plain.rpartition("@")[2])
        )

    def names_domain(self, name: str) -> bool:
        """Whether a domain is on the list, or one it lies in."""
        return not self.of_kind["domain"].isdisjoint(lying_in(name))


@lru_cache(maxsize=REMEMBERED)
def lying_in(name: str) -> tuple[str, ...]:
    """The domain and those it lies in; colleagues stand near each other in files."""
    return tuple(domain_and_parents(name))


async def barred_rows(
    db: AsyncSession, now: datetime, rows: Sequence[Person], people: People, few: int = FEW
) -> dict[int, Suppression]:
    """The rows nobody may be made or changed by, with what forbids it."""
    marks = (await db.execute(LIVE, {"most": few + 1})).all()
    held = ShortList((kind, value) for kind, value in marks)
    if len(marks) > few:
        held = await named_of(db, set().union(*(people.known(row).marks() for row in rows)))
    if not held.of_kind:
        return {}
    asked = {row.row: people.known(row) for row in rows if may_be_barred(row, held, people)}
    return await suppression.of(db, asked, now)


async def named_of(db: AsyncSession, marks: Iterable[tuple[str, str]]) -> ShortList:
    """What the list has of these."""
    of_kind: defaultdict[str, list[str]] = defaultdict(list)
    for kind, value in marks:
        of_kind[kind].append(value)
    found = []
    for kind, values in of_kind.items():
        rows = await db.scalars(NAMED, {"kind": kind, "values": as_json(values)})
        found += [(kind, value) for value in rows]
    return ShortList(found)


def may_be_barred(person: Person, held: ShortList, people: People) -> bool:
    """Whether the list has to be asked about a row."""
    if held.may_bar(person):
        return True
    if people.owners.keys().isdisjoint(person.keys):
        return False
    return any(value in held.of_kind[kind] for kind, value in people.known(person).marks())


async def carry(
    db: AsyncSession, ids: Ids, now: datetime, ledger: Ledger, rows: Iterable[Person | Unfit]
) -> None:
    """Suppress leads that barred rows show to be somebody suppressed, where they are not so themselves."""
    wanted: dict[UUID, Suppression] = {}
    for row in rows:
        holding = ledger.barred.get(row.row)
        if holding is not None and isinstance(row, Person):
            wanted |= dict.fromkeys(shown_by(row, holding, ledger), holding)
    marks = {("person", str(lead_id)): lead_id for lead_id in wanted}
    for mark in await suppression.live(db, marks, now):
        marks.pop(mark)
    for lead_id in sorted(marks.values()):
        await suppression.carry(db, ids, now, wanted[lead_id], [lead_id])


def shown_by(person: Person, holding: Suppression, ledger: Ledger) -> list[UUID]:
    """The leads a barred row shows to be who is suppressed, by keys that do not say so by themselves."""
    keys_of: defaultdict[UUID, list[Key]] = defaultdict(list)
    for key in person.keys:
        if key in ledger.owners:
            keys_of[ledger.owners[key]].append(key)
    found = []
    for lead_id, keys in keys_of.items():
        lead = ledger.standings[lead_id]
        own = Known(keys=frozenset((*keys, *lead.keys)), leads=frozenset((lead_id, *lead.other_ids)))
        if not differ(person, lead) and (holding.kind, holding.value) not in own.marks():
            found.append(lead_id)
    return found
