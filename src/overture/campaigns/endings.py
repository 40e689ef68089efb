"""How an end is called when nothing more may be sent to a person: by what happened to them."""

from typing import Final

from overture.campaigns.decide import over
from overture.campaigns.facts import Facts, Finish
from overture.people import Suppression

WEIGHTS: Final = ("erased", "opted_out", "replied", "declined", "manual_contact", "bounced", "suppressed")
"""What is told when several are true: the weightiest first."""
STANDS_FOR: Final = {
    "erased": "erased",
    "opt_out": "opted_out",
    "complained": "opted_out",
    "declined": "declined",
    "bounced": "bounced",
}
"""What a suppression of the person tells of them, by its reason."""
OF_MANY: Final = frozenset({"domain", "company"})
"""Kinds that name an employer: what the employer asked for, its people did not."""


def ending(facts: Facts, suppression: Suppression | None) -> Finish | None:
    """The end, if there is one: what they or the operator did, or why they are suppressed."""
    done = over(facts)
    if suppression is None:
        return done
    found = [one for one in (done, silenced(suppression)) if one is not None]
    return min(found, key=lambda one: WEIGHTS.index(one.reason), default=None)


def silenced(suppression: Suppression) -> Finish:
    """The end for whoever is suppressed."""
    if suppression.kind in OF_MANY:
        return Finish("suppressed", f"{suppression.kind}: {suppression.reason}")
    reason = STANDS_FOR.get(suppression.reason, "suppressed")
    return Finish(reason, suppression.reason if reason == "suppressed" else None)
