"""The queries that load and keep enrollments, with everything deciding needs, a batch at a time."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from typing import Final
from uuid import UUID

from sqlalchemy import TextClause, Uuid, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncSession

from overture import people
from overture.campaigns import closing
from overture.campaigns import sequence as sequences
from overture.campaigns.facts import Facts, RelationshipFact, TouchFact
from overture.campaigns.known import Known, Relation, Sign, known, suppressed
from overture.campaigns.sequence import Sequence as Plan
from overture.campaigns.settings import CampaignSettings
from overture.campaigns.tables import OVER, Campaign, Enrollment, SequenceVersion, Signal, Touch
from overture.core.errors import NotFound
from overture.core.ids import public_id
from overture.db import About, append_events, columns_of, fetch_all, values_of
from overture.people import Lead


async def campaign_by_id(db: AsyncSession, campaign_id: UUID, *, lock: bool = False) -> Campaign:
    """The campaign, or a refusal."""
    found = await db.get(Campaign, campaign_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(
            "campaign_not_found",
            f"There is no campaign {public_id('cmp', campaign_id)}.",
            fix="Look at GET /api/v1/campaigns for the campaigns there are.",
        )
    return found


async def enrollment_by_id(db: AsyncSession, enrollment_id: UUID, *, lock: bool = False) -> Enrollment:
    """The enrollment, or a refusal."""
    found = await db.get(Enrollment, enrollment_id, with_for_update=lock, populate_existing=lock)
    if found is None:
        raise NotFound(
            "enrollment_not_found",
            f"There is no enrollment {public_id('enr', enrollment_id)}.",
            fix="Look at GET /api/v1/enrollments for the enrollments there are.",
        )
    return found


@dataclass(frozen=True)
class Running:
    """A campaign as the planner works with it: its settings and published sequence, read once."""

    campaign: Campaign
    settings: CampaignSettings
    version_id: UUID | None
    sequence: Plan | None


@dataclass
class Shelf:
    """What was read already: sequences, which never change, and settings, by what they were read from."""

    plans: dict[UUID, Plan] = field(default_factory=dict)
    read: dict[UUID, tuple[object, CampaignSettings]] = field(default_factory=dict)

    def settings(self, campaign: Campaign) -> CampaignSettings:
        """The settings of a campaign as they stand."""
        given, found = self.read.get(campaign.id, (None, None))
        if found is None or given != campaign.settings:
            found = CampaignSettings.model_validate(campaign.settings)
            self.read[campaign.id] = campaign.settings, found
        return found

    async def plan(self, db: AsyncSession, version_id: UUID) -> Plan:
        """The sequence of a version."""
        found = self.plans.get(version_id)
        if found is None:
            version = await db.get_one(SequenceVersion, version_id)
            found = self.plans[version_id] = sequences.sequence_of(version.body)
        return found


CAMPAIGNS: Final = text(
    f"select {columns_of(Campaign, 'c')} from campaigns c where c.campaign_id = any(:ids)"
)


async def running(db: AsyncSession, shelf: Shelf, campaign_ids: Collection[UUID]) -> dict[UUID, Running]:
    """These campaigns as they stand now, to look at."""
    rows = await fetch_all(db, Campaign, CAMPAIGNS, {"ids": list(campaign_ids)})
    return {
        one.id: Running(
            one,
            shelf.settings(one),
            one.version_id,
            await shelf.plan(db, one.version_id) if one.version_id is not None else None,
        )
        for one in rows
    }


@dataclass(frozen=True)
class Standing:
    """One enrollment with everything that decides what comes next, and what its texts are made of."""

    enrollment: Enrollment
    running: Running
    lead: Lead
    keys: Mapping[str, str]
    """One value of each kind of identity."""
    member_ids: frozenset[UUID]
    """All leads that are this person."""
    facts: Facts
    known: Known
    """What the query of its batch brought."""
    was: Plan | None = None
    """The sequence of the version it is on."""

    @property
    def about(self) -> About:
        """What its events are about."""
        return about(self.enrollment)

    @property
    def met_at(self) -> datetime | None:
        """Since when a thread with them is known to be theirs; None: it is not."""
        found = (one.met_at for one in self.known.of(self.member_ids))
        return max((at for at in found if at is not None), default=None)


async def standings(
    db: AsyncSession, shelf: Shelf, enrollments: Sequence[Enrollment], now: datetime
) -> list[Standing]:
    """These enrollments with their facts, in a fixed number of queries."""
    if not enrollments:
        return []
    by_campaign = await running(db, shelf, {one.campaign_id for one in enrollments})
    found = await known(db, {one.lead_id for one in enrollments}, [one.id for one in enrollments])
    day = now.astimezone(UTC).date()
    rests = {key: of.settings.rest_days.around(day) for key, of in by_campaign.items()}
    standing = []
    for one in enrollments:
        version_id, campaign_id = one.version_id, one.campaign_id
        was = await shelf.plan(db, version_id) if version_id is not None else None
        standing.append(_standing(one, by_campaign[campaign_id], found, was, rests[campaign_id]))
    return standing


async def is_suppressed(
    db: AsyncSession, standing: Sequence[Standing], now: datetime
) -> dict[UUID, people.Suppression]:
    """Whose lead is not to be contacted, of a batch that was read together."""
    return await suppressed(db, standing[0].known, {one.lead.id for one in standing}, now) if standing else {}


async def touches_of(db: AsyncSession, enrollment_ids: Collection[UUID]) -> dict[UUID, list[Touch]]:
    """The touches of each enrollment, oldest first."""
    found: dict[UUID, list[Touch]] = {}
    query = select(Touch).where(Touch.enrollment_id.in_(enrollment_ids)).order_by(Touch.planned_at, Touch.id)
    for touch in await db.scalars(query, execution_options={"populate_existing": True}):
        found.setdefault(touch.enrollment_id, []).append(touch)
    return found


async def signals_of(db: AsyncSession, lead_ids: Collection[UUID]) -> dict[UUID, list[Signal]]:
    """What was seen of each lead, oldest first."""
    found: dict[UUID, list[Signal]] = {}
    for signal in await db.scalars(select(Signal).where(Signal.lead_id.in_(lead_ids)).order_by(Signal.at)):
        found.setdefault(signal.lead_id, []).append(signal)
    return found


def _standing(
    enrollment: Enrollment, of: Running, found: Known, was: Plan | None, rests: frozenset[date]
) -> Standing:
    lead = found.rows[enrollment.lead_id]
    lead_id, members = enrollment.lead_id, found.people[enrollment.lead_id].all_ids
    whole = found.of(sorted(members, key=lambda one: one != lead_id) if len(members) > 1 else members)
    keys: dict[str, str] = {}
    for one in whole:
        for key in one.keys:
            keys.setdefault(key.kind, key.value)
    seats = {account_of(seat) for seat in enrollment.seats.values()} | {enrollment.account_id}
    relations = [said for one in whole for said in one.relations if said.account_id in seats]
    signs = [sign for one in whole for sign in one.signs]
    skips = of.settings.replied_before == "skip"
    facts = facts_of(enrollment, signs, found.touches.get(enrollment.id, []), skips=skips)
    facts.opened, facts.holidays = found.opened.get(enrollment.id, {}), rests
    facts.leaves_connections = of.settings.existing_connections == "ignore"
    _add_lead(facts, lead, keys, relations)
    return Standing(enrollment, of, lead, keys, members, facts, found, was)


@lru_cache(maxsize=4_096)
def account_of(seat: object) -> UUID:
    """The account of a seat, as JSON holds it; many leads share each."""
    return UUID(str(seat))


def facts_of(
    enrollment: Enrollment, signals: Sequence[Sign], touches: Iterable[TouchFact], *, skips: bool
) -> Facts:
    """What the enrollment's row, its touches and what was seen of the person since say.

    With `skips`, what came before and was seen only since counts too: who was known to have answered would
    not have been enrolled.
    """
    facts = Facts(
        enrolled_at=enrollment.enrolled_at,
        step=enrollment.step,
        entered_at=enrollment.entered_at,
        round=enrollment.round,
        fallback=enrollment.fallback,
        touches=tuple(touches),
        closing_look_until=enrollment.next_action_at if is_closing_look_made(enrollment) else None,
        score=enrollment.priority,
    )
    if signals:
        _add_signs(facts, signals, skips=skips)
    return facts


def _add_signs(facts: Facts, signals: Sequence[Sign], *, skips: bool) -> None:
    """Add to the facts what was seen of the person."""
    heard = [
        one for one in signals if (one.seen_at if skips else one.at) >= facts.enrolled_at
    ]  # nothing is seen before it happens
    since = {
        kind: min((one.at for one in heard if one.kind == kind), default=None)
        for kind in ("replied", "opted_out", "declined", "manual_contact")
    }
    facts.replied_at, facts.opted_out_at = since["replied"], since["opted_out"]
    facts.declined_at, facts.manual_contact_at = since["declined"], since["manual_contact"]
    facts.bounced_at = min((one.at for one in signals if one.kind == "bounced"), default=None)
    away = (one.until for one in signals if one.kind == "auto_replied" and one.until)
    facts.auto_reply_until = max(away, default=None)


def _add_lead(facts: Facts, lead: Lead, keys: Mapping[str, str], relations: Sequence[Relation]) -> None:
    """Add to the facts what is known of the person."""
    newest = max(relations, key=lambda one: (one.state == "connected", one.observed_at), default=None)
    facts.fields = fields_of(lead, keys)
    kinds = set(keys) | {name for name in ("website", "phone") if facts.fields[name]}
    if kinds & {"linkedin_profile_id", "linkedin_member_id"}:
        kinds.add("linkedin")
    facts.relationship = relationship_fact(newest) if newest is not None else None
    facts.keys, facts.zone = frozenset(kinds), lead.zone or "UTC"


def relationship_fact(said: Relation) -> RelationshipFact:
    """A relationship as deciding sees it."""
    return RelationshipFact(said.state, said.since, said.observed_at)  # type: ignore[arg-type]


def is_closing_look_made(enrollment: Enrollment) -> bool:
    """Whether the wait for an acceptance is over but for the answer of the closing look."""
    return enrollment.reason == "waiting_accept" and enrollment.backoff_hours == NO_LOOK


NO_LOOK: Final = 0.0
"""The pause before the next look at an invitation when there will be none."""
PLAIN: Final = (
    *("first_name", "last_name", "full_name", "headline", "title", "location", "country", "website", "phone"),
)


def fields_of(lead: Lead, keys: Mapping[str, str]) -> dict[str, object]:
    """The lead's fields by the names templates and conditions use."""
    values = values_of(lead)
    found: dict[str, object] = {name: values[name] for name in PLAIN}
    found["company"] = found["company_name"] = values["company_name"]
    found["email"], found["linkedin_slug"] = keys.get("email"), keys.get("linkedin")
    custom = lead.custom
    found |= {f"custom.{name}": value for name, value in custom.items()}
    found["custom"] = dict(custom)
    return found


