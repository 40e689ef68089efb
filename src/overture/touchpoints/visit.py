"""`visit`: open a member's profile page, stay, scroll."""

from typing import ClassVar, Literal

from pydantic import Field

from overture.touchpoints.base import Category, Outcome, Reversibility, Touchpoint
from overture.touchpoints.discovered import Discovered
from overture.touchpoints.target import TargetInput


class Visited(Outcome):
    """The page was open and its owner's; `discovered`: whom it links to, as far down as it was scrolled."""

    public_identifier: str
    duration_s: float
    scrolled: float
    discovered: Discovered | None = None


class Visit(TargetInput, Touchpoint):
    """Open a profile page, which its owner may be told of."""

    reversibility: ClassVar[Reversibility] = "repeatable"
    category: ClassVar[Category] = "visit"
    outcome: ClassVar[type[Outcome]] = Visited
    is_noticed: ClassVar[bool] = True

    type: Literal["visit"] = "visit"
    duration_s: float = Field(
        default=5.0, strict=True, ge=0, le=120, description="Seconds to stay on the page."
    )
    scroll_depth: float = Field(
        default=0.5, strict=True, ge=0, le=1, description="How far down to scroll, 1 = to the end."
    )
