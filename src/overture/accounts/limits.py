"""Limits: how much an account does per rolling day and week, and how far apart.

Three bounds meet, and the least holds: the operator's, the stage of the ramp (`ramp.py`), and the ceiling of
the account's tier, which nobody raises. Numbers and their sources: docs/reference/limits.md.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from overture.core.errors import Invalid
from overture.touchpoints import Category

Tier = Literal["basic", "premium", "sales_navigator"]
TIERS: Final[tuple[Tier, ...]] = ("basic", "premium", "sales_navigator")

MIN_GAP_SECONDS: Final = 120.0
GAP_JITTER: Final = 0.25  # a gap is up to this much longer, by the draw of the act before it


class Window(BaseModel):
    """The most of one category in rolling windows; None is no limit of the operator's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    per_day: int | None = Field(default=None, strict=True, ge=0, le=10_000, description="Rolling 24 hours.")
    per_week: int | None = Field(default=None, strict=True, ge=0, le=50_000, description="Rolling 7 days.")


class Limits(BaseModel):
    """What an account may do at most; lower it freely, raise it up to the ceiling."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    invite: Window = Window(per_day=20, per_week=100)
    withdraw: Window = Window(per_day=20)
    message: Window = Window(per_day=25)
    inmail: Window = Window(per_day=10)
    visit: Window = Window(per_day=50)
    reaction: Window = Window(per_day=30)
    comment: Window = Window(per_day=5)
    follow: Window = Window(per_day=20)
    profile_read: Window = Window()
    search: Window = Window()
    sync: Window = Window()
    notes_per_month: int | None = Field(
        default=None,
        strict=True,
        ge=0,
        le=10_000,
        description="Invitations with a note per calendar month of the account's zone; "
        "null is what its tier allows.",
    )
    inmail_reserve: int = Field(
        default=0, strict=True, ge=0, le=1_000, description="InMail credits that are not spent."
    )
    min_gap_s: float = Field(
        default=MIN_GAP_SECONDS,
        strict=True,
        ge=0,
        le=86_400,
        description="Least seconds between two acts of the account; chance adds up to a quarter.",
    )

    def window(self, category: Category) -> Window:
        """The limit of a category."""
        found: Window = getattr(self, category)
        return found


NO_LIMITS: Final = dict.fromkeys(
    ("invite", "withdraw", "message", "inmail", "visit", "reaction", "comment", "follow"), Window()
)
"""Every category without a limit of the operator's; the ceilings still hold."""


def ceilings(invites_per_week: int, notes_per_month: int | None) -> Limits:
    """The ceilings of a tier."""
    return Limits(
        invite=Window(per_day=25, per_week=invites_per_week),
        withdraw=Window(per_day=40),
        message=Window(per_day=50),
        inmail=Window(per_day=20),
        visit=Window(per_day=80),
        reaction=Window(per_day=30),
        comment=Window(per_day=10),
        follow=Window(per_day=25),
        notes_per_month=notes_per_month,
        min_gap_s=0,
    )


CEILINGS: Final[dict[str, Limits]] = {
    "basic": ceilings(100, 5),
    "premium": ceilings(150, None),
    "sales_navigator": ceilings(150, None),
}
"""What no operator raises a limit above, by the account's tier."""


@dataclass(frozen=True)
class Bound:
    """What holds in one window: the least of the operator's limit, the ramp's and the ceiling."""

    limit: int | None
    ceiling: int | None
    is_ramp: bool = False
    """Whether the ramp is what binds."""


def bound(wanted: int | None, stage: int | None, ceiling: int | None) -> Bound:
    """The least of three, None being none."""
    own = least(wanted, ceiling)
    is_ramp = stage is not None and (own is None or stage < own)
    return Bound(least(own, stage), ceiling, is_ramp)


def least(*bounds: int | None) -> int | None:
    """The least of the bounds there are."""
    return min((value for value in bounds if value is not None), default=None)


def numbers(limits: Limits) -> Iterator[tuple[str, int | None]]:
    """Every number of the limits that has a ceiling, by its path."""
    for name, value in limits:
        if isinstance(value, Window):
            yield f"{name}/per_day", value.per_day
            yield f"{name}/per_week", value.per_week
    yield "notes_per_month", limits.notes_per_month


def refuse_above_ceiling(limits: Limits, tier: str) -> None:
    """Refuse limits above the ceilings of the tier, naming each."""
    tops = dict(numbers(CEILINGS[tier]))
    errors = [
        {
            "pointer": f"/limits/{path}",
            "code": "above_ceiling",
            "detail": f"at most {top} for the tier {tier}, got {value}",
        }
        for path, value in numbers(limits)
        if value is not None and (top := tops[path]) is not None and value > top
    ]
    if errors:
        raise Invalid(
            "limit_above_ceiling",
            f"A limit is above the ceiling of the tier {tier!r}: {errors[0]['pointer']} is "
            f"{errors[0]['detail']}.",
            fix="Stay at or below the ceiling; GET /api/v1/accounts/{handle}/limits shows each.",
            errors=errors,
        )


def raised(before: Limits, after: Limits) -> Mapping[str, Mapping[str, object]]:
    """Every number that lets the account do more than before, with both values."""
    found: dict[str, Mapping[str, object]] = {}
    old = dict(numbers(before))
    for path, value in numbers(after):
        if old[path] is not None and (value is None or value > (old[path] or 0)):
            found[path] = {"before": old[path], "after": value}
    for name in ("min_gap_s", "inmail_reserve"):
        was, now = getattr(before, name), getattr(after, name)
        if now < was:
            found[name] = {"before": was, "after": now}
    return found


def merged(stored: Mapping[str, object], wanted: Limits) -> Limits:
    """The stored limits with those that were given; a window's two numbers are given one by one."""
    result = Limits.model_validate(stored).model_dump()
    for name, value in wanted.model_dump(exclude_unset=True).items():
        result[name] = {**result[name], **value} if isinstance(value, dict) else value
    return Limits.model_validate(result)
