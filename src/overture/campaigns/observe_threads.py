"""What the messages of a thread with one of our leads show, and which of them are ours."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.observe import Sight, SignalKind
from overture.campaigns.observe_words import meaning_of
from overture.db import fetch
from overture.inbox import message_key
from overture.touchpoints import InboxConversation, InboxMessage

AWAY_FOR: Final = timedelta(days=7)
"""How long somebody is taken to be away who does not say until when."""


@dataclass(frozen=True)
class OwnWords:
    """Tokens and texts of runs: what in a thread is ours."""

    tokens: frozenset[str]
    texts: frozenset[str]
    urns: frozenset[str]

    def wrote(self, message: InboxMessage) -> bool:
        """Whether a run of ours wrote this."""
        return (
            message.origin_token in self.tokens
            or message.message_urn in self.urns
            or message.text.strip() in self.texts
        )


@dataclass(frozen=True)
class Thread:
    """A conversation with one of our leads, and what in it an account of ours wrote by a run."""

    read: InboxConversation
    lead_id: UUID
    account_id: UUID
    own: OwnWords


def sights_in(thread: Thread, now: datetime) -> Iterator[tuple[SignalKind, Sight]]:
    """Every message that is theirs, or that our operator wrote by hand."""
    for message in thread.read.messages:
        sight = Sight(
            thread.lead_id,
            message.delivered_at or thread.read.last_activity_at or now,
            message_key(message.message_urn),
            thread.account_id,
            "linkedin",
        )
        if message.is_own:
            if not thread.own.wrote(message):
                yield "manual_contact", sight
            continue
        meaning = meaning_of(message.text)
        if meaning == "auto_replied":
            sight = replace(sight, until=sight.at + AWAY_FOR)
        yield meaning, sight


OWN_TOKENS: Final = text("select token from runs where account_id = :account and token = any(:tokens)")
OWN_TEXTS: Final = text("""
select r.touchpoint_input->>'note', r.touchpoint_input->>'message', r.touchpoint_input->>'body',
    r.result->>'message_urn'
from touches t join runs r on r.run_id = t.run_id
where t.lead_id = any(:leads) and t.account_id = :account
""")


async def own_words(
    db: AsyncSession, account_id: UUID, threads: Iterable[InboxConversation], leads: Collection[UUID]
) -> OwnWords:
    """What runs of this account wrote: by token, by the message's id, and by the text of what they sent."""
    messages = [one for thread in threads for one in thread.messages if one.is_own]
    tokens = {UUID(one.origin_token) for one in messages if is_uuid(one.origin_token)}
    found = await fetch(db, OWN_TOKENS, {"account": account_id, "tokens": list(tokens)}) if tokens else []
    mine = await fetch(db, OWN_TEXTS, {"account": account_id, "leads": list(set(leads))})
    texts = frozenset(said.strip() for row in mine for said in row[:3] if said)
    urns = frozenset(row[3] for row in mine if row[3])
    return OwnWords(frozenset(str(row[0]) for row in found), texts, urns)


def is_uuid(text: str | None) -> bool:
    """Whether a token can be one of ours."""
    try:
        UUID(text or "")
    except ValueError:
        return False
    return True
