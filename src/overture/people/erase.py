"""Erasing a person: what is known of them goes, that they are not to be contacted stays, as hashes.

What happened and when is not rewritten: runs, events and ids stay, without anything that tells of whom.
"""

import re
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from sqlalchemy import Text, cast, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture import runs
from overture.core.ids import Ids
from overture.db import About, append_events, redact_events
from overture.people import stage, store, suppression
from overture.people.keys import Key, mailbox, with_implied
from overture.people.new_lead import PLAIN_FIELDS
from overture.people.suppression import Known, Wanted
from overture.people.tables import (
    Company,
    Identity,
    ImportRow,
    Lead,
    Merge,
    Profile,
    Relationship,
    Suppression,
)

Forget = Callable[[AsyncSession, "Erased", datetime], Awaitable[None]]
"""What another package does to forget the person; it is called before their rows are emptied."""

SOURCE: Final = "erase"


@dataclass(frozen=True)
class Erasure:
    """Who asks, where the artefacts of runs are kept, and which other packages must forget as well."""

    by: str
    artifacts_dir: Path
    also: Sequence[Forget] = ()


@dataclass(frozen=True)
class Erased:
    """Who is erased: all their leads, the keys they had, and how to find words of theirs in a text."""

    lead_ids: frozenset[UUID]
    keys: frozenset[Key]
    whom: runs.Whom

    @property
    def words(self) -> re.Pattern[str]:
        """Finds what gives them away."""
        return self.whom.pattern


async def erase(db: AsyncSession, ids: Ids, now: datetime, lead_id: UUID, asked: Erasure) -> Erased:
    """Erase the person behind a lead, all leads merged with it included.

    Refuses while a run toward them is under way. Doing it again is harmless, and finishes what came later.
    """
    person = await store.person(db, lead_id)
    leads = await store.locked(db, person.all_ids)
    erased = await described(db, leads)
    own = own_words(leads, erased.whom.words)
    await leave_tombstones(db, ids, now, erased, asked.by)
    for forget in asked.also:
        await forget(db, erased, now)
    run_ids = await runs.forget(db, erased.whom, asked.artifacts_dir, now)
    await empty_import_rows(db, erased)
    await empty(db, erased)
    employers = {lead.company_id for lead in leads if lead.company_id is not None}
    for lead in leads:
        await empty_lead(db, lead, asked.by, now)
    await forget_companies(db, employers)
    await redact_events(db, erased.lead_ids, run_ids, own)
    data = {"by": asked.by, "keys": len(erased.keys), "runs": len(run_ids)}
    about = [About(lead_id=lead.id) for lead in leads]
    await append_events(db, [(now, "lead.erased", one, data) for one in about])
    return erased


async def described(db: AsyncSession, leads: Sequence[Lead]) -> Erased:
    """The person, as far as they are known now."""
    lead_ids = frozenset(lead.id for lead in leads)
    of = await store.keys_of(db, lead_ids)
    keys = frozenset(with_implied(key for several in of.values() for key in several))
    names = {name for lead in leads for name in names_of(lead)}
    phones = {lead.phone for lead in leads if lead.phone}
    words = frozenset(names | phones | {key.value for key in keys} | mailboxes(keys))
    return Erased(lead_ids, keys, runs.Whom(store.targets_in(keys), words))


def own_words(leads: Sequence[Lead], others: frozenset[str]) -> re.Pattern[str]:
    """Finds every text of theirs, a first name too: for what is about nobody but them."""
    texts = {text for lead in leads for name in PLAIN_FIELDS if (text := getattr(lead, name))}
    texts |= {text for lead in leads for text in lead.custom.values() if isinstance(text, str) and text}
    return runs.Whom(frozenset(), others | texts).pattern


def names_of(lead: Lead) -> Iterable[str]:
    """The lead's names that are nobody else's word: a first name alone is everybody's."""
    first_last = " ".join(filter(None, (lead.first_name, lead.last_name)))
    return [name for name in (first_last, lead.full_name or "") if " " in name]


def mailboxes(keys: Iterable[Key]) -> set[str]:
    """The mailboxes behind the e-mail addresses."""
    return {mailbox(key.value) for key in keys if key.kind == "email"}


async def leave_tombstones(db: AsyncSession, ids: Ids, now: datetime, erased: Erased, by: str) -> None:
    """Suppress every key by its hash, and the leads by their ids; entries that show a key go."""
    keys = erased.keys | {Key("email", address) for address in mailboxes(erased.keys)}
    for key in sorted(keys):
        await suppression.add(db, ids, now, Wanted("tombstone", key.tombstone, "erased", SOURCE, by))
    for lead_id in sorted(erased.lead_ids):
        await suppression.add(db, ids, now, Wanted("person", str(lead_id), "erased", SOURCE, by))
    shown = [mark for mark in Known(keys=keys).marks() if mark[0] in ("email", "linkedin")]
    await db.execute(delete(Suppression).where(tuple_(Suppression.kind, Suppression.value).in_(shown)))
    own = [str(lead_id) for lead_id in erased.lead_ids]
    of_person = update(Suppression).where(Suppression.kind == "person", Suppression.value.in_(own))
    await db.execute(of_person.values(note=None))


async def empty_import_rows(db: AsyncSession, erased: Erased) -> None:
    """Empty the rows of imports that brought or mention them; that there was a row stays."""
    mentions = cast(ImportRow.raw, Text).op("~*")(erased.whom.sql_pattern)
    found = select(ImportRow).where(or_(ImportRow.lead_id.in_(erased.lead_ids), mentions))
    for row in (await db.scalars(found)).all():
        if row.lead_id in erased.lead_ids or erased.words.search("\n".join(map(str, row.raw or []))):
            row.raw, row.before, row.detail = None, None, None
    await db.flush()


async def empty(db: AsyncSession, erased: Erased) -> None:
    """Remove keys, profile and relationships, and what undoing a merge would need."""
    for table in (Identity, Profile, Relationship):
        await db.execute(delete(table).where(table.lead_id.in_(erased.lead_ids)))
    either = or_(Merge.kept_id.in_(erased.lead_ids), Merge.merged_id.in_(erased.lead_ids))
    await db.execute(update(Merge).where(either).values(before={}))


async def forget_companies(db: AsyncSession, company_ids: Collection[UUID]) -> None:
    """Remove companies that nobody else works at: one may be the person's own, and bear their name."""
    is_anybodys = select(Lead.id).where(Lead.company_id == Company.id).exists()
    await db.execute(delete(Company).where(Company.id.in_(company_ids), ~is_anybodys))


async def empty_lead(db: AsyncSession, lead: Lead, by: str, now: datetime) -> None:
    """Empty the lead's row; it stays, so that its id never lies."""
    for name in PLAIN_FIELDS:
        setattr(lead, name, None)
    lead.company_id, lead.custom = None, {}
    lead.erased_at = lead.erased_at or now
    lead.updated_at = now
    await db.flush()
    await stage.advance(db, lead, "IGNORED", why="erased", by=by, now=now)


async def is_erased(db: AsyncSession, keys: Sequence[Key], now: datetime) -> bool:
    """Whether one of these keys was an erased person's."""
    found = await suppression.of(db, {"asked": Known(keys=frozenset(keys))}, now)
    return any(one.reason == "erased" for one in found.values())
