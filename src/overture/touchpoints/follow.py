"""`follow`: follow a member without connecting."""

from typing import ClassVar, Literal

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.target import TargetInput


class Followed(Outcome):
    """The account follows the member (`noop`: it did before)."""

    public_identifier: str
    profile_id: str | None = None
    noop: bool = False


class Follow(TargetInput, Touchpoint):
    """Follow a member; they are told."""

    reversibility: ClassVar[Reversibility] = "once"
    category: ClassVar[Category] = "follow"
    outcome: ClassVar[type[Outcome]] = Followed
    is_noticed: ClassVar[bool] = True

    type: Literal["follow"] = "follow"
