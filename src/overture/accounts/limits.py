"""Limits: how much an account does per rolling day and week, and how far apart.

Defaults are the conservative end of what operators publish (docs/reference/limits.md has the sources).
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from overture.touchpoints import Category

INVITES_PER_DAY: Final = 20
INVITES_PER_WEEK: Final = 100
MESSAGES_PER_DAY: Final = 25
VISITS_PER_DAY: Final = 50
MIN_GAP_SECONDS: Final = 120.0


class Window(BaseModel):
    """The most of one category in rolling windows; None is no limit of ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_day: int | None = Field(default=None, strict=True, ge=0, le=10_000, description="Rolling 24 hours.")
    per_week: int | None = Field(default=None, strict=True, ge=0, le=50_000, description="Rolling 7 days.")


class Limits(BaseModel):
    """What an account may do at most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    invite: Window = Window(per_day=INVITES_PER_DAY, per_week=INVITES_PER_WEEK)
    message: Window = Window(per_day=MESSAGES_PER_DAY)
    visit: Window = Window(per_day=VISITS_PER_DAY)
    min_gap_s: float = Field(
        default=MIN_GAP_SECONDS,
        strict=True,
        ge=0,
        le=86_400,
        description="Least seconds between two acts of the account.",
    )

    def window(self, category: Category) -> Window:
        """The limit of a category; reads have none."""
        found = getattr(self, category, None)
        return found if isinstance(found, Window) else Window()
