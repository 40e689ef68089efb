"""What an account and a lead are to each other: changed by what was seen and by own runs, never by a plan."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.util import identity_key

from overture.db import About, Entry, append_events, as_json, carry_out, columns_of, fetch_all, flush_changes
from overture.people import stage, store
from overture.people.tables import Lead, Relationship, Stage
from overture.touchpoints.profile import RelationshipState

State = Literal["none", "invited", "incoming", "connected", "withdrawn", "removed", "lapsed"]
"""`lapsed`: our invitation is gone and they are not connected: declined, expired, or taken back by hand."""

OF_PROFILE: Final[dict[RelationshipState, State]] = {
    RelationshipState.CONNECTED: "connected",
    RelationshipState.PENDING: "invited",
    RelationshipState.INCOMING: "incoming",
    RelationshipState.NONE: "lapsed",
}
"""What a profile says; of oneself and of what could not be read it says nothing. One that offers to connect
would have told of an invitation: if there was one, it is gone."""
LISTED_WITHIN: Final = timedelta(days=1)
"""How long an invitation may not be shown although it went out."""
ASKED: Final = frozenset({"invited", "withdrawn", "lapsed"})
"""States in which a connection is the answer to an invitation of ours."""


@dataclass(frozen=True)
class Seen:
    """What was seen between an account and a lead, when, and how it is known (`run:run_…`, `sync`, …)."""

    state: State
    at: datetime
    source: str
    since: datetime | None = None
    """When it came to be so, where that is told: a connection's date."""


@dataclass(frozen=True)
class Observed:
    """One sight, and whose it is."""

    account_id: UUID
    lead_id: UUID
    seen: Seen

    @property
    def pair(self) -> tuple[UUID, UUID]:
        """Account and lead."""
        return self.account_id, self.lead_id


async def observe(
    db: AsyncSession, account_id: UUID, lead_id: UUID, seen: Seen, now: datetime
) -> Relationship:
    """Take down what was seen; an older sight than the newest one changes nothing.

    A change is an event; a connection that answers our invitation is `connection_accepted` as well, and
    moves the lead's stage; one that was there before is `connection_accepted_historical`.
    """
    return (await observe_all(db, [Observed(account_id, lead_id, seen)], now))[account_id, lead_id]


async def observe_all(
    db: AsyncSession, observed: Sequence[Observed], now: datetime
) -> dict[tuple[UUID, UUID], Relationship]:
    """The same of many sights, in their order, in a fixed number of statements."""
    if not observed:
        return {}
    relations = await locked(db, observed)
    entries: list[Entry] = []
    brought: dict[UUID, list[Further]] = {}
    newer: dict[tuple[UUID, UUID], Relationship] = {}
    for one in observed:
        relation, seen = relations[one.pair], one.seen
        if seen.at < relation.observed_at:
            continue
        was, state = relation.state, meant(relation.state, relation.since, seen)
        relation.observed_at, newer[one.pair] = seen.at, relation
        if was == state:
            continue
        relation.state, relation.since, relation.source = state, seen.since or seen.at, seen.source
        entries += told(relation, was, now)
        is_accepted = state == "connected" and was in ASKED
        if state == "invited" or is_accepted:
            to: Stage = "CONNECTED" if is_accepted else "PENDING"
            brought.setdefault(one.lead_id, []).append(Further(to, f"relationship:{state}", seen.source))
    await keep(db, newer.values())
    entries += await bring_on(db, brought, now)
    await flush_changes(db)
    await append_events(db, entries)
    return relations


BEGIN: Final = text("""
insert into relationships (account_id, lead_id, state, since, observed_at, source)
select account_id, lead_id, 'none', at, at, source
from jsonb_to_recordset(cast(:pairs as jsonb))
    as pair(account_id uuid, lead_id uuid, at timestamptz, source text)
order by account_id, lead_id
on conflict do nothing
""")
LOCK: Final = text(f"""
select {columns_of(Relationship, "r")}
from unnest(cast(:accounts as uuid[]), cast(:leads as uuid[])) as pair(account_id, lead_id)
join relationships r using (account_id, lead_id)
order by r.account_id, r.lead_id for update of r
""")


