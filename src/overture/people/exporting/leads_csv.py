"""Leads as a CSV file: the same columns in the same order every time, then the operator's own fields."""

import csv
import io
import json
from collections.abc import AsyncIterator, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import public_id
from overture.people import store
from overture.people.exporting.guard import guarded
from overture.people.keys import Key
from overture.people.store import LeadFilter
from overture.people.tables import Lead

PAGE: Final = 2_000
COLUMNS: Final = (
    "lead_id",
    "stage",
    "first_name",
    "last_name",
    "full_name",
    "headline",
    "title",
    "company",
    "email",
    "other_email",
    "linkedin_url",
    "linkedin_id",
    "sales_navigator_url",
    "external_id",
    "website",
    "phone",
    "location",
    "country",
    "zone",
    "source",
    "created_at",
    "updated_at",
)
"""Columns every export has, in this order; behind them one for each custom field, by name."""


async def leads_csv(db: AsyncSession, wanted: LeadFilter) -> AsyncIterator[str]:
    """The file, a part at a time: leads newest first."""
    custom = await custom_names(db, store.matching(wanted))
    yield as_csv([[*COLUMNS, *(guarded(f"custom.{name}") for name in custom)]])
    before: UUID | None = None
    while page := await store.page(db, wanted, before, PAGE):
        before = page[-1].id
        keys = await store.keys_of(db, [lead.id for lead in page])
        yield as_csv([line(lead, keys[lead.id], custom) for lead in page])
        for one in page:
            db.expunge(one)  # a file may be larger than memory


async def custom_names(db: AsyncSession, query: Select[Lead]) -> list[str]:
    """The names of all custom fields these leads have, sorted."""
    leads = query.with_only_columns(Lead.custom).subquery()
    names = select(func.jsonb_object_keys(leads.c.custom)).distinct()
    return sorted((await db.scalars(names)).all())


def line(lead: Lead, keys: Sequence[Key], custom: Sequence[str]) -> list[str]:
    """One lead, column by column."""
    by_kind: dict[str, list[str]] = {}
    for key in keys:
        by_kind.setdefault(key.kind, []).append(key.value)
    emails = by_kind.get("email", [])
    profiles = by_kind.get("linkedin", []) or by_kind.get("linkedin_profile_id", [])
    ids = by_kind.get("linkedin_profile_id", []) or by_kind.get("linkedin_member_id", [])
    navigator = [f"https://www.linkedin.com/sales/lead/{one}" for one in by_kind.get("sales_navigator", [])]
    cells: list[object] = [
        *(public_id("lead", lead.id), lead.stage, lead.first_name, lead.last_name, lead.full_name),
        *(lead.headline, lead.title, lead.company_name, first(emails), ", ".join(emails[1:])),
        *(first([profile_url(one) for one in profiles]), first(ids), first(navigator)),
        *(first(by_kind.get("external", [])), lead.website, lead.phone, lead.location, lead.country),
        *(lead.zone, lead.source, lead.created_at.isoformat(), lead.updated_at.isoformat()),
        *(lead.custom.get(name) for name in custom),
    ]
    return [guarded(shown(cell)) for cell in cells]


def first(values: Sequence[str]) -> str | None:
    """The first, if there is one."""
    return values[0] if values else None


def profile_url(slug: str) -> str:
    """The address of a profile."""
    return f"https://www.linkedin.com/in/{slug}"


def shown(value: object) -> str:
    """A value as a cell: lists and objects as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def as_csv(lines: Sequence[Sequence[str]]) -> str:
    """Lines of a CSV file, with the line ends of RFC 4180."""
    text = io.StringIO()
    csv.writer(text).writerows(lines)
    return text.getvalue()
