"""Route of what an account did day by day, beside what it may do."""

from datetime import date, datetime, timedelta
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account
from overture.core.ids import public_id
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.fields import HandlePath
from overture.entrypoints.api.problems import declared
from overture.runs import quota, usage
from overture.touchpoints import REGISTRY, Category

router = APIRouter(prefix="/api/v1/analytics/accounts", tags=["analytics"], dependencies=[needs_key])

CATEGORIES: Final = tuple(sorted({kind.category for kind in REGISTRY.values()}))


class CategoryUse(BaseModel):
    """What was done of one category on one day."""

    done: int
    unknown: int = Field(description="Begun and not proved either way; quotas count it as done.")


class DayUse(BaseModel):
    """What an account did on one day of its zone."""

    day: date
    invites_sent: int
    messages_sent: int
    categories: dict[str, CategoryUse] = Field(description="What was done at all, by category.")
    written: Literal["same", "other", "none"] = Field(
        description="Whether the nightly count wrote the same down; `other` is put right by the next."
    )


class RateUsage(BaseModel):
    """What an account did day by day, beside what it may do."""

    account_id: str
    handle: str
    zone: str = Field(description="Whose days these are.", examples=["Europe/Paris"])
    invites_per_day: int | None = Field(description="What it may send in 24 hours now; null is no limit.")
    messages_per_day: int | None
    limits_per_day: dict[str, int | None] = Field(description="The same of every category.")
    days: list[DayUse] = Field(description="Oldest first, today last; days without any act too.")


@router.get("/{handle}/rate-usage", responses=declared(404))
async def get_rate_usage(
    app: Product, handle: HandlePath, days: Annotated[int, Query(ge=1, le=90)] = 7
) -> RateUsage:
    """What the account did day by day, counted from its runs as the quotas are, beside its daily limits.

    Limits hold over any 24 hours, not from midnight: GET /api/v1/accounts/{handle}/limits says what is left.
    """
    async with app.sessions() as db:
        account = await accounts.by_handle(db, handle)
        return await usage_of(db, account, app.now(), days)


async def usage_of(db: AsyncSession, account: Account, now: datetime, days: int) -> RateUsage:
    """The document."""
    last = now.astimezone(ZoneInfo(account.zone)).date()
    first = last - timedelta(days=days - 1)
    counted = await usage.count_days(db, account, first, last)
    written = {
        (one.day, one.category): (one.done, one.unknown)
        for one in await usage.written_days(db, account, first, last)
    }
    limits = limits_of(account, now)
    return RateUsage(
        account_id=public_id("acc", account.id),
        handle=account.handle,
        zone=account.zone,
        invites_per_day=limits["invite"],
        messages_per_day=limits["message"],
        limits_per_day=limits,
        days=[
            day_of(
                first + timedelta(days=number),
                [one for one in counted if one.day == first + timedelta(days=number)],
                {key[1]: had for key, had in written.items() if key[0] == first + timedelta(days=number)},
            )
            for number in range(days)
        ],
    )


def day_of(day: date, used: list[usage.Used], written: dict[str, tuple[int, int]]) -> DayUse:
    """One day."""
    found = {one.category: CategoryUse(done=one.done, unknown=one.unknown) for one in used}
    sent = {one.category: one.total for one in used}
    had = {category: pair for category, pair in written.items() if pair != (0, 0)}
    is_same = had == {one.category: (one.done, one.unknown) for one in used}
    return DayUse(
        day=day,
        invites_sent=sent.get("invite", 0),
        messages_sent=sent.get("message", 0),
        categories=found,
        written="same" if is_same and (written or not used) else "other" if written else "none",
    )


def limits_of(account: Account, now: datetime) -> dict[Category, int | None]:
    """What holds of every category over 24 hours now."""
    pace = quota.pace_of(account, now)
    return {category: pace.quotas(category)[0].bound.limit for category in CATEGORIES}
