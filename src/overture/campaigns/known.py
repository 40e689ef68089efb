"""What is known of many people at once: keys, employers, touches, sights and relationships, in one query."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from overture.campaigns.facts import TouchFact
from overture.db import fetch
from overture.people import Key, Person, Suppression, in_order, persons, suppression

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


@dataclass(frozen=True)
class Sign:
    """Something seen of a person, as deciding needs it."""

    kind: str
    at: datetime
    until: datetime | None
    seen_at: datetime


@dataclass(frozen=True)
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
    leads: dict[UUID, OfLead] = field(default_factory=dict)
    touches: dict[UUID, list[TouchFact]] = field(default_factory=dict)
    """By enrollment, oldest first."""
    opened: dict[UUID, dict[str, datetime]] = field(default_factory=dict)
    """By enrollment and step, when its e-mail was first opened."""

    def of(self, lead_ids: Collection[UUID]) -> Iterator[OfLead]:
        """What is known of each of these."""
        return (self.leads[one] for one in lead_ids if one in self.leads)


# Rows of six kinds in one shape: whose it is, what it is, and a JSON list of its fields.
KNOWN: Final = text("""
select lead_id, 'key', jsonb_build_array(kind, value), created_at, cast(null as timestamptz)
from identities where lead_id = any(:leads)
union all
select l.lead_id, 'employer', jsonb_build_array(l.company_name, l.website, c.name_key, c.domain), null, null
from leads l left join companies c on c.company_id = l.company_id where l.lead_id = any(:leads)
union all
select lead_id, 'sign', jsonb_build_array(kind, seen_at), at, until from signals where lead_id = any(:leads)
union all
select lead_id, 'relation', jsonb_build_array(account_id, state), observed_at, since
from relationships where lead_id = any(:leads)
union all
select t.enrollment_id, 'opened', jsonb_build_array(t.step), min(s.at), null
from touches t join signals s on s.run_id = t.run_id and s.kind = 'opened'
where t.enrollment_id = any(:enrollments) and t.channel = 'email' group by t.enrollment_id, t.step
union all
(select enrollment_id, 'touch', jsonb_build_array(step, round, fallback, state, code), planned_at, ended_at
from touches where enrollment_id = any(:enrollments) order by planned_at, touch_id)
""")


async def known(db: AsyncSession, lead_ids: Collection[UUID], enrollment_ids: Collection[UUID]) -> Known:
    """Everything about these leads and whoever is the same person, and the touches of the enrollments."""
    found = Known(await persons(db, lead_ids))
    everybody = {one for person in found.people.values() for one in person.all_ids}
    rows = await fetch(db, KNOWN, {"leads": list(everybody), "enrollments": list(enrollment_ids)})
    for whose, what, fields, at, until in rows:
        if what == "touch":
            found.touches.setdefault(whose, []).append(touch_fact(fields, at, until))
        elif what == "opened":
            found.opened.setdefault(whose, {})[fields[0]] = at
        else:
            take_down(found.leads.setdefault(whose, OfLead()), what, fields, at, until)
    for one in found.leads.values():
        one.keys = in_order(one.since)
        one.signs.sort(key=lambda sign: sign.at)
    return found


def take_down(
    lead: OfLead, what: str, fields: Sequence[Any], at: datetime | None, until: datetime | None
) -> None:
    """One row about a lead."""
    match what:
        case "key":
            lead.since[Key(*fields)] = cast(datetime, at)
            if fields[0] == "linkedin_profile_id" and at is not None:
                lead.met_at = max(at, lead.met_at or at)
        case "employer":
            name, website, name_key, domain = fields
            lead.employer = suppression.employed((name,), (website, domain), (name_key,))
        case "sign":
            kind, seen_at = fields
            lead.signs.append(Sign(kind, cast(datetime, at), until, datetime.fromisoformat(seen_at)))
        case _:
            account_id, state = UUID(fields[0]), fields[1]
            lead.relations.append(Relation(account_id, state, cast(datetime, until), cast(datetime, at)))


def touch_fact(fields: Sequence[Any], planned_at: datetime, ended_at: datetime | None) -> TouchFact:
    """A touch as deciding sees it."""
    step, number, fallback, state, code = fields
    is_retryable = code in RETRYABLE or (state == "cancelled" and code != "skipped")
    return TouchFact(step, number, fallback, state, code, is_retryable, planned_at, ended_at)


async def suppressed(
    db: AsyncSession, found: Known, lead_ids: Collection[UUID], now: datetime
) -> dict[UUID, Suppression]:
    """Who of these leads is not to be contacted, by all that is known of them."""
    asked = {}
    for lead_id in lead_ids:
        members = found.people[lead_id].all_ids
        whole = list(found.of(members))
        asked[lead_id] = suppression.Known(
            keys=frozenset(key for one in whole for key in one.keys),
            companies=frozenset(name for one in whole for name in one.employer.companies),
            domains=frozenset(name for one in whole for name in one.employer.domains),
            leads=members,
        )
    return await suppression.of(db, asked, now)
