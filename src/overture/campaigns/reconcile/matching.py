"""Whom of the leads the connections are, by keys alone: the id that stays, the number in it, then the name.

An id is somebody's for ever; a name may have changed hands, so it counts only for a lead without another id.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from overture.campaigns.reconcile.scope import Sought
from overture.inbox.whose import SLUG, is_another
from overture.people import Key
from overture.people.keys import words_of
from overture.touchpoints import Relation

LASTING: Final = frozenset({"linkedin_profile_id", "linkedin_member_id"})
READABLE: Final = ("linkedin", "sales_navigator")
"""Names by which a profile can be read: the one of the profile's address before another product's id."""

WhyStranger = Literal["no_lead", "out_of_scope", "name_changed_hands"]
"""Why a connection is none of the leads in scope."""
WhyUnmatched = Literal["not_connected", "not_reached", "not_resolved", "no_linkedin_key"]
"""Why a lead is none of the connections: their id is not among them; is not among those that were read; only
a name is known that is not among them; nothing is known that LinkedIn would know.
"""


@dataclass(frozen=True)
class Match:
    """A lead that is one of the connections."""

    lead: Sought
    relation: Relation
    by: Key


@dataclass
class Matching:
    """Who is who."""

    matches: list[Match] = field(default_factory=list)
    strangers: list[tuple[Relation, WhyStranger]] = field(default_factory=list)
    unmatched: list[tuple[Sought, WhyUnmatched]] = field(default_factory=list)

    def unresolved(self) -> list[Sought]:
        """Leads of whom only a name is known, those first whose own name one of the strangers has."""
        found = [lead for lead, why in self.unmatched if why == "not_resolved"]
        if not found:
            return []
        names = {name_of(relation.full_name) for relation, _ in self.strangers} - {""}
        return sorted(found, key=lambda lead: (name_of(lead.name) not in names, lead.lead_id))


@dataclass(frozen=True)
class Listed:
    """A connection, and the keys it is listed under, the surest first."""

    relation: Relation
    keys: tuple[Key, ...]


def match(
    listed: Iterable[Listed],
    sought: Mapping[UUID, Sought],
    owners: Mapping[Key, tuple[UUID, Sequence[Key]]],
    *,
    is_all: bool,
) -> Matching:
    """Match connections and leads. `owners`: whose each key is, and all keys of whose it is."""
    found = Matching()
    met: dict[UUID, Match] = {}
    for one in listed:
        why = take(met, one, sought, owners)
        if why is not None:
            found.strangers.append((one.relation, why))
    found.matches = [met[lead_id] for lead_id in sorted(met)]
    found.unmatched = [
        (lead, why_unmatched(lead, is_all=is_all)) for lead in sought.values() if lead.lead_id not in met
    ]
    return found


def take(
    met: dict[UUID, Match],
    listed: Listed,
    sought: Mapping[UUID, Sought],
    owners: Mapping[Key, tuple[UUID, Sequence[Key]]],
) -> WhyStranger | None:
    """Note whom of the leads a connection is; why it is none."""
    why: WhyStranger | None = "no_lead"
    for key in listed.keys:
        if key not in owners:
            continue
        lead_id, known = owners[key]
        if key.kind == SLUG and is_another(listed.keys, known):
            why = "name_changed_hands" if why == "no_lead" else why
        elif lead_id in sought:
            met.setdefault(lead_id, Match(sought[lead_id], listed.relation, key))
            why = None
        else:
            why = why and "out_of_scope"
    return why


def why_unmatched(lead: Sought, *, is_all: bool) -> WhyUnmatched:
    """Why a lead is none of the connections."""
    kinds = {key.kind for key in lead.keys}
    if kinds & LASTING:
        return "not_connected" if is_all else "not_reached"
    return "not_resolved" if kinds & set(READABLE) else "no_linkedin_key"


def name_to_read(lead: Sought) -> str | None:
    """By what name the lead's profile is read."""
    names = {key.kind: key.value for key in reversed(lead.keys)}
    return next((names[kind] for kind in READABLE if kind in names), None)


def name_of(text: str | None) -> str:
    """A person's name in one spelling."""
    return " ".join(sorted(words_of(text or "")))