async def locked(db: AsyncSession, observed: Sequence[Observed]) -> dict[tuple[UUID, UUID], Relationship]:
    """The relationships' rows, locked in one order; a new one says nothing yet. They belong to no session."""
    first = {one.pair: one for one in reversed(observed)}
    pairs = [
        {
            "account_id": one.account_id,
            "lead_id": one.lead_id,
            "at": one.seen.at,
            "source": one.seen.source,
        }
        for one in first.values()
    ]
    await carry_out(db, BEGIN, {"pairs": as_json(pairs)})
    accounts, leads = zip(*first, strict=True)
    rows = await fetch_all(db, Relationship, LOCK, {"accounts": list(accounts), "leads": list(leads)})
    return {(one.account_id, one.lead_id): one for one in rows}


KEEP: Final = text("""
update relationships r
set state = new.state, since = new.since, observed_at = new.observed_at, source = new.source
from jsonb_to_recordset(cast(:rows as jsonb)) as new(account_id uuid, lead_id uuid, state text,
    since timestamptz, observed_at timestamptz, source text)
where r.account_id = new.account_id and r.lead_id = new.lead_id
""")


async def keep(db: AsyncSession, relations: Collection[Relationship]) -> None:
    """Write these rows, which are locked: a reading lists everybody, and each was seen anew."""
    rows = [
        {
            "account_id": one.account_id,
            "lead_id": one.lead_id,
            "state": one.state,
            "since": one.since,
            "observed_at": one.observed_at,
            "source": one.source,
        }
        for one in relations
    ]
    if rows:
        await carry_out(db, KEEP, {"rows": as_json(rows)})


def meant(was: str, since: datetime, seen: Seen) -> State:
    """What the sight means after what was known: no connection any more is one that was removed.

    `none` only says that they are not connected, nothing of an invitation; `lapsed` says that there is none.
    """
    if seen.state not in ("none", "lapsed"):
        return seen.state
    match was:
        case "connected" | "removed":
            return "removed"
        case "withdrawn" | "lapsed":
            return was
        case "invited" if seen.state == "lapsed":
            return "lapsed" if seen.at - since >= LISTED_WITHIN else "invited"
        case "invited" | "incoming" if seen.state == "none":
            return was
        case _:
            return "none"


def told(relation: Relationship, was: str, now: datetime) -> list[Entry]:
    """The events of a relationship that changed."""
    about = About(account_id=relation.account_id, lead_id=relation.lead_id)
    data = {
        "from": was,
        "to": relation.state,
        "since": relation.since.isoformat(),
        "observed_at": relation.observed_at.isoformat(),
        "source": relation.source,
    }
    entries: list[Entry] = [(now, "lead.relationship_changed", about, data)]
    if relation.state == "connected" and was in ASKED:
        entries.append((now, "connection_accepted", about, data))
    if relation.state == "connected" and was == "none":
        entries.append((now, "connection_accepted_historical", about, data))
    return entries


@dataclass(frozen=True)
class Further:
    """How far a sight brings a lead."""

    to: Stage
    why: str
    by: str


async def bring_on(db: AsyncSession, wanted: Mapping[UUID, Sequence[Further]], now: datetime) -> list[Entry]:
    """The stages that follow, and their events."""
    if not wanted:
        return []
    moved: dict[UUID, Lead] = {}
    entries: list[Entry] = []
    for lead in await store.locked_rows(db, wanted):
        for one in wanted[lead.id]:
            if stage.may_advance(lead, one.to):
                entries.append(stage.changed(lead, one.to, now, why=one.why, by=one.by, manual=False))
                moved[lead.id] = lead
    await keep_stages(db, moved.values(), now)
    return entries


STAGES: Final = text("""
update leads l set stage = new.stage, updated_at = :now
from jsonb_to_recordset(cast(:rows as jsonb)) as new(lead_id uuid, stage text)
where l.lead_id = new.lead_id
""")


async def keep_stages(db: AsyncSession, leads: Collection[Lead], now: datetime) -> None:
    """Write the stages of these rows, which are locked; the session's own leads are at them as well."""
    if not leads:
        return
    rows = [{"lead_id": one.id, "stage": one.stage} for one in leads]
    await carry_out(db, STAGES, {"rows": as_json(rows), "now": now})
    for one in leads:
        own = db.sync_session.identity_map.get(identity_key(Lead, one.id))
        if own is not None:
            set_committed_value(own, "stage", one.stage)
            set_committed_value(own, "updated_at", now)
