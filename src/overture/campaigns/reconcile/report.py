"""What came of a reconciliation: counts, and a sample of whom nobody was found for."""

from collections.abc import Sequence
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from overture.campaigns.reconcile.matching import Matching
from overture.core.ids import public_id

T = TypeVar("T")
R = TypeVar("R", bound=str)

SAMPLE: Final = 20
"""Of each side."""
WORDS: Final = {
    "linkedin_profile_id": "profile_id",
    "linkedin_member_id": "member_number",
    "linkedin": "name",
    "sales_navigator": "sales_navigator",
}
"""By what key somebody was matched, in the report's words."""
READ: Final = "profile_read"


class Counts(BaseModel):
    """How far a reconciliation is, and what came of it so far."""

    model_config = ConfigDict(extra="ignore")

    relations_read: int = Field(default=0, description="Connections that were read.")
    relations_total: int | None = Field(default=None, description="How many there are, where that is told.")
    is_complete: bool = Field(default=False, description="Whether the whole list was read.")
    pages: int = Field(default=0, description="Answers it took to read them, where they are counted.")
    unreadable: int = Field(default=0, description="Rows of the list without a member behind them.")
    leads_in_scope: int = 0
    matched: int = Field(default=0, description="Leads that are among the connections.")
    matched_by: dict[str, int] = Field(
        default_factory=dict, description="The same by the key that told.", examples=[{"profile_id": 71}]
    )
    already_connected: int = Field(default=0, description="Of those matched, whose connection was known.")
    newly_connected: int = Field(
        default=0, description="Leads whose connection was found by this; of a rehearsal, would be."
    )
    profile_reads: int = Field(default=0, description="Profiles read, at most one for each lead.")
    profile_reads_planned: int = Field(default=0, description="Profiles that were to be read.")
    read_lately: int = Field(default=0, description="Not read again: it was tried in the last 30 days.")
    resolved: int = Field(default=0, description="Leads whose lasting id a profile read told.")
    unresolved: int = Field(default=0, description="Leads of whom only a name is known that matches nobody.")
    unmatched_leads: int = Field(default=0, description="Leads in scope that are not among them.")
    unmatched_relations: int = Field(default=0, description="Connections that are no lead in scope.")


def matched_by(found: Matching, before: Counts) -> dict[str, int]:
    """How many were matched by each kind of key; those that came after profiles were read, by that."""
    if before.profile_reads:
        later = len(found.matches) - sum(before.matched_by.values())
        return {**before.matched_by, **({READ: later} if later > 0 else {})}
    counts: dict[str, int] = {}
    for one in found.matches:
        word = WORDS.get(one.by.kind, one.by.kind)
        counts[word] = counts.get(word, 0) + 1
    return dict(sorted(counts.items()))


def sample(found: Matching) -> dict[str, object]:
    """Some of those on either side for whom nobody was found, of every reason some."""
    leads = spread([(one, why) for one, why in found.unmatched])
    strangers = spread([(one, why) for one, why in found.strangers])
    return {
        "leads": [
            {
                "lead_id": public_id("lead", lead.lead_id),
                "reason": why,
                "relationship": lead.state,
                "known_by": sorted({key.kind for key in lead.keys}),
            }
            for lead, why in leads
        ],
        "relations": [
            {
                "profile_id": relation.profile_id,
                "public_identifier": relation.public_identifier,
                "full_name": relation.full_name,
                "connected_at": relation.connected_at.isoformat() if relation.connected_at else None,
                "reason": why,
            }
            for relation, why in strangers
        ],
    }


def spread(rows: Sequence[tuple[T, R]]) -> Sequence[tuple[T, R]]:
    """A few rows, the reasons in turn: a rare one is not hidden behind a frequent one."""
    by_reason: dict[R, list[tuple[T, R]]] = {}
    for row in rows:
        by_reason.setdefault(row[1], []).append(row)
    found: list[tuple[T, R]] = []
    for place in range(SAMPLE):
        found += [of[place] for of in by_reason.values() if place < len(of)]
    return found[:SAMPLE]
