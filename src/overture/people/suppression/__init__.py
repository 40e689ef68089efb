"""Whom never to contact: a person under all their keys, an address, a domain, a company, a LinkedIn member.

Asked at import, at enrolment, by the planner, and at the gate of every run that reaches a person, whoever
submitted it. An opt-out never expires; what is left of an erased person is a hash of each key (tombstone).
"""

from overture.people.suppression.change import Added, Wanted, add, carry, lift, lift_as_admin
from overture.people.suppression.gate import veto
from overture.people.suppression.known import (
    Known,
    employed,
    employer,
    is_suppressed,
    known_of,
    of,
    strength,
)
from overture.people.suppression.list import SuppressionFilter, by_id, find, live, page
from overture.people.suppression.reach import meant
from overture.people.suppression.spelling import WISHES, SuppressionKind, SuppressionReason, canonical

__all__ = [
    "WISHES",
    "Added",
    "Known",
    "SuppressionFilter",
    "SuppressionKind",
    "SuppressionReason",
    "Wanted",
    "add",
    "by_id",
    "canonical",
    "carry",
    "employed",
    "employer",
    "find",
    "is_suppressed",
    "known_of",
    "lift",
    "lift_as_admin",
    "live",
    "meant",
    "of",
    "page",
    "strength",
    "veto",
]
