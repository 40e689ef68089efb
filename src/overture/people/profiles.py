"""What a profile read brings a lead: the raw JSON, who they are, their lasting keys, how we stand to them."""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids, public_id
from overture.db import About, append_events
from overture.people import companies, relationship, stage, store
from overture.people.companies import Employer
from overture.people.keys import Key, keys_in
from overture.people.leads import changes, cleaned, contradict
from overture.people.merging import Merging, merge
from overture.people.new_lead import PLAIN_FIELDS, NewLead
from overture.people.relationship import OF_PROFILE, Seen
from overture.people.tables import Identity, Lead, Profile
from overture.runs import Run
from overture.touchpoints import profile as read

LINKEDINS: Final = frozenset({"headline"})
"""Fields that are LinkedIn's to say; all others are only filled where the lead has none."""


@dataclass(frozen=True)
class Reading:
    """A profile that was read: as it came, as it was understood, and the run that read it."""

    raw: bytes | str | Mapping[str, object]
    profile: read.Profile
    run: Run

    @property
    def source(self) -> str:
        """How what it says is known."""
        return f"run:{public_id('run', self.run.id)}"

    @property
    def at(self) -> datetime:
        """When it was seen: not before the read began."""
        seen = self.run.completed_at or self.run.started_at
        return seen or self.run.created_at


async def enriched(db: AsyncSession, ids: Ids, now: datetime, lead: Lead, reading: Reading) -> Lead:
    """Take a profile in; the lead it belongs to now, which is another if two proved to be one person.

    The profile of another member than the lead is (its slug went to somebody else) changes nothing but the
    log, and nothing at all is kept of a person who was erased.
    """
    lead = await standing(db, lead)
    if lead.erased_at is not None:
        return lead
    keys = keys_in(named(reading.profile))
    if contradict((await store.keys_of(db, [lead.id]))[lead.id], keys):
        data = {"run_id": public_id("run", reading.run.id)}
        await append_events(db, [(now, "lead.profile_mismatch", About(lead_id=lead.id), data)])
        return lead
    lead = await with_keys(db, ids, now, lead, keys, reading.source)
    await keep(db, lead.id, reading, now)
    await fill(db, ids, now, lead, reading)
    await stage.advance(db, lead, "ENRICHED", why="profile_read", by=reading.source, now=now)
    await see(db, lead, reading, now)
    return lead


@dataclass(frozen=True)
class Told:
    """Who a lead proved to be, without the rest of the profile: the id that stays, the name of the moment."""

    profile_id: str
    slug: str | None
    member_id: int | None
    run_id: UUID

    @property
    def keys(self) -> list[Key]:
        """The same as keys."""
        number = str(self.member_id) if self.member_id else None
        return keys_in(
            NewLead(linkedin_slug=self.slug, linkedin_profile_id=self.profile_id, linkedin_member_id=number)
        )


async def identified(db: AsyncSession, ids: Ids, now: datetime, lead_id: UUID, told: Told) -> Lead | None:
    """Give a lead the keys of the member it proved to be; those it had stay, as its history.

    None: it is somebody else (its name changed hands), or was erased; nothing is kept then.
    """
    lead = await standing(db, await store.by_id(db, lead_id))
    if lead.erased_at is not None:
        return None
    known, run_id = (await store.keys_of(db, [lead.id]))[lead.id], public_id("run", told.run_id)
    if contradict(known, told.keys):
        about = About(lead_id=lead.id)
        await append_events(db, [(now, "lead.profile_mismatch", about, {"run_id": run_id})])
        return None
    fresh = [key for key in told.keys if key not in known]
    if not fresh:
        return lead
    lead = await with_keys(db, ids, now, lead, told.keys, f"run:{run_id}")
    lead.updated_at = now
    await db.flush()
    data = {"source": f"run:{run_id}", "fields": [], "keys": sorted({key.kind for key in fresh})}
    await append_events(db, [(now, "lead.updated", About(lead_id=lead.id), data)])
    return lead


