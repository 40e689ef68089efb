"""Stable ids that runs met: a slug may change hands, and an inbox knows people by their id."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids
from overture.db import About, Entry, append_events, as_json, fetch
from overture.people import store, suppression
from overture.people.keys import Key
from overture.people.leads import Mode, contradict, take_in
from overture.people.new_lead import NewLead
from overture.people.tables import Lead


@dataclass(frozen=True)
class Met:
    """A lead whose name led to a member of this id."""

    lead_id: UUID
    slug: str
    """The name in the profile's address, or the member's id in Sales Navigator."""
    profile_id: str
    source: str

    @property
    def new(self) -> Key:
        """The key that is learnt."""
        return Key("linkedin_profile_id", self.profile_id)

    @property
    def names(self) -> frozenset[Key]:
        """The keys one of which the lead must have, to be the one who was met."""
        return frozenset({Key("linkedin", self.slug), Key("sales_navigator", self.slug)})


async def learn(db: AsyncSession, ids: Ids, now: datetime, met: Sequence[Met]) -> None:
    """Keep what is new of it.

    An id nobody has is simply given, many at a time; whatever is less simple (two leads prove to be one
    person, somebody suppressed, an id that contradicts) is taken in like a person of any other source.
    """
    keys = await store.keys_of(db, {one.lead_id for one in met}) if met else {}
    news = {
        one.lead_id: one
        for one in met
        if one.new not in keys[one.lead_id] and not one.names.isdisjoint(keys[one.lead_id])
    }
    if not news:
        return
    leads = [one for one in await store.locked_rows(db, news) if is_simple(one, news[one.id], keys[one.id])]
    given = await give(db, await unsuppressed(db, leads, news, now), news, now)
    for one in sorted(news.values(), key=lambda one: one.lead_id):
        if one.lead_id not in given:
            new = NewLead(linkedin_slug=one.slug, linkedin_profile_id=one.profile_id)
            await take_in(db, ids, now, new, one.source, Mode("update_only"))


def is_simple(lead: Lead, met: Met, keys: Sequence[Key]) -> bool:
    """Whether nothing speaks against giving the key."""
    return lead.merged_into is None and lead.erased_at is None and not contradict([met.new], keys)


async def unsuppressed(
    db: AsyncSession, leads: Sequence[Lead], news: dict[UUID, Met], now: datetime
) -> list[Lead]:
    """Those who are not suppressed, neither as they are known nor under the new key."""
    known = await suppression.known_of(db, [one.id for one in leads])
    asked: dict[tuple[UUID, bool], suppression.Known] = {(key, False): one for key, one in known.items()}
    asked |= {(one.id, True): suppression.Known(keys=frozenset([news[one.id].new])) for one in leads}
    found = {lead_id for lead_id, _ in await suppression.of(db, asked, now)}
    return [one for one in leads if one.id not in found]


GIVE: Final = """
insert into identities (kind, value, lead_id, source, created_at)
select 'linkedin_profile_id', value, lead_id, source, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as given(value text, lead_id uuid, source text) order by value
on conflict do nothing returning lead_id
"""
GIVE_TO: Final = text(f"""
with given_to as ({GIVE}), changed as (
    update leads set updated_at = :now where lead_id in (select lead_id from given_to)
) select lead_id from given_to
""")


async def give(db: AsyncSession, leads: Sequence[Lead], news: dict[UUID, Met], now: datetime) -> set[UUID]:
    """Give the keys; who got theirs. What was somebody else's already stays so."""
    if not leads:
        return set()
    rows = [
        {"value": news[one.id].profile_id, "lead_id": one.id, "source": news[one.id].source} for one in leads
    ]
    given: set[UUID] = {row[0] for row in await fetch(db, GIVE_TO, {"rows": as_json(rows), "now": now})}
    entries: list[Entry] = []
    for lead in leads:
        if lead.id in given:
            data = {"source": news[lead.id].source, "fields": [], "keys": ["linkedin_profile_id"]}
            entries.append((now, "lead.updated", About(lead_id=lead.id), data))
    await append_events(db, entries)
    return given


@dataclass(frozen=True)
class Named:
    """What somebody is called now in the address of their profile."""

    lead_id: UUID
    slug: str
    source: str


NAME: Final = text("""
insert into identities (kind, value, lead_id, source, created_at)
select 'linkedin', value, lead_id, source, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as given(value text, lead_id uuid, source text) order by value
on conflict do nothing returning lead_id
""")


async def learn_names(db: AsyncSession, now: datetime, named: Sequence[Named]) -> int:
    """Keep names nobody had; those of before stay with the lead, as its history. How many were new.

    A name that is somebody else's stays theirs: who changed it, a profile read tells.
    """
    if not named:
        return 0
    rows = [{"value": one.slug, "lead_id": str(one.lead_id), "source": one.source} for one in named]
    given = set((await db.scalars(NAME, {"rows": as_json(rows), "now": now})).all())
    entries: list[Entry] = []
    sources = {one.lead_id: one.source for one in named}
    for lead in await store.locked(db, given):
        lead.updated_at = now
        data = {"source": sources[lead.id], "fields": [], "keys": ["linkedin"]}
        entries.append((now, "lead.updated", About(lead_id=lead.id), data))
    await db.flush()
    await append_events(db, entries)
    return len(given)
