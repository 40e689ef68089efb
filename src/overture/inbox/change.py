"""What a person does to a conversation: reads it, labels it, puts it off."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.inbox import store
from overture.inbox.keeping import refresh
from overture.inbox.tables import Conversation, InboxMessage

INSTANT: Final = timedelta(microseconds=1)


@dataclass(frozen=True)
class Change:
    """What is to change; what is None stays. `snooze` is one of None (stays), a time, or `wake`."""

    is_read: bool | None = None
    labels: tuple[str, ...] | None = None
    add_labels: tuple[str, ...] = ()
    remove_labels: tuple[str, ...] = ()
    snooze_until: datetime | None = None
    wakes: bool = False


async def change(db: AsyncSession, conversation_id: UUID, wanted: Change) -> Conversation:
    """Change a conversation; it as it is then."""
    found = await store.by_id(db, conversation_id, lock=True)
    if wanted.is_read is not None:
        await set_read(db, found, is_read=wanted.is_read)
    kept = set(wanted.labels if wanted.labels is not None else found.labels)
    found.labels = sorted((kept | set(wanted.add_labels)) - set(wanted.remove_labels))
    if wanted.snooze_until is not None or wanted.wakes:
        found.snoozed_until = wanted.snooze_until
    await db.flush()
    await refresh(db, [conversation_id])
    return await store.by_id(db, conversation_id, lock=True)


async def set_read(db: AsyncSession, found: Conversation, *, is_read: bool) -> None:
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
        found.read_until = max(found.read_until or theirs, theirs)
    else:
        found.read_until = theirs - INSTANT
