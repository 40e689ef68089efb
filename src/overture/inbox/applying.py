"""Applying deliveries: each exactly once in effect, in whatever order and however often it came.

A batch is one transaction: what it changes and that it is applied are kept together or not at all. When one
of a batch cannot be applied, all of it is undone and each is tried on its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts, people
from overture.accounts import Account, Report
from overture.inbox import deliveries, keeping
from overture.inbox.deliveries import Outcome
from overture.inbox.incoming import (
    Incoming,
    MessageTold,
    NotUnderstood,
    RelationTold,
    StatusTold,
)
from overture.inbox.keeping import Kept, Said, keep
from overture.inbox.kit import InboxKit
from overture.inbox.rounds import rounds
from overture.inbox.spoiling import SPOILING, TWICE_AT_ONCE, is_passing
from overture.inbox.tables import WebhookDelivery
from overture.inbox.telling import Tell, tell
from overture.inbox.whose import as_texts, met, whose
from overture.people import Observed, Seen

log = structlog.get_logger()

MOST: Final = 200
BACKOFF: Final = timedelta(seconds=5)
"""The pause before the second try of a delivery; it doubles."""
MOST_TRIES: Final = 8
"""After that many it is dead until somebody replays it: about ten minutes."""
SEEN_BY: Final = "webhook"


@dataclass(frozen=True)
class Heard:
    """What was told of a message of an account, and when we were told."""

    account: Account
    told: MessageTold
    at: datetime


@dataclass
class Batch:
    """Deliveries of one transaction, by what they tell, and what became of each."""

    known: dict[str, Account]
    outcomes: dict[UUID, Outcome] = field(default_factory=dict)
    said: list[tuple[UUID, Account, MessageTold, datetime]] = field(default_factory=list)
    marks: list[tuple[UUID, Account, MessageTold, datetime]] = field(default_factory=list)
    relations: list[tuple[UUID, Account, RelationTold]] = field(default_factory=list)
    statuses: list[tuple[UUID, Account, StatusTold]] = field(default_factory=list)

    def done(self, delivery_id: UUID) -> None:
        """It is applied."""
        self.outcomes[delivery_id] = Outcome(delivery_id, "applied")

    def dead(self, delivery_id: UUID, why: str) -> None:
        """Nothing will ever come of it, but by hand."""
        self.outcomes[delivery_id] = Outcome(delivery_id, "dead", why)

    def waits(self, delivery_id: UUID, why: str, *waits_for: str) -> None:
        """It is applied as soon as one of these is known."""
        self.outcomes[delivery_id] = Outcome(delivery_id, "unmatched", why, waits_for)


async def turn(kit: InboxKit, now: datetime, most: int = MOST) -> int:
    """Apply the next deliveries whose time has come; how many there were."""
    try:
        return await applied(kit, now, most)
    except SPOILING as error:
        if is_passing(error):
            raise
        log.warning("inbox.deliveries_spoiled", error=type(error).__name__)
    async with kit.sessions() as db:
        waiting = [one.id for one in await deliveries.claim(db, now, most)]
    for delivery_id in waiting:
        await applied_alone(kit, now, delivery_id)
    return len(waiting)


async def applied_alone(kit: InboxKit, now: datetime, delivery_id: UUID) -> None:
    """Apply one delivery; one that cannot be is tried again later, and after a while no more."""
    try:
        await applied(kit, now, 1, delivery_id)
    except SPOILING as error:
        if is_passing(error):
            raise
        log.exception("inbox.delivery_cannot_be_applied", delivery_id=str(delivery_id))
        async with kit.sessions.begin() as db:
            for one in await deliveries.claim(db, now, 1, delivery_id):
                await deliveries.settle(db, [later(one, why(error), now)], now)


def why(error: Exception) -> str:
    """What is kept of an error: no text of a person."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return "written_twice_at_once" if state == TWICE_AT_ONCE else f"error:{type(error).__name__}"


