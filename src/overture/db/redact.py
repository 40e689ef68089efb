"""Taking a person out of the event log: what happened stays, who it was does not."""

import re
from collections.abc import Collection, Mapping
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db.events import Event

CODE: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,80}")
"""What codes, ids, states and times look like; anything else may be somebody's words."""


OURS: Final = frozenset({"from", "to", "stage", "state", "status", "effect", "kind"})
"""Keys whose values are our own words, whatever the person is called: states are folded from them."""
THEIRS: Final = frozenset({"tags", "target"})
"""Keys whose values were given by a client, in any form."""


def without_words(value: object, words: re.Pattern[str]) -> object:
    """The value without free text and without these words; its numbers, codes and shape stay."""
    match value:
        case str():
            return value if CODE.fullmatch(value) and not words.search(value) else None
        case Mapping():
            return {key: redacted(key, inside, words) for key, inside in value.items()}
        case list():
            return [without_words(inside, words) for inside in value]
        case _:
            return value


def redacted(key: str, value: object, words: re.Pattern[str]) -> object:
    """The value that stands under a key of an event's data."""
    if key in OURS and isinstance(value, str) and CODE.fullmatch(value):
        return value
    return None if key in THEIRS else without_words(value, words)


async def redact_events(
    db: AsyncSession, lead_ids: Collection[UUID], run_ids: Collection[UUID], words: re.Pattern[str]
) -> int:
    """Redact every event about these leads and runs; how many were changed.

    The one exception to "append-only", for a person's right to be erased.
    """
    about = or_(Event.lead_id.in_(lead_ids), Event.run_id.in_(run_ids))
    changed = 0
    for event_id, data in (await db.execute(select(Event.id, Event.data).where(about))).all():
        remaining = without_words(data, words)
        if remaining != data:
            await db.execute(update(Event).where(Event.id == event_id).values(data=remaining))
            changed += 1
    return changed
