"""What is known of many people at once: keys, employers, touches, sights and relationships, in one query."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.facts import TouchFact
from overture.db import fetch
from overture.people import Key, Lead, Person, Suppression, in_order, persons_and_leads, suppression

RETRYABLE: Final = frozenset(
    {
        *("transient", "ui_changed", "internal_error", "worker_lost", "attempt_timeout", "not_delivered"),
        *("act_window_passed", "act_window_closed", "api_changed", "browser_error", "browser_missing"),
        *("browser_start", "browser_timeout", "composer_missing", "composer_unstable", "confirm_missing"),
        *("control_blocked", "csrf_invalid", "database_away", "dialog_not_opened", "empty_page"),
        *("fence_lost", "no_write_seen", "not_prepared", "page_gone", "query_id_rotated", "read_failed"),
        *("read_refused", "relationship_unknown", "selector_drift", "send_disabled", "session_expired"),
        *("session_suspect", "state_unclear", "tray_not_found", "unknown_modal", "unknown_shape"),
        *("unreachable", "worker_stopped", "throttled", "identity_mismatch", "text_mismatch"),
    }
)
"""Failures that say nothing of the person: the same may be tried again. Every other one is definitive."""


@dataclass(slots=True)
class Sign:
    """Something seen of a person, as deciding needs it."""

    kind: str
    at: datetime
    until: datetime | None
    seen_at: datetime


@dataclass(slots=True)
class Relation:
    """What an account is to a lead, as deciding needs it."""

    account_id: UUID
    state: str
    since: datetime
    observed_at: datetime


@dataclass
class OfLead:
    """What is known of one lead, not counting others that are the same person."""

    keys: list[Key] = field(default_factory=list)
    since: dict[Key, datetime] = field(default_factory=dict)
    """When each key was given."""
    met_at: datetime | None = None
    """Since when their profile id, by which an inbox names people, is known."""
    employer: suppression.Known = field(default_factory=suppression.Known)
    signs: list[Sign] = field(default_factory=list)
    relations: list[Relation] = field(default_factory=list)


@dataclass
class Known:
    """What one query brought."""

    people: Mapping[UUID, Person]
    rows: Mapping[UUID, Lead] = field(default_factory=dict)
    """The leads that were asked for, as they are."""
    leads: dict[UUID, OfLead] = field(default_factory=dict)
    touches: dict[UUID, list[TouchFact]] = field(default_factory=dict)
    """By enrollment, oldest first."""
    opened: dict[UUID, dict[str, datetime]] = field(default_factory=dict)
    """By enrollment and step, when its e-mail was first opened."""

    def of(self, lead_ids: Collection[UUID]) -> list[OfLead]:
        """What is known of each of these."""
        return [found for one in lead_ids if (found := self.leads.get(one)) is not None]


# Rows of six kinds in one shape: whose it is, what it is, four texts, two numbers, an id and three instants.
KNOWN: Final = text("""
select lead_id, 'key', kind, value, null, null, cast(null as smallint), cast(null as smallint),
    cast(null as uuid), created_at, cast(null as timestamptz), cast(null as timestamptz)
from identities where lead_id = any(:leads)
union all
select l.lead_id, 'employer', l.company_name, l.website, c.name_key, c.domain, null, null,
    null, null, null, null
from leads l left join companies c on c.company_id = l.company_id where l.lead_id = any(:leads)
union all
select lead_id, 'sign', kind, null, null, null, null, null, null, at, until, seen_at
from signals where lead_id = any(:leads)
union all
select lead_id, 'relation', state, null, null, null, null, null, account_id, observed_at, since, null
from relationships where lead_id = any(:leads)
union all
select t.enrollment_id, 'opened', t.step, null, null, null, null, null, null, min(s.at), null, null
from touches t join signals s on s.run_id = t.run_id and s.kind = 'opened'
where t.enrollment_id = any(:enrollments) and t.channel = 'email' group by t.enrollment_id, t.step
union all
(select enrollment_id, 'touch', step, state, code, null, round, fallback, null, planned_at, ended_at, null
from touches where enrollment_id = any(:enrollments) order by planned_at, touch_id)
""")


async def known(db: AsyncSession, lead_ids: Collection[UUID], enrollment_ids: Collection[UUID]) -> Known:
    """Everything about these leads and whoever is the same person, and the touches of the enrollments."""
    found = Known(*await persons_and_leads(db, lead_ids))
    everybody = {one for person in found.people.values() for one in person.all_ids}
    rows = await fetch(db, KNOWN, {"leads": list(everybody), "enrollments": list(enrollment_ids)})
    for row in rows:
        whose, what = row[0], row[1]
        if what == "touch":
            found.touches.setdefault(whose, []).append(touch_fact(row))
        elif what == "opened":
            found.opened.setdefault(whose, {})[row[2]] = row[9]
        else:
            lead = found.leads.get(whose)
            if lead is None:
                lead = found.leads[whose] = OfLead()
            take_down(lead, what, row)
    for one in found.leads.values():
        one.keys = in_order(one.since)
        one.signs.sort(key=lambda sign: sign.at)
    return found


def take_down(lead: OfLead, what: str, row: Sequence[Any]) -> None:
    """One row about a lead."""
    at: datetime = row[9]
    match what:
        case "key":
            lead.since[Key(row[2], row[3])] = at
            if row[2] == "linkedin_profile_id" and at is not None:
                lead.met_at = max(at, lead.met_at or at)
        case "employer":
            lead.employer = suppression.employer(row[2], row[3], row[4], row[5])
        case "sign":
            lead.signs.append(Sign(kind=row[2], at=at, until=row[10], seen_at=row[11]))
        case _:
            lead.relations.append(Relation(row[8], row[2], since=row[10], observed_at=at))


def touch_fact(row: Sequence[Any]) -> TouchFact:
    """A touch as deciding sees it."""
    step, state, code, _, number, fallback, _, planned_at, ended_at, _ = row[2:]
    is_retryable = code in RETRYABLE or (state == "cancelled" and code != "skipped")
    return TouchFact(step, number, fallback, state, code, is_retryable, planned_at, ended_at)


async def suppressed(
    db: AsyncSession, found: Known, lead_ids: Collection[UUID], now: datetime
) -> dict[UUID, Suppression]:
    """Who of these leads is not to be contacted, by all that is known of them."""
    asked = {}
    for lead_id in lead_ids:
        members = found.people[lead_id].all_ids
        whole = found.of(members)
        asked[lead_id] = suppression.Known(
            keys=frozenset(key for one in whole for key in one.keys),
            companies=frozenset().union(*(one.employer.companies for one in whole)),
            domains=frozenset().union(*(one.employer.domains for one in whole)),
            leads=members,
        )
    return await suppression.of(db, asked, now)