def later(one: WebhookDelivery, reason: str, now: datetime) -> Outcome:
    """It is tried again after a pause, or was tried often enough."""
    if one.attempts + 1 >= MOST_TRIES:
        return Outcome(one.id, "dead", reason)
    return Outcome(one.id, "received", reason, next_at=now + BACKOFF * 2**one.attempts)


async def applied(kit: InboxKit, now: datetime, most: int, only: UUID | None = None) -> int:
    """The transaction."""
    async with kit.sessions.begin() as db:
        rows = await deliveries.claim(db, now, most, only)
        if not rows:
            return 0
        kit.on_step("inbox.claimed")
        batch = await sorted_out(kit, db, rows, now)
        await apply_said(kit, db, batch, now)
        await apply_marks(kit, db, batch, now)
        await apply_relations(kit, db, batch, now)
        await apply_statuses(db, batch, now)
        kit.on_step("inbox.applied")
        await deliveries.settle(db, list(batch.outcomes.values()), now)
    kit.on_step("inbox.committed")
    return len(rows)


async def sorted_out(
    kit: InboxKit, db: AsyncSession, rows: Sequence[WebhookDelivery], now: datetime
) -> Batch:
    """The deliveries by what they tell; those nothing can be done with are settled."""
    read: list[tuple[WebhookDelivery, Incoming]] = []
    batch = Batch({})
    for one in rows:
        reader = kit.readers.get(one.provider)
        if reader is None:
            batch.dead(one.id, "no_reader")
            continue
        try:
            read.append((one, reader(one.body, one.content_type, one.received_at)))
        except NotUnderstood as error:
            batch.dead(one.id, str(error))
    for provider in {one.provider for one, _ in read}:
        names = {told.service_account for one, told in read if one.provider == provider}
        found = await accounts.by_external(db, provider, {name for name in names if name})
        batch.known |= {f"{provider}:{name}": account for name, account in found.items()}
    for one, incoming in read:
        take(batch, one, incoming, now)
    return batch


def take(batch: Batch, one: WebhookDelivery, incoming: Incoming, now: datetime) -> None:
    """Put a delivery where it belongs."""
    name = incoming.service_account
    account = batch.known.get(f"{one.provider}:{name}") if name else None
    told = incoming.told
    if account is None:
        batch.waits(one.id, "unknown_account", f"account:{name}") if name else batch.dead(
            one.id, "no_account"
        )
    elif isinstance(told, MessageTold) and told.event == "received":
        if told.direction is None:
            batch.outcomes[one.id] = later(one, "sender_unknown", now)
        else:
            batch.said.append((one.id, account, told, one.received_at))
    elif isinstance(told, MessageTold):
        batch.marks.append((one.id, account, told, one.received_at))
    elif isinstance(told, RelationTold):
        batch.relations.append((one.id, account, told))
    elif isinstance(told, StatusTold):
        batch.statuses.append((one.id, account, told))
    else:
        batch.done(one.id)


async def apply_said(kit: InboxKit, db: AsyncSession, batch: Batch, now: datetime) -> None:
    """Keep the messages that came."""
    await take_said(kit, db, [Heard(account, told, at) for _, account, told, at in batch.said], SEEN_BY, now)
    for delivery_id, _, _, _ in batch.said:
        batch.done(delivery_id)


async def take_said(
    kit: InboxKit, db: AsyncSession, heard: Sequence[Heard], seen_by: str, now: datetime
) -> Kept:
    """Keep messages, whoever told of them.

    The note of our invitation stands in a thread only once it is accepted.
    """
    kept = await keep(db, kit.ids, now, [said_of(one, seen_by) for one in heard])
    found = kept.found or {}
    accepted = [
        Observed(one.account.id, found[one.told.thread.keys], Seen("connected", one.at, seen_by))
        for one in heard
        if one.told.is_note and one.told.direction == "own" and one.told.thread.keys in found
    ]
    await people.observe_all(db, sorted(accepted, key=lambda one: (one.seen.at, one.pair)), now)
    await people.learn(db, kit.ids, now, met(found, seen_by))
    return kept


