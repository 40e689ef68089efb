"""Every query about people that is no rule: who has a key, who is the same person, pages, timelines."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Select, Table, Uuid, bindparam, exists, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import Event, columns_of, fetch, fetch_all, flush_changes, made
from overture.people import tables
from overture.people.keys import Key, KeyKind, email, given_at, in_order, profile_address_key
from overture.people.tables import Identity, Lead, Merge, Relationship


async def by_id(db: AsyncSession, lead_id: UUID, *, lock: bool = False) -> Lead:
    """The lead, or a refusal; one that was merged or erased is there as well."""
    lead = await db.get(Lead, lead_id, with_for_update=lock, populate_existing=lock)
    if lead is None:
        raise NotFound(
            "lead_not_found",
            f"There is no lead {public_id('lead', lead_id)}.",
            fix="Look at GET /api/v1/leads for the leads there are.",
        )
    return lead


LOCKED: Final = (
    select(Lead)
    .where(Lead.id == func.any(bindparam("ids", type_=ARRAY(Uuid))))
    .order_by(Lead.id)
    .with_for_update(key_share=True)
)


async def locked(db: AsyncSession, lead_ids: Collection[UUID]) -> list[Lead]:
    """These leads, oldest first, locked in that order."""
    rows = await db.scalars(LOCKED, {"ids": list(lead_ids)}, execution_options={"populate_existing": True})
    return list(rows)


LOCK: Final = text(f"""
select {columns_of(Lead, "l")} from leads l where l.lead_id = any(:ids) order by l.lead_id for no key update
""")


async def locked_rows(db: AsyncSession, lead_ids: Collection[UUID]) -> list[Lead]:
    """The same to look at, or to be written by whoever wrote the statement for it: they are no session's."""
    await flush_changes(db)
    return await fetch_all(db, Lead, LOCK, {"ids": list(lead_ids)})


OWNERS: Final = text("""
select i.kind, i.value, i.lead_id
from unnest(cast(:kinds as text[]), cast(:values as text[])) as wanted(kind, value)
join identities i on i.kind = wanted.kind and i.value = wanted.value
""")


async def owners(db: AsyncSession, keys: Collection[Key]) -> dict[Key, UUID]:
    """Whose each key is; merged leads have none, theirs went to the one that was kept."""
    if not keys:
        return {}
    parameters = {"kinds": [key.kind for key in keys], "values": [key.value for key in keys]}
    rows = await fetch(db, OWNERS, parameters)
    return {Key(kind, value): lead_id for kind, value, lead_id in rows}


KEYS: Final = text("""
select i.lead_id, i.kind, i.value, i.created_at
from unnest(cast(:ids as uuid[])) as asked(lead_id) join identities i using (lead_id)
""")


async def keys_of(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, list[Key]]:
    """The keys of each of these leads, the address to write to before others."""
    found: dict[UUID, dict[Key, datetime]] = {lead_id: {} for lead_id in lead_ids}
    for lead_id, kind, value, at in await fetch(db, KEYS, {"ids": list(found)}):
        found[lead_id][Key(kind, value)] = at
    return {lead_id: in_order(keys) for lead_id, keys in found.items()}


async def add_keys(
    db: AsyncSession, lead_id: UUID, keys: Iterable[Key], source: str, now: datetime
) -> list[Key]:
    """Give a lead keys nobody has; those that were given. Sorted, so that no two who add block each other."""
    rows = [
        {"kind": key.kind, "value": key.value, "lead_id": lead_id, "source": source, "created_at": at}
        for key, at in sorted(given_at(keys, now))
    ]
    if not rows:
        return []
    made = insert(cast(Table, Identity.__table__)).values(rows).on_conflict_do_nothing()
    given = await db.execute(made.returning(Identity.kind, Identity.value))
    return [Key(cast(KeyKind, kind), value) for kind, value in given]


@dataclass(frozen=True)
class Person:
    """All leads that are one person: the one that was kept, and what was merged into it."""

    lead_id: UUID
    all_ids: frozenset[UUID]


WHOLE: Final = """
with recursive up(asked, lead_id) as (
    select id, id from unnest(cast(:ids as uuid[])) as id
    union
    select up.asked, leads.merged_into from up join leads using (lead_id) where leads.merged_into is not null
), root as (
    select up.asked, up.lead_id from up join leads using (lead_id) where leads.merged_into is null
), whole(asked, root, lead_id) as (
    select asked, lead_id, lead_id from root
    union
    select whole.asked, whole.root, leads.lead_id from whole join leads on leads.merged_into = whole.lead_id
), person as (
    select asked, root, array_agg(lead_id) as members from whole group by asked, root
)
"""
PERSONS: Final = text(f"{WHOLE} select asked, root, members from person")
AND_LEADS: Final = text(f"""{WHOLE}
select person.root, person.members, {columns_of(Lead, "l")}
from person join leads l on l.lead_id = person.asked
""")


