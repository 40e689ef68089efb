"""What an account and a lead are to each other: changed by what was seen and by own runs, never by a plan."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, cast
from uuid import UUID

from sqlalchemy import Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from overture.db import About, append_events
from overture.people import stage, store
from overture.people.tables import Relationship, Stage
from overture.touchpoints.profile import RelationshipState

State = Literal["none", "invited", "incoming", "connected", "withdrawn", "removed"]

OF_PROFILE: Final[dict[RelationshipState, State]] = {
    RelationshipState.CONNECTED: "connected",
    RelationshipState.PENDING: "invited",
    RelationshipState.INCOMING: "incoming",
    RelationshipState.NONE: "none",
}
"""What a profile says; of oneself and of what could not be read it says nothing."""
ASKED: Final = frozenset({"invited", "withdrawn"})
"""States in which a connection is the answer to an invitation of ours."""


@dataclass(frozen=True)
class Seen:
    """What was seen between an account and a lead, when, and how it is known (`run:run_…`, `sync`, …)."""

    state: State
    at: datetime
    source: str
    since: datetime | None = None
    """When it came to be so, where that is told: a connection's date."""


async def observe(
    db: AsyncSession, account_id: UUID, lead_id: UUID, seen: Seen, now: datetime
) -> Relationship:
    """Take down what was seen; an older sight than the newest one changes nothing.

    A change is an event; a connection that answers our invitation is `connection_accepted` as well, and
    moves the lead's stage.
    """
    relation = await locked(db, account_id, lead_id, seen)
    if seen.at < relation.observed_at:
        return relation
    was, state = relation.state, meant(relation.state, seen.state)
    relation.observed_at = seen.at
    if was != state:
        relation.state, relation.since, relation.source = state, seen.since or seen.at, seen.source
        await db.flush()
        await tell(db, relation, was, now)
    await db.flush()
    return relation


async def locked(db: AsyncSession, account_id: UUID, lead_id: UUID, seen: Seen) -> Relationship:
    """The relationship's row, locked; a new one says nothing yet."""
    made = insert(cast(Table, Relationship.__table__)).values(
        account_id=account_id,
        lead_id=lead_id,
        state="none",
        since=seen.at,
        observed_at=seen.at,
        source=seen.source,
    )
    await db.execute(made.on_conflict_do_nothing())
    return await db.get_one(Relationship, (account_id, lead_id), with_for_update=True, populate_existing=True)


def meant(was: str, seen: State) -> State:
    """What the sight means after what was known: no connection any more is one that was removed."""
    if seen == "none" and was in ("connected", "removed"):
        return "removed"
    return "withdrawn" if seen == "none" and was == "withdrawn" else seen


async def tell(db: AsyncSession, relation: Relationship, was: str, now: datetime) -> None:
    """The events of a relationship that changed, and the stage that follows from it."""
    about = About(account_id=relation.account_id, lead_id=relation.lead_id)
    data = {
        "from": was,
        "to": relation.state,
        "since": relation.since.isoformat(),
        "observed_at": relation.observed_at.isoformat(),
        "source": relation.source,
    }
    is_accepted = relation.state == "connected" and was in ASKED
    accepted = [(now, "connection_accepted", about, data)] if is_accepted else []
    await append_events(db, [(now, "lead.relationship_changed", about, data), *accepted])
    if relation.state == "invited" or is_accepted:
        lead = await store.by_id(db, relation.lead_id, lock=True)
        to: Stage = "CONNECTED" if is_accepted else "PENDING"
        await stage.advance(db, lead, to, why=f"relationship:{relation.state}", by=relation.source, now=now)