def about(enrollment: Enrollment) -> About:
    """What an enrollment's events are about."""
    return About(
        account_id=enrollment.account_id,
        lead_id=enrollment.lead_id,
        campaign_id=enrollment.campaign_id,
        enrollment_id=enrollment.id,
    )


STATE_FIELDS: Final = (
    *("state", "reason", "detail", "next_action_at", "lane", "step", "round", "fallback", "entered_at"),
    *("version_id", "account_id", "backoff_hours", "finished_at", "variants", "lead_id", "priority"),
)
"""What an enrollment's event says: all that ever changes of its row, so that the last event is the state."""


def state_of(enrollment: Enrollment) -> dict[str, object]:
    """The enrollment's row as its events have it."""
    return {name: plain_value(getattr(enrollment, name)) for name in STATE_FIELDS}


def plain_value(value: object) -> object:
    """A value as JSON holds it."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return str(value) if isinstance(value, UUID) else value


async def keep(
    db: AsyncSession,
    enrollments: Sequence[Enrollment],
    now: datetime,
    why: str = "planned",
    by: str = "planner",
) -> None:
    """Write the enrollments that changed, and one event for each: `enrollment.changed`, or `.finished`."""
    left = [one.id for one in enrollments if closing.has_left(one)]
    await db.flush()
    await append_events(
        db,
        [
            (
                now,
                "enrollment.finished" if one.state in OVER else "enrollment.changed",
                about(one),
                {**state_of(one), "why": why, "by": by},
            )
            for one in enrollments
        ],
    )
    await closing.close_of(db, left, now)


EVENT_OF_ROW: Final = """
jsonb_build_object('state', state, 'reason', reason, 'detail', detail, 'next_action_at', next_action_at,
    'lane', lane, 'step', step, 'round', round, 'fallback', fallback, 'entered_at', entered_at,
    'version_id', version_id, 'account_id', account_id, 'backoff_hours', backoff_hours,
    'finished_at', finished_at, 'variants', variants, 'lead_id', lead_id, 'priority', priority,
    'why', cast(:why as text), 'by', cast(:by as text))
