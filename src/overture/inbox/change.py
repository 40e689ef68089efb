"""What a person does to a conversation: reads it, labels it, puts it off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import public_id
from overture.db import About, append_events
from overture.inbox import store
from overture.inbox.keeping import refresh
from overture.inbox.tables import Conversation, InboxMessage

CHANGED: Final = "inbox.changed"
INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Change:
    """What is to change; what is None stays. `snooze` is one of None (stays), a time, or `wake`."""

    is_read: bool | None = None
    read_until: datetime | None = None
    """Of `is_read`: no further than to here, where a reader has not seen what came since."""
    labels: tuple[str, ...] | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    snooze_until: datetime | None = None
    wakes: bool = False
    by: str = "api"


async def change(db: AsyncSession, now: datetime, conversation_id: UUID, wanted: Change) -> Conversation:
    """Change a conversation; it as it is then. What others see of it stands in the log."""
    found = await store.by_id(db, conversation_id, lock=True)
    before = shown(found)
    if wanted.is_read is not None:
        await set_read(db, found, wanted, is_read=wanted.is_read)
    kept = set(wanted.labels if wanted.labels is not None else found.labels)
    found.labels = sorted((kept | set(wanted.add_labels)) - set(wanted.remove_labels))
    if wanted.snooze_until is not None or wanted.wakes:
        found.snoozed_until = wanted.snooze_until
    await db.flush()
    changed = {name: value for name, value in shown(found).items() if value != before[name]}
    changed |= {"read": False} if wanted.is_read is False else {}
    if changed:
        data = {"conversation_id": public_id("cnv", found.id), "by": wanted.by, "changed": changed}
        about = About(account_id=found.account_id, lead_id=found.lead_id)
        await append_events(db, [(now, CHANGED, about, data)])
    await refresh(db, [conversation_id])
    return await store.by_id(db, conversation_id, lock=True)


def shown(found: Conversation) -> dict[str, object]:
    """What a person may have changed of it."""
    until = found.snoozed_until
    return {"labels": list(found.labels), "snoozed_until": until.isoformat() if until else None}


async def set_read(db: AsyncSession, found: Conversation, wanted: Change, *, is_read: bool) -> None:
    """Read to its end; or unread from their last message on."""
    theirs = await db.scalar(
        select(func.max(InboxMessage.at)).where(
            InboxMessage.conversation_id == found.id,
            InboxMessage.direction == "theirs",
            InboxMessage.deleted_at.is_(None),
        )
    )
    if theirs is None:
        return
    if is_read:
        upto = min(theirs, wanted.read_until or theirs)
        found.read_until = max(found.read_until or upto, upto)
    else:
        found.read_until = theirs - INSTANT
