"""What was seen of a person: each sight is kept once, and campaigns react to its event.

Until there is an inbox these come from readings of it, from last looks, and from the API.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.core.ids import Ids, public_id
from overture.db import About, Entry, append_events, fetch
from overture.people import suppression

SignalKind = Literal[
    "replied",
    "auto_replied",
    "declined",
    "opted_out",
    "bounced",
    "manual_contact",
    "accepted",
    "possible_opt_out",
    "opened",
]


@dataclass(frozen=True)
class Sight:
    """One thing seen: of whom, when it happened, and what makes it one thing (a message's id, a run, …)."""

    lead_id: UUID
    at: datetime
    source: str
    account_id: UUID | None = None
    channel: str | None = None
    until: datetime | None = None
    run_id: UUID | None = None
    """Of `opened`: the run that sent it."""


async def see(db: AsyncSession, ids: Ids, kind: SignalKind, sight: Sight, now: datetime) -> bool:
    """Keep a sight; whether it is new."""
    return bool(await see_all(db, ids, [(kind, sight)], now))


SEE: Final = text("""
insert into signals (signal_id, lead_id, kind, at, until, account_id, channel, run_id, source, seen_at)
select signal_id, lead_id, kind, at, until, account_id, channel, run_id, source, :now
from jsonb_to_recordset(cast(:rows as jsonb)) as seen(signal_id uuid, lead_id uuid, kind text, at timestamptz,
    until timestamptz, account_id uuid, channel text, run_id uuid, source text)
order by lead_id, kind, source
on conflict do nothing returning signal_id
""")


async def see_all(
    db: AsyncSession, ids: Ids, sights: Sequence[tuple[SignalKind, Sight]], now: datetime
) -> set[UUID]:
    """Keep many sights; whose of them are new."""
    if not sights:
        return set()
    made = [(ids.new(), kind, sight) for kind, sight in sights]
    rows = [{"signal_id": signal_id, "kind": kind, **vars(sight)} for signal_id, kind, sight in made]
    seen = await fetch(db, SEE, {"rows": json.dumps(rows, default=as_text), "now": now})
    new = {row[0] for row in seen}
    entries: list[Entry] = []
    for signal_id, kind, sight in made:
        if signal_id in new:
            entries += told(signal_id, kind, sight, now)
    await append_events(db, entries)
    return {sight.lead_id for signal_id, _, sight in made if signal_id in new}


def told(signal_id: UUID, kind: SignalKind, sight: Sight, now: datetime) -> list[Entry]:
    """The events of a new sight."""
    data = {
        "signal_id": public_id("sig", signal_id),
        "kind": kind,
        "at": sight.at.isoformat(),
        "until": sight.until.isoformat() if sight.until else None,
        "channel": sight.channel,
        "source": sight.source,
    }
    about = About(lead_id=sight.lead_id, account_id=sight.account_id, run_id=sight.run_id)
    entries: list[Entry] = [(now, "lead.signal", about, data)]
    if kind in ("replied", "declined", "opted_out"):
        entries.append((now, "message_received", about, data))
    return entries


def as_text(value: object) -> str:
    """An instant or an id in JSON."""
    return value.isoformat() if isinstance(value, datetime) else str(value)


async def replied(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """They answered: nothing more is sent by itself."""
    return await see(db, ids, "replied", sight, now)


async def auto_replied(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """A machine answered for them: that is no reply, and it goes on when they are back."""
    return await see(db, ids, "auto_replied", sight, now)


async def opened(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """They opened an e-mail of ours: it is known which, by its run."""
    return await see(db, ids, "opened", sight, now)


async def declined(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """They said no."""
    return await see(db, ids, "declined", sight, now)


async def manual_contact(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """The operator wrote to them by hand: the conversation is theirs."""
    return await see(db, ids, "manual_contact", sight, now)


async def opted_out(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """They want no more of us: suppressed for ever, under every key of theirs."""
    new = await see(db, ids, "opted_out", sight, now)
    await silence(db, ids, sight, now)
    return new


async def silence(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> None:
    """Suppress whoever wants no more of us."""
    wanted = suppression.Wanted("person", str(sight.lead_id), "opt_out", sight.source, "observation")
    await suppression.add(db, ids, now, wanted)


async def bounced(db: AsyncSession, ids: Ids, sight: Sight, address: str, now: datetime) -> bool:
    """Their address does not exist; it is not written to again."""
    new = await see(db, ids, "bounced", sight, now)
    wanted = suppression.Wanted("email", address, "bounced", sight.source, "observation")
    await suppression.add(db, ids, now, wanted)
    return new


async def accepted(db: AsyncSession, ids: Ids, sight: Sight, now: datetime) -> bool:
    """They accepted the invitation of an account."""
    if sight.account_id is None:
        raise ValueError("an acceptance has an account")
    seen = people.Seen("connected", sight.at, sight.source, since=sight.at)
    await people.observe(db, sight.account_id, sight.lead_id, seen, now)
    return await see(db, ids, "accepted", sight, now)
