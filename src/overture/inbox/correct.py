"""What a person says a message of theirs means, where the rules read it otherwise.

A correction only ever stops more: an opt-out suppresses at once, a reply ends what campaigns had planned.
What an earlier reading has stopped stays stopped until somebody lifts it there, and says why.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict, NotFound
from overture.core.ids import Ids, public_id
from overture.db import About, Event, append_events
from overture.inbox import store
from overture.inbox.tables import Conversation, InboxMessage
from overture.inbox.telling import Tell, names_in, tell
from overture.people import suppression
from overture.people.suppression import Wanted

CORRECTED: Final = "inbox.corrected"
TheirKind = Literal["reply", "auto_reply", "opt_out", "decline"]


@dataclass(frozen=True)
class Correction:
    """What the message means, who says so, and why."""

    kind: TheirKind
    by: str
    why: str | None = None


async def correct(
    db: AsyncSession, ids: Ids, now: datetime, message_id: UUID, wanted: Correction
) -> tuple[Conversation, InboxMessage]:
    """Take a message for what a person says it is, with all that follows from that; both as they are then."""
    found = await message_by_id(db, message_id)
    of = await store.by_id(db, found.conversation_id, lock=True)  # before its messages, as when one is kept
    found = await message_by_id(db, message_id, lock=True)
    if found.direction != "theirs":
        raise Conflict(
            "message_not_theirs",
            "The message is one of your own: it has no meaning to correct.",
            fix="Correct a message whose direction is `theirs`.",
        )
    if wanted.kind == "opt_out":
        await silence(db, ids, now, of, wanted, found.message_key)
    if found.kind != wanted.kind:
        data = {
            "conversation_id": public_id("cnv", of.id),
            "message_id": public_id("msg", found.id),
            "from": found.kind,
            "to": wanted.kind,
            "by": wanted.by,
            "why": wanted.why,
        }
        about = About(account_id=of.account_id, lead_id=of.lead_id)
        await append_events(db, [(now, CORRECTED, about, data)])
    found.kind = wanted.kind
    await db.flush()
    await tell(db, ids, now, [Tell(of.account_id, found.message_key, wanted.kind)])
    return of, await message_by_id(db, message_id, lock=True)


async def message_by_id(db: AsyncSession, message_id: UUID, *, lock: bool = False) -> InboxMessage:
    """The message, or a refusal."""
    found = await db.get(InboxMessage, message_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(
            "message_not_found",
            f"There is no message {public_id('msg', message_id)}.",
            fix="List them with GET /api/v1/conversations/{conversation_id}/messages.",
        )
    return found


async def silence(
    db: AsyncSession, ids: Ids, now: datetime, of: Conversation, wanted: Correction, source: str
) -> None:
    """Suppress whoever wrote it: the lead, or who is none (yet) by what LinkedIn calls them."""
    named = [("person", str(of.lead_id))] if of.lead_id is not None else []
    if not named:
        named = [("linkedin", name) for name in names_in(of.counterpart_keys)]
    if not named:
        raise Conflict(
            "nobody_to_suppress",
            "It is not known whose words these are, so nobody can be suppressed.",
            fix="Suppress the person with POST /api/v1/suppressions.",
        )
    for kind, value in named:
        asked = Wanted(kind, value, "opt_out", source, wanted.by, wanted.why)  # type: ignore[arg-type]  # one of two kinds
        await suppression.add(db, ids, now, asked)


@dataclass(frozen=True)
class Corrected:
    """Who corrected a message, when and why."""

    by: str
    at: datetime
    why: str | None


async def corrections(db: AsyncSession, of: Conversation) -> dict[str, Corrected]:
    """The newest correction of each message, by its id; the log finds them by the lead, so of others none."""
    if of.lead_id is None:
        return {}
    query = select(Event).where(Event.lead_id == of.lead_id, Event.type == CORRECTED).order_by(Event.id)
    told = ((str(one.data["message_id"]), one) for one in await db.scalars(query))
    return {
        message_id: Corrected(str(one.data["by"]), one.at, str(one.data["why"]) if one.data["why"] else None)
        for message_id, one in told
    }
