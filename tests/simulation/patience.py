"""How long the product may need to learn of what people did; with what a plan lets it read, and how often."""

from datetime import timedelta
from itertools import pairwise
from typing import Final

from .plan import Plan
from .society import Person
from .texts import WAITED_FOR_DAYS

PATIENCE: Final = timedelta(days=10)
"""A lost acceptance is found by looks that double: 24 h, 48 h, 96 h; then a delay, a weekend and a quota."""
OVERLAP: Final = timedelta(days=1)
"""As late as a list may show an acceptance for the next reading of it to tell."""
AFTERWARDS: Final = timedelta(days=2)
"""How long a delay, a weekend and a quota take."""
WAITED_FOR: Final = timedelta(days=WAITED_FOR_DAYS)
"""Whose acceptance comes later finds the campaign over for them."""
WEEKEND: Final = timedelta(hours=68)


def until_greeted(plan: Plan, person: Person) -> timedelta:
    """How long after an acceptance its message may be out: an acceptance that the lists do not tell is only
    found by a look at the invitation, and the longest time between two of them is the plan's.
    """
    if not person.is_lost and person.listed_late <= OVERLAP:
        return PATIENCE
    first = timedelta(hours=plan.check_after_h)
    between = [first * times for times in (1, 3, 7, 15, 31) if first * times < WAITED_FOR]
    looks = [timedelta(), *between, WAITED_FOR]
    return max(later - sooner for sooner, later in pairwise(looks)) + AFTERWARDS


def until_read(plan: Plan) -> timedelta:
    """How long an answer may stay unread: a weekend may lie between two readings of an inbox."""
    return WEEKEND + plan.inbox_every
