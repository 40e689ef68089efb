"""Adding, changing and removing accounts, and the one way an account's state changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from sqlalchemy.ext.asyncio import AsyncSession

from overture.accounts import breaker, challenges, store
from overture.accounts.allow import Allowance, allow, allow_first
from overture.accounts.external import call_external
from overture.accounts.hours import WorkingHours
from overture.accounts.limits import Limits, Tier
from overture.accounts.ramp import Ramp
from overture.accounts.secrets import Vault
from overture.accounts.tables import Account, AccountState
from overture.core.errors import Conflict
from overture.core.zones import known_zone
from overture.db import append_event

Zone = Annotated[str, AfterValidator(known_zone)]
Credentials = dict[str, Annotated[SecretStr, Field(min_length=1, max_length=10_000)]]


class NewAccount(BaseModel):
    """What an account is made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    handle: str = Field(
        pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$",
        description="Short name of your choice, used in every run.",
        examples=["ada"],
    )
    provider: str = Field(default="linkedin_browser", description="The way this account acts.")
    credentials: Credentials = Field(
        default_factory=dict,
        description="Secrets the provider logs in with; stored encrypted, never returned.",
        examples=[{"username": "ada@example.test", "password": "…"}],
    )
    external_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="What a service between us and the channel calls the account (its id at Unipile); no "
        "secret.",
    )
    zone: Zone = Field(
        default="UTC", description="IANA time zone of the working hours.", examples=["Europe/Berlin"]
    )
    working_hours: WorkingHours = WorkingHours()
    limits: Limits = Limits()
    tier: Tier = Field(default="basic", description="What the account pays for; it decides some ceilings.")
    ramp: Ramp = Field(
        default="on",
        description="A young account does less for 28 days: `on` from today, a date it began, "
        "or `off` for one that is old already.",
        examples=["on"],
    )
    as_new: bool = Field(
        default=False,
        strict=True,
        description="An account that was removed comes back, by its handle or its external id, with all it "
        "did: its limits go on counting, and who it wrote to is not forgotten. true: this is another account "
        "that only has the same handle.",
    )


class AccountChange(BaseModel):
    """What may be changed; what is absent stays."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    credentials: Credentials | None = None
    external_id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        pattern=r"^[!-~]+$",
        description="What a service between us and the channel calls the account (its id at Unipile); no "
        "secret.",
    )
    zone: Zone | None = None
    working_hours: WorkingHours | None = None
    limits: Limits | None = Field(default=None, description="Numbers that are absent stay.")
    tier: Tier | None = None
    ramp: Ramp | None = None
    inmail_credits: int | None = Field(
        default=None, strict=True, ge=0, le=10_000, description="The balance as you know it now."
    )


async def create(
    db: AsyncSession, vault: Vault, account_id: UUID, new: NewAccount, channel: str, now: datetime
) -> Account:
    """Add an account, or take one that was removed into use again; refuses a handle that is taken."""
    if await store.find(db, new.handle) is not None:
        raise Conflict(
            "handle_taken",
            f"There is an account {new.handle!r} already.",
            fix="Choose another handle, or change that account with PATCH.",
            handle=new.handle,
        )
    former = None if new.as_new else await store.former(db, channel, new.handle, new.external_id)
    account = former or Account(id=account_id, created_at=now)
    set_up(account, new, channel, now)
    allowance = Allowance(new.limits, new.tier, new.ramp)
    db.add(account)
    await db.flush()
    await vault.put_credentials(db, account.id, in_the_clear(new.credentials), now)
    await breaker.close(db, account.id)  # of one that comes back: as when it is resumed
    data = {"handle": new.handle, "came_back": former is not None}
    await append_event(db, now, "account.created", account_id=account.id, data=data)
    if new.external_id is not None:
        await call_external(db, account, new.external_id, now)
    await allow_first(db, account, allowance, now)
    return account


def set_up(account: Account, new: NewAccount, channel: str, now: datetime) -> None:
    """As it is when it is added; of one that comes back only what it did stays."""
    account.handle, account.channel, account.provider = new.handle, channel, new.provider
    account.zone, account.working_hours = new.zone, new.working_hours.model_dump(mode="json")
    account.limits, account.tier, account.ramp_since = {}, "basic", None
    account.inmail_credits = account.inmail_credits_at = None
    account.state, account.state_reason, account.state_detail = "active", None, None
    account.external_id = account.reported = account.reported_at = None
    account.state_since = account.updated_at = now
    account.removed_at = None


async def change(
    db: AsyncSession, vault: Vault, account: Account, wanted: AccountChange, now: datetime, *, by: str = "api"
) -> None:
    """Change what was given of an account."""
    if wanted.zone is not None:
        account.zone = wanted.zone
    if wanted.working_hours is not None:
        account.working_hours = wanted.working_hours.model_dump(mode="json")
    await allow(db, account, Allowance(wanted.limits, wanted.tier, wanted.ramp, wanted.inmail_credits), now)
    if wanted.external_id is not None:
        await call_external(db, account, wanted.external_id, now)
    if wanted.credentials is not None:
        await vault.put_credentials(db, account.id, in_the_clear(wanted.credentials), now)
        await challenges.close(db, account.id, "expired", now)  # with the session the way back to it is gone
    account.updated_at = now
    data = {"changed": sorted(wanted.model_fields_set), "by": by}
    await append_event(db, now, "account.changed", account_id=account.id, data=data)


async def set_state(
    db: AsyncSession,
    account: Account,
    state: AccountState,
    now: datetime,
    *,
    reason: str | None = None,
    detail: str | None = None,
    **facts: object,
) -> None:
    """Move an account to a state; resuming clears the reason and closes the breaker.

    `facts` go into the event: who asked and why, which cause, which run.
    """
    if state == "active":
        await breaker.close(db, account.id)
    account.state = state
    account.state_reason = None if state == "active" else (reason or "operator")
    account.state_detail = None if state == "active" else detail
    account.state_since = now
    account.updated_at = now
    data = {"state": state, "reason": account.state_reason, "detail": account.state_detail, **facts}
    await append_event(db, now, f"account.{state}", account_id=account.id, data=data)


async def remove(db: AsyncSession, vault: Vault, account: Account, now: datetime, *, by: str = "api") -> None:
    """Take an account out of use and erase its secrets; its runs stay on record."""
    account.removed_at = now
    account.updated_at = now
    account.state, account.state_reason, account.state_since = "paused", "removed", now
    await vault.forget(db, account.id, now)
    data = {"handle": account.handle, "by": by}
    await append_event(db, now, "account.removed", account_id=account.id, data=data)


def in_the_clear(credentials: Mapping[str, SecretStr]) -> dict[str, str]:
    """The secrets as plain strings, on their way into the vault."""
    return {name: secret.get_secret_value() for name, secret in credentials.items()}
