"""Finding the conversations of connected leads, in one walk through an account's threads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import Account
from overture.core.ids import public_id
from overture.db import fetch
from overture.inbox.catching_up import take_in
from overture.inbox.incoming import ThreadTold
from overture.inbox.kit import InboxKit
from overture.inbox.stored import MessageStore
from overture.inbox.whose import whose

NEWEST: Final = 50
"""How many messages of a conversation that was not known are taken in with it."""
SAMPLE: Final = 20


@dataclass
class Backfilled:
    """What the walk through an account's threads brought."""

    wanted: int = 0
    """Connected leads without a known conversation before."""
    found: int = 0
    """Of them those that have one now."""
    named: int = 0
    """Conversations that were known, and got the id they have at the service."""
    threads: int = 0
    nobodys: int = 0
    """Threads with people who are no leads, and with several."""
    unmatched: int = 0
    """Leads of whom the service has no thread: nothing was ever written with them, or it came before."""
    sample: list[str] = field(default_factory=list)
    """Some of these."""

    def shown(self) -> dict[str, object]:
        """As it is kept in a job's result."""
        shown = dict(vars(self))
        return {**shown, "unmatched_sample": shown.pop("sample")}


async def backfill(kit: InboxKit, account: Account, store: MessageStore, now: datetime) -> Backfilled:
    """Walk through an account's threads once; raises `StoreAway`. Done twice it changes nothing more.

    Only a thread that is new to us and a wanted lead's is opened: one read each, ever.
    """
    async with kit.sessions() as db:
        wanted = await without_conversation(db, account.id)
    done = Backfilled(wanted=len(wanted))
    async for threads in store.threads():
        done.threads += len(threads)
        for thread in await recognised(kit, account, threads, wanted, done):
            await take_in(kit, account, await store.newest(thread, NEWEST), now)
    async with kit.sessions() as db:
        left = await without_conversation(db, account.id)
    done.found, done.unmatched = len(wanted - left), len(wanted & left)
    done.sample = [public_id("lead", one) for one in sorted(wanted & left)[:SAMPLE]]
    return done


WITHOUT: Final = text("""
select r.lead_id from relationships r join leads l using (lead_id)
where r.account_id = :account and r.state = 'connected' and l.merged_into is null and l.erased_at is null
  and not exists (select from conversations c where c.account_id = r.account_id and c.lead_id = r.lead_id)
""")


async def without_conversation(db: AsyncSession, account_id: UUID) -> set[UUID]:
    """The leads an account is connected with and has no known conversation with."""
    return set(await db.scalars(WITHOUT, {"account": account_id}))


# A conversation read through the channel's own pages does not know what the service calls it.
NAME: Final = text("""
with told as (
    select * from jsonb_to_recordset(cast(:rows as jsonb)) as t(thread_key text, service_thread_id text)
), known as (
    select c.conversation_id, c.thread_key, t.service_thread_id,
        c.service_thread_id is null and t.service_thread_id is not null as is_named
    from told t join conversations c on c.account_id = :account and c.thread_key = t.thread_key
    order by c.thread_key for update of c
), named as (
    update conversations c set service_thread_id = coalesce(c.service_thread_id, known.service_thread_id)
    from known where c.conversation_id = known.conversation_id and known.is_named
    returning c.conversation_id
)
select known.thread_key, known.conversation_id in (select conversation_id from named) from known
""")


async def recognised(
    kit: InboxKit, account: Account, threads: Sequence[ThreadTold], wanted: set[UUID], done: Backfilled
) -> list[ThreadTold]:
    """The threads of wanted leads that are new to us; those we know get their id at the service."""
    async with kit.sessions.begin() as db:
        found = await whose(db, {one.keys for one in threads if not one.is_group})
        rows = [
            {"thread_key": one.thread_key, "service_thread_id": one.service_thread_id}
            for one in {one.thread_key: one for one in threads}.values()
        ]
        named = await fetch(db, NAME, {"rows": json.dumps(rows), "account": account.id})
        known: dict[str, bool] = {row[0]: row[1] for row in named}
    done.named += sum(known.values())
    done.nobodys += sum(one.is_group or one.keys not in found for one in threads)
    return [
        one
        for one in threads
        if one.thread_key not in known and not one.is_group and found.get(one.keys) in wanted
    ]
