"""Pages of conversations and of their messages."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import fetch
from overture.inbox.tables import Conversation, InboxMessage


async def by_id(db: AsyncSession, conversation_id: UUID, *, lock: bool = False) -> Conversation:
    """The conversation, or a refusal."""
    found = await db.get(Conversation, conversation_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(
            "conversation_not_found",
            f"There is no conversation {public_id('cnv', conversation_id)}.",
            fix="List them with GET /api/v1/conversations.",
        )
    return found


@dataclass(frozen=True)
class ConversationFilter:
    """Which conversations a list shows; None is no condition."""

    account_id: UUID | None = None
    channel: str | None = None
    lead_id: UUID | None = None
    unread: bool | None = None
    label: str | None = None
    snoozed: bool | None = None
    needs_reply: bool | None = None
    """Whether the last word is theirs."""
    back: bool | None = None
    """Whether a snooze is over and nobody has taken it up since."""
    kind: str | None = None
    """What their newest message means."""
    search: str | None = None
    """Part of a name, or of what was said."""


@dataclass(frozen=True)
class Place:
    """Where a list by time goes on."""

    at: datetime
    id: UUID


CONVERSATIONS: Final = text("""
select c.* from conversations c
where (cast(:account_id as uuid) is null or c.account_id = :account_id)
  and (cast(:channel as text) is null or c.channel = :channel)
  and (cast(:lead_id as uuid) is null or c.lead_id = :lead_id)
  and (cast(:unread as boolean) is null or (c.unread_count > 0) = :unread)
  and (cast(:label as text) is null or c.labels @> array[cast(:label as text)])
  and (cast(:snoozed as boolean) is null or coalesce(c.snoozed_until > :now, false) = :snoozed)
  and (cast(:needs_reply as boolean) is null or (c.last_direction = 'theirs') = :needs_reply)
  and (cast(:back as boolean) is null or coalesce(c.snoozed_until <= :now, false) = :back)
  and (cast(:kind as text) is null or :kind = (select m.kind from inbox_messages m
    where m.conversation_id = c.conversation_id and m.direction = 'theirs' and m.deleted_at is null
    order by m.at desc, m.message_id desc limit 1))
  and (cast(:pattern as text) is null or c.counterpart_name ilike :pattern or c.subject ilike :pattern
    or exists (select from inbox_messages m where m.conversation_id = c.conversation_id
        and m.deleted_at is null and m.text ilike :pattern))
  and (cast(:at as timestamptz) is null or (c.last_message_at, c.conversation_id) < (:at, cast(:id as uuid)))
order by c.last_message_at desc, c.conversation_id desc limit :size
""")


async def conversations(
    db: AsyncSession, wanted: ConversationFilter, now: datetime, before: Place | None, size: int
) -> Sequence[Conversation]:
    """Conversations, those with the newest message first."""
    asked = {name: value for name, value in vars(wanted).items() if name != "search"}
    asked |= {"pattern": pattern_of(wanted.search), "now": now, "size": size}
    asked |= {"at": before.at if before else None, "id": before.id if before else None}
    return (await db.scalars(select(Conversation).from_statement(CONVERSATIONS), asked)).all()


def pattern_of(search: str | None) -> str | None:
    """What is looked for, as a part of a text; its own signs mean nothing special."""
    if not search:
        return None
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


KINDS: Final = text("""
select asked.id, newest.kind from unnest(cast(:ids as uuid[])) as asked(id)
cross join lateral (select m.kind from inbox_messages m
    where m.conversation_id = asked.id and m.direction = 'theirs' and m.deleted_at is null
    order by m.at desc, m.message_id desc limit 1) newest
""")


async def kinds(db: AsyncSession, conversation_ids: Collection[UUID]) -> dict[UUID, str]:
    """What the newest message of theirs means in each of these; of one without any there is nothing."""
    if not conversation_ids:
        return {}
    return {row[0]: row[1] for row in await fetch(db, KINDS, {"ids": sorted(conversation_ids)})}


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody in the inbox."""

    unread: int
    """Conversations with something unread, those that are or were put off left out."""
    back: int
    """Those whose snooze is over, read or not."""
    next_at: datetime | None
    """When the next snooze ends."""


WAITING: Final = text("""
select count(*) filter (where snoozed_until is null),
    count(*) filter (where snoozed_until <= :now), min(snoozed_until) filter (where snoozed_until > :now)
from conversations where unread_count > 0 or snoozed_until is not null
""")


async def waiting(db: AsyncSession, now: datetime) -> Waiting:
    """How much waits for somebody, and when more of it does."""
    ((unread, back, next_at),) = await fetch(db, WAITING, {"now": now})
    return Waiting(unread, back, next_at)


LABELS: Final = text("""
select label from conversations c cross join lateral unnest(c.labels) as label
where c.labels <> '{}' group by label order by count(*) desc, label limit :most
""")


async def labels(db: AsyncSession, most: int = 50) -> list[str]:
    """Labels in use, the most used first."""
    return [row[0] for row in await fetch(db, LABELS, {"most": most})]


MESSAGES: Final = text("""
select m.* from inbox_messages m
where m.conversation_id = :conversation
  and (cast(:at as timestamptz) is null or (m.at, m.message_id) < (:at, cast(:id as uuid)))
order by m.at desc, m.message_id desc limit :size
""")


async def messages(
    db: AsyncSession, conversation_id: UUID, before: Place | None, size: int
) -> Sequence[InboxMessage]:
    """The messages of a conversation, newest first."""
    asked = {"conversation": conversation_id, "size": size}
    asked |= {"at": before.at if before else None, "id": before.id if before else None}
    return (await db.scalars(select(InboxMessage).from_statement(MESSAGES), asked)).all()
