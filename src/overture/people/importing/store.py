"""What an import reads and writes, a batch at a time: rows go in by COPY, changes by one statement."""

import asyncio
import csv
import io
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.people.importing.deciding import Decision, Standing, standing_of
from overture.people.keys import Key, KeyKind, given_at
from overture.people.new_lead import PLAIN_FIELDS

Rows = Iterable[Sequence[object]]


@dataclass(frozen=True)
class Filling:
    """Rows for a table."""

    table: str
    columns: Sequence[str]
    rows: Rows


async def copy_in(db: AsyncSession, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Put rows into a table by COPY; None is null, and so is an empty text."""
    await copy_all(db, [Filling(table, columns, rows)])


async def copy_all(db: AsyncSession, fillings: Sequence[Filling]) -> None:
    """Fill tables one after the other; the rows of the next are written out while one is taken in."""
    held = await (await db.connection()).get_raw_connection()
    driver: Any = held.driver_connection
    following = asyncio.create_task(asyncio.to_thread(as_csv, fillings[0].rows))
    try:
        for at, filling in enumerate(fillings):
            lines = await following
            if at + 1 < len(fillings):
                following = asyncio.create_task(asyncio.to_thread(as_csv, fillings[at + 1].rows))
            if lines:
                statement = f"copy {filling.table} ({', '.join(filling.columns)}) from stdin (format csv)"
                async with driver.cursor() as cursor, cursor.copy(statement) as copy:
                    await copy.write(lines)
    finally:
        await asyncio.wait([following])  # what is written out for a table that is not filled any more


def as_csv(rows: Rows) -> str:
    """Rows as COPY reads them."""
    lines = io.StringIO()
    # With this line end the writer quotes a lone carriage return too, which COPY wants.
    csv.writer(lines, lineterminator="\r\n").writerows(rows)
    return lines.getvalue()


as_json: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value for a JSON column."""
id_text: Final = lru_cache(maxsize=16_384)(str)
"""An id as text; that of a lead is written several times."""


_PLAIN: Final = ", ".join(f"l.{name}" for name in PLAIN_FIELDS)
STANDINGS: Final = text(f"""
select exists (select from import_rows r where r.lead_id = l.lead_id and r.import_id = :import_id),
    l.lead_id, l.company_id, l.custom, {_PLAIN}
from leads l where l.lead_id = any(:ids) order by l.lead_id for no key update of l
""")
KEYS: Final = text("select lead_id, kind, value from identities where lead_id = any(:ids)")
MERGED: Final = text("select merged_into, lead_id from leads where merged_into = any(:ids)")


async def standings(db: AsyncSession, lead_ids: Collection[UUID], import_id: UUID) -> dict[UUID, Standing]:
    """These leads as they are now, locked in order, and whether the import has been at them."""
    if not lead_ids:
        return {}
    ids = list(lead_ids)
    rows = await db.execute(STANDINGS, {"ids": ids, "import_id": import_id})
    found = {row[1]: standing_of(row[1:], is_taken=row[0]) for row in rows}
    for lead_id, kind, value in await db.execute(KEYS, {"ids": ids}):
        found[lead_id].keys.append(Key(kind, value))
    for lead_id, merged_id in await db.execute(MERGED, {"ids": ids}):
        found[lead_id].other_ids.append(merged_id)
    for standing in found.values():
        standing.learn(standing.keys)
    return found


LEAD_COLUMNS: Final = (
    *("lead_id", "company_id", "custom", "source", "stage", "created_at", "updated_at"),
    *PLAIN_FIELDS,
)


def new_leads(decisions: Sequence[Decision], source: str, now: datetime) -> Filling:
    """The new leads."""
    return Filling("leads", LEAD_COLUMNS, lead_rows(decisions, source, now.isoformat()))


def lead_rows(decisions: Sequence[Decision], source: str, at: str) -> Rows:
    """A row for each new lead."""
    for one in decisions:
        company = one.company_id and id_text(one.company_id)
        custom = as_json(one.custom) if one.custom else "{}"
        plain = map(one.fields.get, PLAIN_FIELDS)
        yield (id_text(one.lead_id), company, custom, source, "DISCOVERED", at, at, *plain)


def new_keys(decisions: Sequence[Decision], source: str, now: datetime) -> Filling:
    """The new keys."""
    columns = ("kind", "value", "lead_id", "source", "created_at")
    return Filling("identities", columns, key_rows(decisions, source, now))


def key_rows(decisions: Sequence[Decision], source: str, now: datetime) -> Rows:
    """A row for each key, sorted: two who add wait for each other. One that is taken fails the batch."""
    plain = now.isoformat()
    yield from sorted(
        (key.kind, key.value, id_text(one.lead_id), source, plain if at is now else at.isoformat())
        for one in decisions
        for key, at in given_at(one.keys, now)
    )


CHANGES: Final = text(f"""
create temporary table import_changes (
    lead_id uuid, company_id uuid, custom jsonb, {", ".join(f"{name} text" for name in PLAIN_FIELDS)}
) on commit drop
""")
CHANGE: Final = text(f"""
update leads l set updated_at = :now, company_id = coalesce(c.company_id, l.company_id),
    custom = l.custom || coalesce(c.custom, '{{}}'),
    {", ".join(f"{name} = coalesce(c.{name}, l.{name})" for name in PLAIN_FIELDS)}
from import_changes c where c.lead_id = l.lead_id
""")


async def change_leads(db: AsyncSession, decisions: Sequence[Decision], now: datetime) -> None:
    """The changes of the leads that were known."""
    rows = [
        (
            id_text(one.lead_id),
            one.company_id and id_text(one.company_id),
            as_json(one.custom) if one.custom else None,
            *(one.fields.get(name) for name in PLAIN_FIELDS),
        )
        for one in decisions
    ]
    if rows:
        await db.execute(CHANGES)
        await copy_in(db, "import_changes", ("lead_id", "company_id", "custom", *PLAIN_FIELDS), rows)
        await db.execute(CHANGE, {"now": now})


def events(decisions: Sequence[Decision], source: str, now: datetime) -> Filling:
    """An event for each lead that was made or changed. Nothing a person is known by is in it."""
    at = now.isoformat()
    rows = ((at, f"lead.{one.outcome}", id_text(one.lead_id), told_of(one, source)) for one in decisions)
    return Filling("events", ("at", "type", "lead_id", "data"), rows)


def told_of(one: Decision, source: str) -> str:
    """The data of a lead's event."""
    kinds = tuple(key.kind for key in one.keys)
    if one.outcome == "created":
        return told_of_new(kinds, source)
    fields = sorted((*one.fields, *(("custom",) if one.custom else ())))
    return as_json({"source": source, "fields": fields, "keys": sorted(kinds)})


@lru_cache(maxsize=64)
def told_of_new(kinds: tuple[str, ...], source: str) -> str:
    """The data of a new lead's event; there are few different ones."""
    return as_json({"source": source, "stage": "DISCOVERED", "keys": sorted(kinds)})


def receipts(import_id: UUID, decided: Iterable[tuple[Decision, str | None]]) -> Filling:
    """What became of each row, with the sentence that says more."""
    own = str(import_id)
    rows = (
        (
            *(own, one.row, one.outcome, one.codes[0] if one.codes else None, detail),
            one.lead_id and id_text(one.lead_id),
            as_json(one.before) if one.before else None,
            as_json(one.raw) if one.raw is not None else None,
        )
        for one, detail in decided
    )
    columns = ("import_id", "row", "outcome", "code", "detail", "lead_id", "before", "raw")
    return Filling("import_rows", columns, rows)


BY_DOMAIN: Final = text("select domain, company_id from companies where domain = any(:domains)")
BY_NAME: Final = text("""
select name_key, company_id, domain from companies where name_key = any(:names) order by company_id
""")
LEARN: Final = text("""
update companies c set domain = l.domain
from unnest(cast(:ids as uuid[]), cast(:domains as text[])) as l(company_id, domain)
where c.company_id = l.company_id
""")
LOCK_COMPANIES: Final = text("lock table companies in share row exclusive mode")
"""Names are no unique key: nobody else makes a company while a batch makes its own."""


async def companies_there(
    db: AsyncSession, names: Collection[str], domains: Collection[str]
) -> tuple[dict[str, UUID], dict[str, list[tuple[UUID, str | None]]]]:
    """The companies of these domains, and those of these names, oldest first."""
    of_domain = await db.execute(BY_DOMAIN, {"domains": list(domains)})
    by_domain = {row[0]: row[1] for row in of_domain}
    by_name: dict[str, list[tuple[UUID, str | None]]] = {}
    for name_key, company_id, domain in await db.execute(BY_NAME, {"names": list(names)}):
        by_name.setdefault(name_key, []).append((company_id, domain))
    return by_domain, by_name


async def create_companies(
    db: AsyncSession, made: Mapping[UUID, tuple[str, str, str | None]], now: datetime
) -> None:
    """New companies: id, name, name key, domain."""
    at = now.isoformat()
    columns = ("company_id", "name", "name_key", "domain", "created_at")
    await copy_in(db, "companies", columns, ((str(one), *rest, at) for one, rest in made.items()))


async def learn_domains(db: AsyncSession, learnt: Mapping[UUID, str]) -> None:
    """Companies known by their name alone get their domain."""
    if learnt:
        await db.execute(LEARN, {"ids": list(learnt), "domains": list(learnt.values())})


COUNTS: Final = text("""
select outcome, code, count(*) from import_rows where import_id = :import_id group by outcome, code
""")
LAST: Final = text("select coalesce(max(row), 0) from import_rows where import_id = :import_id")


async def counts_of(db: AsyncSession, import_id: UUID) -> dict[str, object]:
    """How many rows had each outcome; those skipped or invalid by code."""
    found: dict[str, Any] = {"created": 0, "updated": 0, "unchanged": 0, "skipped": {}, "invalid": {}}
    for outcome, code, count in await db.execute(COUNTS, {"import_id": import_id}):
        if outcome in ("skipped", "invalid"):
            found[outcome][code] = found[outcome].get(code, 0) + count
        else:
            found[outcome] += count
    return found


async def last_row(db: AsyncSession, import_id: UUID) -> int:
    """The last row that was decided."""
    return int(await db.scalar(LAST, {"import_id": import_id}) or 0)


OWN_PLANS: Final = text("set local plan_cache_mode = force_custom_plan")


async def plan_by_size(db: AsyncSession) -> None:
    """Plan each statement of this transaction for the batch it has: a plan for any number is one for few."""
    await db.execute(OWN_PLANS)


KEPT_PLANS: Final = text("set local plan_cache_mode = auto")


async def plan_once(db: AsyncSession) -> None:
    """Plan what is done for each row once for all of them: a foreign key is looked up by a statement too."""
    await db.execute(KEPT_PLANS)


OWNERS: Final = text("""
select value, lead_id from identities
where kind = :kind and value = any(array(select json_array_elements_text(cast(:values as json))))
""")
"""As JSON, because the driver takes long over an array of texts."""


async def owners_of(db: AsyncSession, keys: Iterable[Key]) -> dict[Key, UUID]:
    """Whose each key is; merged leads have none, theirs went to the one that was kept."""
    of_kind: dict[KeyKind, set[str]] = {}
    for kind, value in keys:
        of_kind.setdefault(kind, set()).add(value)
    return {
        Key(kind, value): lead_id
        for kind, values in of_kind.items()
        for value, lead_id in await db.execute(OWNERS, {"kind": kind, "values": as_json(list(values))})
    }