async def persons(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, Person]:
    """For each lead the person it is, whether it was kept in a merge or not."""
    if not lead_ids:
        return {}
    rows = await fetch(db, PERSONS, {"ids": list(lead_ids)})
    return {asked: Person(root, frozenset(members)) for asked, root, members in rows}


async def persons_and_leads(
    db: AsyncSession, lead_ids: Collection[UUID]
) -> tuple[dict[UUID, Person], dict[UUID, Lead]]:
    """The same, and the leads themselves to look at; they belong to no session."""
    whole: dict[UUID, Person] = {}
    leads: dict[UUID, Lead] = {}
    for root, members, *row in await fetch(db, AND_LEADS, {"ids": list(lead_ids)}) if lead_ids else ():
        lead = made(Lead, iter(row))
        whole[lead.id], leads[lead.id] = Person(root, frozenset(members)), lead
    return whole, leads


async def person(db: AsyncSession, lead_id: UUID) -> Person:
    """The person a lead is, or a refusal."""
    await by_id(db, lead_id)
    return (await persons(db, [lead_id]))[lead_id]


@dataclass(frozen=True)
class LeadFilter:
    """Which leads a list shows; None and empty are no condition. Merged and erased ones never."""

    stages: tuple[str, ...] = ()
    search: str | None = None
    """Part of a name or company, or a whole e-mail address or profile address."""
    source: str | None = None
    company_id: UUID | None = None


SEARCHED: Final = (Lead.full_name, Lead.first_name, Lead.last_name, Lead.company_name, Lead.title)


def matching(wanted: LeadFilter) -> Select[Lead]:
    """The query for a filter."""
    query = select(Lead).where(Lead.merged_into.is_(None), Lead.erased_at.is_(None))
    if wanted.stages:
        query = query.where(Lead.stage.in_(wanted.stages))
    if wanted.source is not None:
        query = query.where(Lead.source == wanted.source)
    if wanted.company_id is not None:
        query = query.where(Lead.company_id == wanted.company_id)
    return searching(query, wanted.search) if wanted.search and wanted.search.strip() else query


def searching(query: Select[Lead], words: str) -> Select[Lead]:
    """The query, for those whom the words name: by their key, or by every word in a name."""
    key = profile_address_key(words)
    address = email(words)
    if address is not None:
        key = Key("email", address)
    if key is not None:
        has_key = exists().where(
            Identity.lead_id == Lead.id, Identity.kind == key.kind, Identity.value == key.value
        )
        return query.where(has_key)
    for word in words.split():
        query = query.where(or_(*(column.icontains(word, autoescape=True) for column in SEARCHED)))
    return query


async def page(db: AsyncSession, wanted: LeadFilter, before: UUID | None, size: int) -> Sequence[Lead]:
    """Leads newest first, older than the cursor; ids sort by time, so each row is met exactly once."""
    query = matching(wanted)
    if before is not None:
        query = query.where(Lead.id < before)
    rows = await db.scalars(query.order_by(Lead.id.desc()).limit(size))
    return rows.all()


COUNTS: Final = text("""
select stage, count(*) from leads where merged_into is null and erased_at is null group by stage
""")


async def stage_counts(db: AsyncSession) -> Mapping[str, int]:
    """How many leads are at each stage."""
    counted = dict.fromkeys(tables.STAGES, 0)
    for name, count in await db.execute(COUNTS):
        counted[name] = count
    return counted


LINKEDIN_TARGETS: Final = frozenset({"linkedin", "linkedin_profile_id", "linkedin_member_id"})


def targets_in(keys: Iterable[Key]) -> frozenset[str]:
    """How runs name whoever has these keys (`runs.target`)."""
    return frozenset(key.value for key in keys if key.kind in LINKEDIN_TARGETS or key.kind == "email")


async def timeline(db: AsyncSession, lead_id: UUID, before: int | None, size: int) -> Sequence[Event]:
    """What happened to a person, newest first: their own events, and those of runs toward them."""
    whole = await person(db, lead_id)
    keys = await keys_of(db, whole.all_ids)
    about = await runs.toward(db, targets_in(key for of_one in keys.values() for key in of_one))
    query = select(Event).where(or_(Event.lead_id.in_(whole.all_ids), Event.run_id.in_(about)))
    if before is not None:
        query = query.where(Event.id < before)
    rows = await db.scalars(query.order_by(Event.id.desc()).limit(size))
    return rows.all()


async def relationships_of(db: AsyncSession, lead_ids: Collection[UUID]) -> Sequence[Relationship]:
    """What accounts are to these leads."""
    query = select(Relationship).where(Relationship.lead_id.in_(lead_ids))
    rows = await db.scalars(query.order_by(Relationship.lead_id, Relationship.account_id))
    return rows.all()


async def merges_of(db: AsyncSession, lead_ids: Collection[UUID]) -> Sequence[Merge]:
    """Every merge these leads were part of, oldest first."""
    either = or_(Merge.kept_id.in_(lead_ids), Merge.merged_id.in_(lead_ids))
    rows = await db.scalars(select(Merge).where(either).order_by(Merge.at, Merge.id))
    return rows.all()
