"""Where live enrollments go when a new version of their sequence is published: their own step, or the next
one of the old order that is still there.
"""

from collections.abc import Mapping
from dataclasses import replace

from overture.campaigns.facts import Facts
from overture.campaigns.sequence import END, Sequence


def moves(old: Sequence, new: Sequence) -> Mapping[str, str | None]:
    """For each step of the old sequence the step of the new one; None: there is none left, it is over."""
    found: dict[str, str | None] = {}
    for step in old.steps:
        here: str = step.id
        passed: set[str] = set()
        while here != END and here not in new.by_id and here not in passed:
            passed.add(here)
            here = old.target(here, old.by_id[here].next)
        found[step.id] = here if here in new.by_id else None
    return found


def moved(old: Sequence | None, new: Sequence, facts: Facts) -> Facts | None:
    """The facts of an enrollment on the new version; None when nothing is left of its way."""
    if facts.step is None or facts.step in new.by_id:
        return facts
    to = moves(old, new).get(facts.step) if old is not None else None
    if to is None:
        return None
    first = 1 + max((touch.round for touch in facts.touches if touch.step == to), default=-1)
    return replace(facts, step=to, round=first, fallback=0)
