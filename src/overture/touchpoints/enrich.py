"""`enrich`: read a member's full profile."""

from typing import ClassVar, Literal

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.profile import Profile
from overture.touchpoints.target import TargetInput


class Enriched(Outcome):
    """The profile as it was read."""

    profile: Profile


class Enrich(TargetInput, Touchpoint):
    """Read a member's full profile; nobody is notified."""

    reversibility: ClassVar[Reversibility] = "read"
    category: ClassVar[Category] = "profile_read"
    outcome: ClassVar[type[Outcome]] = Enriched

    type: Literal["enrich"] = "enrich"
