"""Whose lead somebody is, by keys that were told: the id first, then the name in an address."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.people import Key, Met
from overture.people.keys import KeyKind

PROFILE_ID: Final = "linkedin_profile_id"
SLUG: Final = "linkedin"

Keys = tuple[Key, ...]


def as_texts(keys: Collection[Key]) -> list[str]:
    """Keys as they are kept beside a conversation."""
    return sorted(f"{key.kind}:{key.value}" for key in keys)


def as_keys(texts: Collection[str]) -> Keys:
    """The same back."""
    parts = (one.partition(":") for one in texts)
    return tuple(Key(cast(KeyKind, kind), value) for kind, _, value in parts)


async def whose(db: AsyncSession, asked: Collection[Keys]) -> dict[Keys, UUID]:
    """The lead behind each set of keys, if there is one.

    An id is somebody's for ever. A name may have changed hands: whoever has another id is not meant.
    """
    wanted = {keys for keys in asked if keys}
    owners = await people.owners(db, list({key for keys in wanted for key in keys}))
    if not owners:
        return {}
    known = await people.keys_of(db, set(owners.values()))
    found = {keys: owner_of(keys, owners, known) for keys in wanted}
    return {keys: lead_id for keys, lead_id in found.items() if lead_id is not None}


def owner_of(keys: Keys, owners: Mapping[Key, UUID], known: Mapping[UUID, Sequence[Key]]) -> UUID | None:
    """The lead of the surest key that has one."""
    for key in keys:
        lead_id = owners.get(key)
        if lead_id is not None and (key.kind != SLUG or not is_another(keys, known[lead_id])):
            return lead_id
    return None


def is_another(keys: Keys, known: Sequence[Key]) -> bool:
    """Whether the ids say that the lead is another member than these keys'."""
    told = {key.value for key in keys if key.kind == PROFILE_ID}
    had = {key.value for key in known if key.kind == PROFILE_ID}
    return bool(told and had) and told.isdisjoint(had)


def met(found: Mapping[Keys, UUID], source: str) -> list[Met]:
    """Ids that were told beside a name we knew: from now on the lead is known by them."""
    made: list[Met] = []
    for keys, lead_id in sorted(found.items(), key=lambda one: (one[1], one[0])):
        ids = [key.value for key in keys if key.kind == PROFILE_ID]
        slugs = [key.value for key in keys if key.kind == SLUG]
        made += [Met(lead_id, slug, ids[0], source) for slug in slugs[:1] if ids]
    return made
