"""Forgetting a person: what they and we wrote goes, that a message stood there stays; and what is stored."""

import json
from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import delete, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from overture.inbox.tables import Conversation, InboxMessage, WebhookDelivery
from overture.inbox.whose import as_texts
from overture.people import Erased

OF_GROUPS: Final = text("""
update inbox_messages m set text = '', subject = null, attachments = '[]'
from conversations c where c.conversation_id = m.conversation_id and c.is_group and m.text ~* :words
""")


async def forget(db: AsyncSession, erased: Erased, now: datetime) -> None:
    """Empty the conversations with them, and remove deliveries that name them."""
    del now
    own = await own_conversations(db, erased)
    emptied: dict[str, object] = {
        "text": "",
        "subject": None,
        "attachments": [],
        "reactions": [],
        "service_message_id": None,
    }
    await db.execute(update(InboxMessage).where(InboxMessage.conversation_id.in_(own)).values(emptied))
    nameless: dict[str, object] = {
        "counterpart_keys": [],
        "counterpart_name": None,
        "subject": None,
        "last_text": None,
    }
    await db.execute(update(Conversation).where(Conversation.id.in_(own)).values(nameless | {"labels": []}))
    await db.execute(OF_GROUPS, {"words": erased.whom.sql_pattern})
    await forget_deliveries(db, erased)


async def own_conversations(db: AsyncSession, erased: Erased) -> Collection[UUID]:
    """The conversations with this person, also those nobody had recognised."""
    keys = as_texts(erased.keys)
    theirs = or_(Conversation.lead_id.in_(erased.lead_ids), Conversation.counterpart_keys.overlap(keys))
    return (await db.scalars(select(Conversation.id).where(theirs, ~Conversation.is_group))).all()


async def forget_deliveries(db: AsyncSession, erased: Erased) -> None:
    """Remove what was delivered about them, as it came. Bodies are bytes of any kind."""
    words = erased.words
    rows = await db.stream(select(WebhookDelivery.id, WebhookDelivery.body))
    gone = [one async for one, body in rows if words.search(spelt_out(body))]
    await db.execute(delete(WebhookDelivery).where(WebhookDelivery.id.in_(gone)))


def spelt_out(body: bytes) -> str:
    """The text of a body, with what JSON had escaped."""
    plain = body.decode("utf-8", "replace")
    try:
        return f"{plain}\n{json.dumps(json.loads(plain), ensure_ascii=False)}"
    except (ValueError, RecursionError):
        return plain


async def tell(db: AsyncSession, lead_ids: frozenset[UUID]) -> object:
    """Every conversation with these leads, with all that was said."""
    found = await db.scalars(
        select(Conversation).where(Conversation.lead_id.in_(lead_ids)).order_by(Conversation.id)
    )
    return [await told(db, one) for one in found.all()]


async def told(db: AsyncSession, one: Conversation) -> dict[str, object]:
    """A conversation as JSON."""
    query = select(InboxMessage).where(InboxMessage.conversation_id == one.id)
    said = await db.scalars(query.order_by(InboxMessage.at, InboxMessage.id))
    return {
        "channel": one.channel,
        "account_id": str(one.account_id),
        "with": one.counterpart_name,
        "keys": one.counterpart_keys,
        "labels": one.labels,
        "messages": [
            {
                "at": message.at.isoformat(),
                "direction": message.direction,
                "by": message.by,
                "kind": message.kind,
                "subject": message.subject,
                "text": message.text,
                "reactions": message.reactions,
            }
            for message in said
        ],
    }