async def standing(db: AsyncSession, lead: Lead) -> Lead:
    """The lead that stands for the person, locked."""
    person = await store.person(db, lead.id)
    return await store.by_id(db, person.lead_id, lock=True)


def named(profile: read.Profile) -> NewLead:
    """Who the profile says they are."""
    job = profile.current_position
    employer = (job.company.name if job and job.company else None) or (job.company_name if job else None)
    return cleaned(
        NewLead(
            first_name=profile.first_name,
            last_name=profile.last_name,
            full_name=profile.full_name,
            headline=profile.headline,
            title=job.title if job else None,
            company_name=employer or (profile.company.name if profile.company else None),
            location=profile.location_name or (profile.geo.name if profile.geo else None),
            country=profile.country_code or (profile.geo.country_code if profile.geo else None),
            linkedin_slug=profile.public_identifier,
            linkedin_profile_id=profile.profile_id,
            linkedin_member_id=str(profile.member_id) if profile.member_id else None,
        )
    )


async def with_keys(
    db: AsyncSession, ids: Ids, now: datetime, lead: Lead, keys: list[Key], source: str
) -> Lead:
    """Give the lead the profile's keys; whoever has one of them already is the same person, or had the slug
    before they changed it.
    """
    owners = await store.owners(db, keys)
    of = await store.keys_of(db, set(owners.values()))
    for other_id in sorted(set(owners.values()) - {lead.id}):
        if contradict(of[other_id], keys):
            moved = [
                key.value for key, owner in owners.items() if owner == other_id and key.kind == "linkedin"
            ]
            was_theirs = update(Identity).where(Identity.kind == "linkedin", Identity.value.in_(moved))
            await db.execute(was_theirs.values(lead_id=lead.id, source=source))
            continue
        kept_id, merged_id = sorted((lead.id, other_id))
        await merge(db, ids, now, Merging(kept_id, merged_id, "same_profile", source))
        lead = await store.by_id(db, kept_id, lock=True)
    await store.add_keys(db, lead.id, keys, source, now)
    return lead


async def keep(db: AsyncSession, lead_id: UUID, reading: Reading, now: datetime) -> None:
    """Keep the raw JSON, compressed, in place of an older one."""
    raw = reading.raw
    if isinstance(raw, Mapping):
        raw = json.dumps(raw, ensure_ascii=False, default=str)
    packed = zlib.compress(raw.encode() if isinstance(raw, str) else raw)
    values = {"raw": packed, "read_at": now, "run_id": reading.run.id}
    made = insert(cast(Table, Profile.__table__)).values(lead_id=lead_id, **values)
    await db.execute(made.on_conflict_do_update(index_elements=["lead_id"], set_=values))


async def raw_of(db: AsyncSession, lead_id: UUID) -> bytes | None:
    """The newest profile of a lead, as it came."""
    found = await db.get(Profile, lead_id, populate_existing=True)
    return zlib.decompress(found.raw) if found is not None else None


async def fill(db: AsyncSession, ids: Ids, now: datetime, lead: Lead, reading: Reading) -> None:
    """Fill the lead's gaps from the profile."""
    new = named(reading.profile)
    changed = changes(lead, new, keeps=frozenset(PLAIN_FIELDS) - LINKEDINS)
    for name, value in changed.items():
        setattr(lead, name, value)
    if lead.company_id is None:
        lead.company_id = await companies.get_or_create(db, ids, now, Employer(lead.company_name))
    lead.updated_at = now
    await db.flush()
    data = {"run_id": public_id("run", reading.run.id), "fields": sorted(changed)}
    await append_events(db, [(now, "lead.enriched", About(lead_id=lead.id), data)])


async def see(db: AsyncSession, lead: Lead, reading: Reading, now: datetime) -> None:
    """Take down how the account stands to them, as far as the profile says."""
    seen = reading.profile.relationship
    state = "connected" if seen.degree == 1 else OF_PROFILE.get(seen.state)
    if state is None:
        return
    since = seen.connected_at if state == "connected" else None
    sight = Seen(state, reading.at, reading.source, since=since)
    await relationship.observe(db, reading.run.account_id, lead.id, sight, now)
