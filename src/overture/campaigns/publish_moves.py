"""Where live enrollments go when a new version of their sequence is published: their own step, or the next
one of the old order that is still there.
"""

from collections.abc import Mapping
from dataclasses import replace

from overture.campaigns.facts import Facts
from overture.campaigns.sequence import END, Sequence
from overture.campaigns.store import Running
from overture.campaigns.tables import Enrollment


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


def move(enrollment: Enrollment, of: Running, facts: Facts) -> Facts:
    """Bring an enrollment that was busy at the time to its campaign's version; the facts as they are then."""
    assert of.sequence is not None
    enrollment.version_id = of.version_id
    if facts.step is None or facts.step in of.sequence.by_id:
        return facts
    return replace(facts, step=of.sequence.steps[-1].id if of.sequence.steps else None)
