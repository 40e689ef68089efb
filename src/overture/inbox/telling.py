"""Telling of messages in the log: each once for what it is, as soon as it is known whose it is."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.ids import Ids, public_id
from overture.db import About, Entry, append_events
from overture.inbox.rounds import rounds
from overture.inbox.whose import as_keys
from overture.people import suppression
from overture.people.suppression.spelling import LINKEDIN

TOLD: Final = "inbox.message"


@dataclass(frozen=True)
class Tell:
    """A message, and as what it is to be told of."""

    account_id: UUID
    message_key: str
    kind: str


HEAR: Final = text("""
update inbox_messages m set heard = m.heard || said.kind
from jsonb_to_recordset(cast(:rows as jsonb)) as said(account_id uuid, message_key text, kind text)
where m.account_id = said.account_id and m.message_key = said.message_key and not said.kind = any(m.heard)
returning m.message_key, m.conversation_id, said.kind
""")
STRANGERS: Final = text("""
select c.conversation_id, c.counterpart_keys from conversations c
where c.conversation_id = any(:ids) and c.lead_id is null and not c.is_group order by c.conversation_id
""")
# A message nobody is known for is told of later, when somebody is.
TELL: Final = text("""
update inbox_messages m set told = m.told || said.kind
from jsonb_to_recordset(cast(:rows as jsonb)) as said(account_id uuid, message_key text, kind text),
    conversations c
where m.account_id = said.account_id and m.message_key = said.message_key
  and c.conversation_id = m.conversation_id and c.lead_id is not null and not said.kind = any(m.told)
returning m.message_id, m.conversation_id, m.account_id, m.message_key, m.direction, m.by, m.run_id, m.at,
    c.lead_id, c.channel, said.kind
""")
UNTOLD: Final = text("""
select m.account_id, m.message_key, one.kind
from inbox_messages m cross join lateral unnest(m.heard) with ordinality as one(kind, place)
where m.conversation_id = any(:ids) and not one.kind = any(m.told)
order by m.account_id, m.message_key, one.place
""")


async def tell(db: AsyncSession, ids: Ids, now: datetime, wanted: Sequence[Tell]) -> None:
    """Write the events of messages that were not told of as this; who opts out in one is heard at once."""
    if not wanted:
        return
    found: list[Row[Any]] = []
    for batch in rounds(wanted, lambda one: (one.account_id, one.message_key)):
        rows = json.dumps(sorted(map(vars, batch), key=str), default=str)
        heard = (await db.execute(HEAR, {"rows": rows})).all()
        await silence_strangers(db, ids, now, [row for row in heard if row.kind == "opt_out"])
        found += (await db.execute(TELL, {"rows": rows})).all()
    news = sorted(found, key=lambda row: (row.at, row.message_key))
    await append_events(db, [entry_of(row, now) for row in news])
    for lead_id, key in sorted({(row.lead_id, row.message_key) for row in news if row.kind == "opt_out"}):
        asked = suppression.Wanted("person", str(lead_id), "opt_out", key, "observation")
        await suppression.add(db, ids, now, asked)


async def silence_strangers(db: AsyncSession, ids: Ids, now: datetime, heard: Sequence[Row[Any]]) -> None:
    """Suppress whoever opts out before they are a lead, by what the channel calls them."""
    if not heard:
        return
    of = {row.conversation_id: row.message_key for row in heard}
    for conversation_id, texts in (await db.execute(STRANGERS, {"ids": sorted(of)})).all():
        for name in names_in(texts):
            asked = suppression.Wanted("linkedin", name, "opt_out", of[conversation_id], "observation")
            await suppression.add(db, ids, now, asked)


def names_in(keys: Collection[str]) -> list[str]:
    """What LinkedIn calls whoever has these keys."""
    return sorted(key.value for key in as_keys(keys) if key.kind in LINKEDIN)


async def tell_all(db: AsyncSession, ids: Ids, now: datetime, conversation_ids: Sequence[UUID]) -> None:
    """Tell of everything in these conversations that was not told of."""
    rows = (await db.execute(UNTOLD, {"ids": list(conversation_ids)})).all()
    await tell(db, ids, now, [Tell(row.account_id, row.message_key, row.kind) for row in rows])


def entry_of(row: Row[Any], now: datetime) -> Entry:
    """The event of a message; what it says is not in it."""
    data = {
        "conversation_id": public_id("cnv", row.conversation_id),
        "message_id": public_id("msg", row.message_id),
        "direction": row.direction,
        "by": row.by,
        "kind": row.kind,
        "at": row.at.isoformat(),
        "key": row.message_key,
        "channel": row.channel,
    }
    return now, TOLD, About(account_id=row.account_id, run_id=row.run_id, lead_id=row.lead_id), data
