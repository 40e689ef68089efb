"""Suppressing somebody, and taking it back: never simply what the person asked for themselves."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast
from uuid import UUID

from sqlalchemy import Table, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.core.errors import Conflict, Invalid
from overture.core.ids import Ids, public_id
from overture.db import About, append_events
from overture.people import store
from overture.people.keys import Key, KeyKind
from overture.people.suppression.spelling import (
    LINKEDIN,
    STRENGTH,
    WISHES,
    SuppressionKind,
    SuppressionReason,
    canonical,
)
from overture.people.tables import Suppression


@dataclass(frozen=True)
class Wanted:
    """Who is not to be contacted any more, why, and who says so."""

    kind: SuppressionKind
    value: str
    reason: SuppressionReason
    source: str
    by: str
    note: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Added:
    """The suppression that holds now, and whether this made it."""

    suppression: Suppression
    is_new: bool


async def add(db: AsyncSession, ids: Ids, now: datetime, wanted: Wanted) -> Added:
    """Suppress; one that is there already stays, and takes a stronger reason or a later end."""
    value = canonical(wanted.kind, wanted.value)
    if wanted.expires_at is not None and wanted.reason in WISHES:
        raise Invalid(
            "validation_error",
            "What a person asked for does not expire.",
            fix="Leave expires_at out.",
            errors=[{"pointer": "/expires_at", "code": "for_ever", "detail": "must be left out"}],
        )
    await lift_expired(db, wanted.kind, value, now)
    made = insert(cast(Table, Suppression.__table__)).values(
        suppression_id=ids.new(),
        kind=wanted.kind,
        value=value,
        reason=wanted.reason,
        note=wanted.note,
        source=wanted.source,
        by=wanted.by,
        created_at=now,
        expires_at=wanted.expires_at,
    )
    new_id = await db.scalar(made.on_conflict_do_nothing().returning(Suppression.id))
    if new_id is None:
        return Added(await strengthened(db, wanted, value, now), is_new=False)
    suppression = await db.get_one(Suppression, new_id)
    await tell(db, suppression, "suppression.added", now, wanted.by)
    return Added(suppression, is_new=True)


async def lift_expired(db: AsyncSession, kind: str, value: str, now: datetime) -> None:
    """Put away the one whose time is over, so that there is room for another."""
    over = update(Suppression).where(
        Suppression.kind == kind,
        Suppression.value == value,
        Suppression.lifted_at.is_(None),
        Suppression.expires_at <= now,
    )
    await db.execute(over.values(lifted_at=Suppression.expires_at, lifted_by="expired"))


async def strengthened(db: AsyncSession, wanted: Wanted, value: str, now: datetime) -> Suppression:
    """The one that is there, with the stronger of the two reasons and the later of the two ends."""
    live = select(Suppression).where(
        Suppression.kind == wanted.kind, Suppression.value == value, Suppression.lifted_at.is_(None)
    )
    rows = await db.scalars(live.with_for_update(), execution_options={"populate_existing": True})
    found = rows.one()
    is_stronger = STRENGTH.index(wanted.reason) < STRENGTH.index(found.reason)
    ends = (found.expires_at, wanted.expires_at)
    expires_at = None if None in ends else max(end for end in ends if end is not None)
    if not is_stronger and expires_at == found.expires_at:
        return found
    if is_stronger:
        found.reason, found.note, found.by, found.source = (
            wanted.reason,
            wanted.note,
            wanted.by,
            wanted.source,
        )
    found.expires_at = expires_at
    await db.flush()
    await tell(db, found, "suppression.strengthened", now, wanted.by)
    return found


async def lift(db: AsyncSession, suppression: Suppression, by: str, now: datetime) -> None:
    """Allow contact again; not what the person asked for themselves."""
    if suppression.reason in WISHES:
        raise Conflict(
            "suppression_protected",
            f"They asked for this themselves ({suppression.reason}); it is not simply lifted.",
            fix="An administrator may lift it and must say why.",
        )
    await put_away(db, suppression, by, now, why=None)


async def lift_as_admin(db: AsyncSession, suppression: Suppression, by: str, why: str, now: datetime) -> None:
    """Allow contact again although the person had asked not to be; the reason is in the log for ever."""
    if not why.strip():
        raise Invalid(
            "validation_error",
            "Lifting what a person asked for needs a reason.",
            fix="Say why: it is kept in the log.",
            errors=[{"pointer": "/why", "code": "missing", "detail": "must say why"}],
        )
    await put_away(db, suppression, by, now, why=why)


async def put_away(
    db: AsyncSession, suppression: Suppression, by: str, now: datetime, why: str | None
) -> None:
    """Mark it as lifted; the row stays as a record."""
    if suppression.lifted_at is not None:
        return
    suppression.lifted_at, suppression.lifted_by = now, by
    await db.flush()
    await tell(db, suppression, "suppression.lifted", now, by, why=why)


async def tell(
    db: AsyncSession, suppression: Suppression, kind: str, now: datetime, by: str, **more: object
) -> None:
    """Its event, for each lead it names by id or key; of a domain or company, one without a lead.

    The value is not in the event: what a person is known by must be erasable.
    """
    data = {
        "suppression_id": public_id("sup", suppression.id),
        "kind": suppression.kind,
        "reason": suppression.reason,
        "expires_at": suppression.expires_at.isoformat() if suppression.expires_at else None,
        "by": by,
        **more,
    }
    about = [About(lead_id=lead_id) for lead_id in await leads_named(db, suppression)] or [About()]
    await append_events(db, [(now, kind, one, data) for one in about])


CARRIED: Final = frozenset({"person", "email", "linkedin", "tombstone"})
"""Kinds that name a person, and so hold for every lead that proves to be them."""


async def carry(
    db: AsyncSession, ids: Ids, now: datetime, holding: Suppression, lead_ids: Iterable[UUID]
) -> None:
    """Suppress leads that prove to be a person who is suppressed, by a key the leads do not have.

    The key itself is not given to them: nothing is learnt of whoever asked to be left alone.
    """
    if holding.kind not in CARRIED:
        return
    for lead_id in sorted(lead_ids):
        wanted = Wanted(
            "person",
            str(lead_id),
            cast(SuppressionReason, holding.reason),
            source=f"same_as:{public_id('sup', holding.id)}",
            by=holding.by,
            expires_at=holding.expires_at,
        )
        await add(db, ids, now, wanted)


async def leads_named(db: AsyncSession, suppression: Suppression) -> list[UUID]:
    """The leads a suppression names itself."""
    kind, value = suppression.kind, suppression.value
    if kind == "person":
        return [UUID(value)]
    if kind == "linkedin":
        wanted = [Key(cast(KeyKind, one), value) for one in sorted(LINKEDIN)]
    elif kind == "email":
        return sorted(set((await db.scalars(OF_MAILBOX, mailbox_of(value))).all()))
    else:
        return []
    return sorted(set((await store.owners(db, wanted)).values()))


OF_MAILBOX: Final = text("""
select lead_id from identities where kind = 'email' and value = :value
union
select lead_id from identities where kind = 'email' and value >= :first and value < :last
  and split_part(value, '@', 2) = :host
""")


def mailbox_of(address: str) -> dict[str, str]:
    """A mailbox, and the range in which its addresses with a tag lie."""
    local, _, host = address.rpartition("@")
    return {"value": address, "first": f"{local}+", "last": f"{local},", "host": host}