"""
"""`state_of`, said in SQL: for changes of many rows at once."""


def telling(changing: str, kind: str = "enrollment.changed") -> str:
    """The statement that changes many enrollments and writes the event of each."""
    return f"""
with changed as ({changing} returning *)
insert into events (at, type, account_id, lead_id, campaign_id, enrollment_id, data)
select :now, '{kind}', account_id, lead_id, campaign_id, enrollment_id, {EVENT_OF_ROW}
from changed order by enrollment_id
"""


@cache
def due_query(most: int) -> TextClause:
    """What is due. The limit stands in it: planned for any, all that is due would be sorted for a few."""
    return text(f"""
select {columns_of(Enrollment, "e")} from enrollments e
where state = 'active' and reason <> 'queued' and next_action_at is not null and next_action_at <= :now
order by next_action_at, enrollment_id limit {most:d} for update skip locked
""")


async def due(db: AsyncSession, now: datetime, most: int) -> list[Enrollment]:
    """The enrollments whose time has come, longest due first, locked; those another planner has are left.

    They belong to no session: what becomes of them is written by `keeping.keep_changes`.
    """
    return await fetch_all(db, Enrollment, due_query(most), {"now": now})


OF_LEADS: Final = (
    select(Enrollment)
    .where(
        Enrollment.lead_id == func.any(bindparam("ids", type_=ARRAY(Uuid))),
        Enrollment.state.in_(("active", "paused")),
    )
    .order_by(Enrollment.id)
    .with_for_update()
)


async def of_leads(db: AsyncSession, lead_ids: Collection[UUID]) -> list[Enrollment]:
    """Every enrollment of these leads that is not over, locked."""
    asked = {"ids": list(lead_ids)}
    rows = await db.scalars(OF_LEADS, asked, execution_options={"populate_existing": True})
    return list(rows)