def said_of(one: Heard, seen_by: str) -> Said:
    """A message as it is kept."""
    account, told = one.account, one.told
    assert told.direction is not None
    return Said(
        account_id=account.id,
        channel=account.channel,
        thread=told.thread,
        message_key=told.message_key,
        direction=told.direction,
        text=told.text,
        at=told.at,
        seen_by=seen_by,
        service_message_id=told.service_message_id,
        subject=told.subject,
        is_note=told.is_note,
        attachments=told.attachments,
    )


async def apply_marks(kit: InboxKit, db: AsyncSession, batch: Batch, now: datetime) -> None:
    """What happened to messages; of one that is not known yet it is kept until it is."""
    heard = [Heard(account, told, at) for _, account, told, at in batch.marks]
    known = await take_marks(kit, db, heard, now)
    for delivery_id, account, told, _ in batch.marks:
        if (account.id, told.message_key) in known:
            batch.done(delivery_id)
        else:
            batch.waits(delivery_id, "unknown_message", f"message:{told.message_key}")


async def take_marks(
    kit: InboxKit, db: AsyncSession, heard: Sequence[Heard], now: datetime
) -> set[tuple[UUID, str]]:
    """Take down what happened to messages; which of them are known.

    Such events never make a message: who wrote it is sure only of one that was received.
    """
    known: set[tuple[UUID, str]] = set()
    for several in rounds(heard, lambda one: (one.account.id, one.told.message_key)):
        found = await keeping.mark(db, [mark_of(one) for one in several])
        directions = {(row.account_id, row.message_key): row.direction for row in found}
        await keeping.refresh(db, {row.conversation_id for row in found})
        edited = [
            Tell(one.account.id, one.told.message_key, str(mark_of(one)["kind"]))
            for one in several
            if one.told.event == "edited"
            and directions.get((one.account.id, one.told.message_key)) == "theirs"
        ]
        await tell(db, kit.ids, now, edited)
        known |= set(directions)
    return known


def mark_of(one: Heard) -> dict[str, object]:
    """What happened to a message, as it is taken down."""
    told = one.told
    return {
        "account_id": one.account.id,
        "message_key": told.message_key,
        "event": told.event,
        "text": told.text,
        "kind": keeping.kind_of("theirs", told.text, is_note=False),
        "reaction": told.reaction,
        "at": told.at,
        "told_at": one.at,
    }


async def apply_relations(kit: InboxKit, db: AsyncSession, batch: Batch, now: datetime) -> None:
    """Who is connected now; somebody who is no lead (yet) is kept until they are."""
    found = await whose(db, {told.keys for _, _, told in batch.relations})
    seen = [
        Observed(account.id, found[told.keys], Seen("connected", told.at, SEEN_BY))
        for _, account, told in batch.relations
        if told.keys in found
    ]
    await people.observe_all(db, sorted(seen, key=lambda one: (one.seen.at, one.pair)), now)
    await people.learn(db, kit.ids, now, met(found, SEEN_BY))
    for delivery_id, _, told in batch.relations:
        if told.keys in found:
            batch.done(delivery_id)
        else:
            surest = [key for key in told.keys if key.kind == "linkedin_profile_id"]
            batch.waits(delivery_id, "unknown_person", *as_texts(surest or told.keys))


async def apply_statuses(db: AsyncSession, batch: Batch, now: datetime) -> None:
    """What was reported of accounts, in the order it was said."""
    for delivery_id, account, told in sorted(batch.statuses, key=lambda one: (one[2].at, one[0])):
        await accounts.take_report(db, account, Report(told.word, told.at, SEEN_BY), now)
        batch.done(delivery_id)
