"""Everything that is stored about one person, as JSON: what they may ask to see."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase

from overture import runs
from overture.core.ids import public_id
from overture.people import profiles, store, suppression
from overture.people.tables import Company, Identity, ImportRow, Lead, Suppression

Tell = Callable[[AsyncSession, frozenset[UUID]], Awaitable[object]]
"""What another package has about these leads, as JSON."""
EVERYTHING = 1_000_000


async def dossier(
    db: AsyncSession, lead_id: UUID, now: datetime, also: Mapping[str, Tell] | None = None
) -> dict[str, object]:
    """What is known of the person behind a lead, all leads merged with it included; `also` by its names."""
    person = await store.person(db, lead_id)
    leads = (await db.scalars(select(Lead).where(Lead.id.in_(person.all_ids)).order_by(Lead.id))).all()
    keys = await rows_of(db, select(Identity).where(Identity.lead_id.in_(person.all_ids)))
    imported = await rows_of(db, select(ImportRow).where(ImportRow.lead_id.in_(person.all_ids)))
    found: dict[str, object] = {
        "lead_id": public_id("lead", person.lead_id),
        "made_at": now.isoformat(),
        "leads": [{**as_json(lead), "company": await company_of(db, lead)} for lead in leads],
        "keys": keys,
        "relationships": [as_json(one) for one in await store.relationships_of(db, person.all_ids)],
        "merges": [as_json(one) for one in await store.merges_of(db, person.all_ids)],
        "profiles": await profiles_of(db, leads),
        "suppressions": await suppressions_of(db, person.all_ids, now),
        "import_rows": imported,
        "runs": await runs_of(db, person.all_ids),
        "events": [as_json(one) for one in await store.timeline(db, lead_id, None, EVERYTHING)],
    }
    for name, tell in (also or {}).items():
        found[name] = await tell(db, person.all_ids)
    return found


def as_json(row: DeclarativeBase) -> dict[str, object]:
    """A row as JSON, every column by its name."""
    columns = {column.key: getattr(row, column.key) for column in row.__mapper__.column_attrs}
    plain: dict[str, object] = json.loads(json.dumps(columns, default=in_words))
    return plain


def in_words(value: object) -> str:
    """A time, id or other value JSON does not know."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def rows_of(db: AsyncSession, query: Select[Identity] | Select[ImportRow]) -> list[dict[str, object]]:
    """The rows a query finds, as JSON."""
    return [as_json(row) for row in await db.scalars(query)]


async def company_of(db: AsyncSession, lead: Lead) -> dict[str, object] | None:
    """The lead's employer."""
    found = await db.get(Company, lead.company_id) if lead.company_id is not None else None
    return as_json(found) if found is not None else None


async def profiles_of(db: AsyncSession, leads: Sequence[Lead]) -> dict[str, object]:
    """The profiles that were read, by lead, as they came."""
    raw = {public_id("lead", lead.id): await profiles.raw_of(db, lead.id) for lead in leads}
    return {lead_id: json.loads(text) for lead_id, text in raw.items() if text is not None}


async def suppressions_of(
    db: AsyncSession, lead_ids: frozenset[UUID], now: datetime
) -> list[dict[str, object]]:
    """Every suppression that holds for them, whatever it names."""
    known = await suppression.known_of(db, lead_ids)
    marks = {mark for one in known.values() for mark in one.marks()}
    found: Sequence[Suppression] = list((await suppression.live(db, marks, now)).values())
    return [as_json(one) for one in sorted(found, key=lambda one: one.id)]


async def runs_of(db: AsyncSession, lead_ids: frozenset[UUID]) -> list[dict[str, object]]:
    """The runs toward them with their attempts."""
    keys = await store.keys_of(db, lead_ids)
    targets = store.targets_in(key for several in keys.values() for key in several)
    told: list[dict[str, object]] = []
    for run_id in await runs.toward(db, targets):
        tries = await runs.attempts_of(db, run_id)
        run = as_json(await runs.by_id(db, run_id))
        told.append({**run, "attempts": [as_json(one) for one in tries]})
    return told
