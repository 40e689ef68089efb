"""Taking a person in: found by any key and brought up to date, or else a new lead."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict
from overture.core.ids import Ids, public_id
from overture.core.zones import is_zone
from overture.db import About, append_events
from overture.people import companies, names, store, suppression
from overture.people.companies import Employer
from overture.people.keys import STABLE_KINDS, Key, keys_in
from overture.people.merging import Merging, merge
from overture.people.new_lead import PLAIN_FIELDS, NewLead
from overture.people.tables import Lead, Suppression

MOST_TRIES: Final = 5
"""How often a person is looked for again whom somebody else takes in at this moment."""
LONGEST: Final = 2000  # characters of one field; longer texts are cut
Does = Literal["add_and_update", "add_only", "update_only"]
Outcome = Literal["created", "updated", "unchanged", "skipped", "invalid"]


@dataclass(frozen=True)
class Mode:
    """What taking in may do: make leads, change leads; and which filled fields it must not overwrite."""

    does: Does = "add_and_update"
    keeps: frozenset[str] = frozenset()
    """Names of fields, `custom.<name>` for the operator's own. Empty ones are filled all the same."""


@dataclass(frozen=True)
class Taken:
    """What became of a person taken in.

    `code` says more: `suppressed`, `erased` (refused, nothing stored), `exists`, `not_found` (the mode left
    it alone), `no_key` (nothing to recognise them by), `key_taken` (a key they name is another person's).
    """

    lead: Lead | None
    outcome: Outcome
    code: str | None = None
    before: Mapping[str, object] = field(default_factory=dict)
    """What undoing needs: `fields` as they were, `keys` that were added, `merges` that were made."""


class KeyGone(Exception):
    """A key changed hands between the look and the write."""


async def take_in(
    db: AsyncSession, ids: Ids, now: datetime, new: NewLead, source: str, mode: Mode = Mode()
) -> Taken:
    """Find the person by any key, bring them up to date or make a lead of them.

    Two leads that the keys show to be one person are merged, unless LinkedIn's own ids tell them apart.
    Nobody suppressed is taken in or changed; a lead that proves to be somebody suppressed is so too.
    """
    new = cleaned(new)
    keys = keys_in(new)
    if not keys:
        return Taken(None, "invalid", "no_key")
    for tried in range(MOST_TRIES):
        try:
            async with db.begin_nested():
                return await take_in_once(db, ids, now, Taking(new, keys, source, mode))
        except KeyGone:
            if tried == MOST_TRIES - 1:
                raise lead_busy() from None
    raise AssertionError("the loop returns or raises")


def lead_busy() -> Conflict:
    """The refusal of somebody whose lead others were at, again and again."""
    return Conflict(
        "lead_busy",
        "Others change the leads of this person at the same moment, again and again.",
        fix="Send it again in a moment.",
    )


@dataclass(frozen=True)
class Taking:
    """One person on their way in."""

    new: NewLead
    keys: Sequence[Key]
    source: str
    mode: Mode

    @property
    def employer(self) -> Employer:
        """Where they work."""
        return Employer(self.new.company_name, self.new.company_domain or self.new.website)


async def take_in_once(db: AsyncSession, ids: Ids, now: datetime, taking: Taking) -> Taken:
    """Look, and do what follows; raises KeyGone when another was quicker."""
    found = await matches(db, taking.keys)
    holding = await refusal(db, taking, found, now)
    if holding is not None:
        await suppression.carry(db, ids, now, holding, [lead.id for lead in found.leads])
        code = "erased" if holding.reason == "erased" else "suppressed"
        return Taken(found.leads[0] if found.leads else None, "skipped", code)
    if not found.leads:
        if taking.mode.does == "update_only":
            return Taken(None, "skipped", "not_found")
        return await create(db, ids, now, taking, found)
    if taking.mode.does == "add_only":
        return Taken(found.leads[0], "skipped", "exists")
    lead, merges = found.leads[0], []
    for other in found.leads[1:]:
        done = await merge(db, ids, now, Merging(lead.id, other.id, "same_keys", taking.source))
        merges.append(public_id("mrg", done.id))
    return await update(db, ids, now, taking, Update(lead, found, merges))


@dataclass(frozen=True)
class Matches:
    """Whom the keys name: leads that are the person, oldest first, and keys that are somebody else's."""

    leads: Sequence[Lead]
    foreign: frozenset[Key]


async def matches(db: AsyncSession, keys: Sequence[Key]) -> Matches:
    """Whom the keys name, locked."""
    owners = await store.owners(db, keys)
    leads = await store.locked(db, set(owners.values()))
    if any(lead.merged_into is not None or lead.erased_at is not None for lead in leads):
        raise KeyGone  # while we waited for the lock
    of = await store.keys_of(db, [lead.id for lead in leads])
    known = list(keys)
    mine: list[Lead] = []
    for lead in sorted(leads, key=lambda one: (surest(keys, owners, one.id), one.id)):
        if not contradict(known, of[lead.id]):
            mine.append(lead)
            known += of[lead.id]
    mine_ids = {lead.id for lead in mine}
    foreign = frozenset(key for key, owner in owners.items() if owner not in mine_ids)
    return Matches(sorted(mine, key=lambda lead: lead.id), foreign)


def surest(keys: Sequence[Key], owners: Mapping[Key, UUID], lead_id: UUID) -> int:
    """The place of the surest key that names a lead."""
    return min(place for place, key in enumerate(keys) if owners.get(key) == lead_id)


