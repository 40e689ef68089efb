"""What an operator allows an account: limits up to the ceilings, its tier, its ramp; whatever lets it do more
is written down with before and after.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts.limits import Limits, Tier, merged, raised, refuse_above_ceiling
from overture.accounts.ramp import Ramp, start_of
from overture.accounts.tables import Account
from overture.db import append_event


@dataclass(frozen=True)
class Allowance:
    """What is asked to be allowed; None stays as it is."""

    limits: Limits | None = None
    tier: Tier | None = None
    ramp: Ramp | None = None
    inmail_credits: int | None = None


async def allow(db: AsyncSession, account: Account, wanted: Allowance, now: datetime) -> None:
    """Give a stored account what is asked; refuses what is above a ceiling."""
    tier: str = wanted.tier or account.tier
    if wanted.limits is not None:
        refuse_above_ceiling(wanted.limits, tier)
        before = Limits.model_validate(account.limits)
        after = merged(account.limits, wanted.limits)
        account.limits = after.model_dump(mode="json")
        await tell(db, account, now, "account.limits_raised", raised(before, after))
    if tier != account.tier:
        change = {"tier": {"before": account.tier, "after": tier}}
        account.tier = tier
        await tell(db, account, now, "account.tier_changed", change)
    if wanted.ramp is not None:
        since = start_of(wanted.ramp, account.zone, now)
        if since != account.ramp_since:
            change = {"ramp": {"before": told(account.ramp_since), "after": told(since)}}
            account.ramp_since = since
            await tell(db, account, now, "account.ramp_changed", change)
    if wanted.inmail_credits is not None:
        account.inmail_credits, account.inmail_credits_at = wanted.inmail_credits, now
        stated = {"inmail_credits": {"after": wanted.inmail_credits}}
        await tell(db, account, now, "account.inmail_credits_stated", stated)


async def allow_first(db: AsyncSession, account: Account, wanted: Allowance, now: datetime) -> None:
    """Give a new account what is asked: defaults, basic, and a ramp from today unless said otherwise."""
    account.limits = Limits().model_dump(mode="json")
    account.tier = "basic"
    account.ramp_since = start_of("on", account.zone, now)
    limits = wanted.limits or Limits()
    refuse_above_ceiling(limits, wanted.tier or "basic")
    await allow(db, account, wanted, now)
    account.limits = limits.model_dump(mode="json")  # as given: nothing was stored that could stay


async def tell(
    db: AsyncSession, account: Account, now: datetime, kind: str, change: Mapping[str, object]
) -> None:
    """Write down what changed, if anything did."""
    if change:
        await append_event(db, now, kind, account_id=account.id, data={"changed": dict(change)})


def told(since: date | None) -> str:
    """A ramp's start as events and answers have it."""
    return since.isoformat() if since is not None else "off"
