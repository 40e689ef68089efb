"""The companies of a batch of people: those there are, and those that have to be made, as one by one."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids
from overture.people.importing import store
from overture.people.importing.cleaning import Person, company_key

Named = tuple[str | None, str | None]
"""A company's name key and its domain."""


def named_by(person: Person) -> tuple[Named, str | None]:
    """The company a row names, and its name as written."""
    name = person.fields.get("company_name")
    return (company_key(name), person.company_domain), name


async def settle(db: AsyncSession, ids: Ids, now: datetime, people: Iterable[Person]) -> dict[int, UUID]:
    """The employer of each row that names one. In a transaction of its own: nobody else makes companies."""
    named: dict[Named, str | None] = {}
    of_row: dict[int, Named] = {}
    for person in people:
        key, name = named_by(person)
        if key != (None, None):
            named.setdefault(key, name)
            of_row[person.row] = key
    if not named:
        return {}
    await store.plan_by_size(db)
    names, domains = ({key[at] for key in named if key[at]} for at in (0, 1))
    by_domain, by_name = await store.companies_there(db, names, domains)  # type: ignore[arg-type]
    book = Book(by_domain, by_name)
    if not all(book.known(key) for key in named):
        await db.execute(store.LOCK_COMPANIES)
        book = Book(*await store.companies_there(db, names, domains))  # type: ignore[arg-type]
    found = {key: book.find_or_make(key, name, ids) for key, name in named.items()}
    await store.create_companies(db, book.made, now)
    await store.learn_domains(db, book.learnt)
    return {row: found[key] for row, key in of_row.items()}


class Book:
    """The companies of a batch, by domain and by name, kept up with those it makes."""

    def __init__(self, by_domain: dict[str, UUID], by_name: dict[str, list[tuple[UUID, str | None]]]) -> None:
        self.by_domain = by_domain
        self.by_name = by_name
        self.made: dict[UUID, tuple[str, str, str | None]] = {}
        self.learnt: dict[UUID, str] = {}

    def known(self, key: Named) -> UUID | None:
        """The company, if nothing has to be written to name it."""
        name_key, domain = key
        if domain:
            return self.by_domain.get(domain)
        same = self.by_name.get(name_key or "", [])
        return same[0][0] if same else None

    def find_or_make(self, key: Named, name: str | None, ids: Ids) -> UUID:
        """The company of the domain, else of the name; one of another domain is another company."""
        name_key, domain = key
        found = self.known(key)
        if found is not None:
            return found
        same = self.by_name.setdefault(name_key or domain or "", [])
        unplaced = next((one for one, its in same if its is None), None) if name_key else None
        if unplaced is not None and domain:
            same[:] = [(one, domain if one == unplaced else its) for one, its in same]
            self.learn(unplaced, domain)
            return unplaced
        new = ids.new()
        self.made[new] = (name or domain or "", name_key or domain or "", domain)
        same.append((new, domain))
        if domain:
            self.by_domain[domain] = new
        return new

    def learn(self, company_id: UUID, domain: str) -> None:
        """A company known by its name alone has this domain."""
        self.by_domain[domain] = company_id
        if company_id in self.made:
            self.made[company_id] = (*self.made[company_id][:2], domain)
        else:
            self.learnt[company_id] = domain
