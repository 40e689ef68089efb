"""People a campaign leaves alone, as its account was connected with them before: also those of whom that
comes out only once they are enrolled.
"""

from overture.campaigns.facts import Facts, Finish, RelationshipFact, TouchFact
from overture.campaigns.sequence import Sequence
from overture.touchpoints import REGISTRY


def connected_before(sequence: Sequence, facts: Facts) -> Finish | None:
    """Whether it came out only now that they were connected before anything of the campaign reached them."""
    relationship = facts.relationship
    if not facts.leaves_connections or relationship is None or relationship.state != "connected":
        return None
    if any(led_to_it(sequence, touch, relationship) for touch in facts.touches):
        return None
    return Finish("already_connected")


def led_to_it(sequence: Sequence, touch: TouchFact, relationship: RelationshipFact) -> bool:
    """Whether a touch reached them, or found an invitation pending that they accepted since."""
    kind = kind_of(sequence, touch)
    if touch.state == "noop":
        return kind == "connect" and touch.ended_at is not None and touch.ended_at < relationship.since
    known = REGISTRY.get(kind)
    return touch.state == "delivered" and (known is None or known.reaches_person)


def kind_of(sequence: Sequence, touch: TouchFact) -> str:
    """What a touch did; of a step that is gone nobody knows."""
    step = sequence.by_id.get(touch.step)
    ways = step.ways if step is not None else ()
    return ways[touch.fallback].kind if touch.fallback < len(ways) else ""