def contradict(some: Sequence[Key], others: Sequence[Key]) -> bool:
    """Whether LinkedIn's own ids show two sets of keys to be two people, whatever mailbox they share."""
    for kind in STABLE_KINDS:
        ours = {key.value for key in some if key.kind == kind}
        theirs = {key.value for key in others if key.kind == kind}
        if ours and theirs and ours.isdisjoint(theirs):
            return True
    return False


async def refusal(db: AsyncSession, taking: Taking, found: Matches, now: datetime) -> Suppression | None:
    """The suppression that forbids taking the person in: of what names them, or of a lead of theirs."""
    employer = taking.employer
    works = suppression.employed((employer.name,), (employer.domain,))
    asked = await suppression.known_of(db, [lead.id for lead in found.leads])
    named = replace(works, keys=frozenset(taking.keys) - found.foreign)
    holding = list((await suppression.of(db, dict(enumerate([named, *asked.values()])), now)).values())
    return min(holding, key=suppression.strength, default=None)


async def create(db: AsyncSession, ids: Ids, now: datetime, taking: Taking, found: Matches) -> Taken:
    """A new lead, with every key that is nobody's."""
    new = taking.new
    lead = Lead(
        id=ids.new(),
        **{name: getattr(new, name) for name in PLAIN_FIELDS},
        company_id=await companies.get_or_create(db, ids, now, taking.employer),
        custom=dict(new.custom),
        source=taking.source,
        stage="DISCOVERED",
        created_at=now,
        updated_at=now,
    )
    free = [key for key in taking.keys if key not in found.foreign]
    if not free:
        return Taken(None, "invalid", "key_taken")
    db.add(lead)
    await db.flush()
    await give(db, lead, free, taking.source, now)
    data = {"source": taking.source, "stage": lead.stage, "keys": sorted(key.kind for key in free)}
    await append_events(db, [(now, "lead.created", About(lead_id=lead.id), data)])
    return Taken(lead, "created", "key_taken" if found.foreign else None)


async def give(db: AsyncSession, lead: Lead, keys: Sequence[Key], source: str, now: datetime) -> None:
    """Give the lead keys that were nobody's a moment ago."""
    given = await store.add_keys(db, lead.id, keys, source, now)
    if len(given) < len(set(keys)):
        raise KeyGone


@dataclass(frozen=True)
class Update:
    """A lead that is brought up to date, and what is known of it."""

    lead: Lead
    found: Matches
    merges: Sequence[str]


async def update(db: AsyncSession, ids: Ids, now: datetime, taking: Taking, doing: Update) -> Taken:
    """Change what is different and may be, and add the keys that are new."""
    lead = doing.lead
    changed = changes(lead, taking.new, taking.mode.keeps)
    has = set((await store.keys_of(db, [lead.id]))[lead.id])
    fresh = [key for key in taking.keys if key not in has and key not in doing.found.foreign]
    code = "key_taken" if doing.found.foreign else None
    if not changed and not fresh and not doing.merges:
        return Taken(lead, "unchanged", code)
    before = {name: getattr(lead, name) for name in changed}
    for name, value in changed.items():
        setattr(lead, name, value)
    if "company_name" in changed or lead.company_id is None:
        lead.company_id = await companies.get_or_create(db, ids, now, taking.employer) or lead.company_id
    lead.updated_at = now
    await db.flush()
    await give(db, lead, fresh, taking.source, now)
    kinds = sorted(key.kind for key in fresh)
    data = {"source": taking.source, "fields": sorted(changed), "keys": kinds}
    await append_events(db, [(now, "lead.updated", About(lead_id=lead.id), data)])
    added = [[key.kind, key.value] for key in fresh]
    return Taken(lead, "updated", code, {"fields": before, "keys": added, "merges": list(doing.merges)})


def changes(lead: Lead, new: NewLead, keeps: frozenset[str]) -> dict[str, object]:
    """The fields that would be different, with their new values; "not said" empties nothing."""
    changed: dict[str, object] = {}
    for name in PLAIN_FIELDS:
        value, has = getattr(new, name), getattr(lead, name)
        if value is not None and value != has and (has is None or name not in keeps):
            changed[name] = value
    if new.full_name is None and (lead.full_name is None or "full_name" not in keeps):
        changed |= name_that_follows(lead, changed)
    custom = dict(lead.custom)
    for name, value in new.custom.items():
        if value is not None and (custom.get(name) is None or f"custom.{name}" not in keeps):
            custom[name] = value
    if custom != lead.custom:
        changed["custom"] = custom
    return changed


def name_that_follows(lead: Lead, changed: Mapping[str, object]) -> dict[str, object]:
    """The whole name, where its parts are changed."""
    if changed.keys().isdisjoint(names.PARTS):
        return {}
    had = {name: getattr(lead, name) for name in (*names.PARTS, "full_name")}
    told = names.following(had, cast(Mapping[str, str | None], changed))
    return {name: whole or None for name, whole in told.items()}


def cleaned(new: NewLead) -> NewLead:
    """The person without white space around, control characters, empty texts and zones there are not."""
    plain: dict[str, object] = {}
    for one in fields(new):
        value = getattr(new, one.name)
        if isinstance(value, str):
            plain[one.name] = clean(value)
    if new.zone is not None and not is_zone(new.zone.strip()):
        plain["zone"] = None
    custom = {name: clean(value) if isinstance(value, str) else value for name, value in new.custom.items()}
    return replace(new, **plain, custom=custom)  # type: ignore[arg-type]  # texts for texts


def clean(text: str) -> str | None:
    """The text on one line as it is shown; None when there is none."""
    visible = "".join(" " if unicodedata.category(char) in ("Cc", "Zl", "Zp") else char for char in text)
    return " ".join(visible.split())[:LONGEST] or None
