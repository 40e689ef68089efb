"""What an account may still do, as a client sees it: the quotas counted as the gate counts them."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncSession

from overture import accounts
from overture.accounts import Account, AccountBreaker, AccountCooldown, WorkingHours, next_opening
from overture.core.ids import public_id
from overture.core.instants import Instant
from overture.core.reasons import Reason
from overture.entrypoints.api.access import Product, needs_key
from overture.entrypoints.api.fields import HandlePath
from overture.entrypoints.api.problems import declared
from overture.entrypoints.bootstrap import App
from overture.runs import gate, quota
from overture.runs.quota import Credits, Hold, Ledger, Pace
from overture.runs.spent import Quota, Span, Spent
from overture.touchpoints import REGISTRY, Category, Touchpoint

router = APIRouter(prefix="/api/v1/accounts", tags=["accounts"], dependencies=[needs_key])


class StageView(BaseModel):
    """Where the account stands on its ramp."""

    name: str = Field(examples=["ramp_2"])
    since: date | None
    next: date | None = Field(description="The day the next stage begins, in the account's zone.")


class ClockView(BaseModel):
    """The account's wall clock."""

    zone: str = Field(examples=["Europe/Paris"])
    now: str = Field(description="RFC 3339, in the account's zone.", examples=["2026-03-10T14:02:00+01:00"])
    in_window: bool = Field(description="Whether its working hours are open.")


class BreakerView(BaseModel):
    """The breaker of the account."""

    state: Literal["closed", "open"]
    consecutive_failures: int
    cause: str | None = None
    since: Instant | None = None


class LaneRest(BaseModel):
    """A rest the service ordered."""

    lane: str = Field(description="A category of acts, or `*`: everything, reads too.", examples=["invite"])
    retry_at: Instant
    code: str


class CooldownView(BaseModel):
    """Rests the service ordered."""

    active: bool
    retry_at: Instant | None = Field(description="When the last of them ends.")
    lanes: list[LaneRest]


class InMailBalance(BaseModel):
    """InMail credits as last known; null when nobody has read or stated them within a month."""

    available: int | None
    reserve: int
    read_at: Instant | None
    source: Literal["run", "operator"] | None


class WindowView(BaseModel):
    """One window: what was done in it, and what is left."""

    window: Span
    limit: int | None = Field(description="What holds now; null is no limit.")
    ceiling: int | None = Field(description="What no operator raises it above.")
    is_ramp: bool = Field(description="Whether the ramp is what binds.")
    applies_to: Literal["all", "with_note"]
    delivered: int
    unknown: int
    in_flight: int
    remaining: int | None


class ActionView(BaseModel):
    """Whether a touchpoint of this type could begin now."""

    allowed: bool
    reason_code: Reason | None
    next_slot_at: Instant | None = Field(description="Null when it is allowed, or when a person decides.")
    category: Category
    windows: list[WindowView]


class LimitsView(BaseModel):
    """What an account may still do, and why not more."""

    account_id: str
    handle: str
    tier: str
    stage: StageView
    clock: ClockView
    breaker: BreakerView
    provider_cooldown: CooldownView
    inmail_balance: InMailBalance
    actions: dict[str, ActionView] = Field(description="By touchpoint type.")


@router.get("/{handle}/limits", responses=declared(404))
async def get_account_limits(app: Product, handle: HandlePath) -> LimitsView:
    """What the account may still do now, counted from its runs as the gate counts them."""
    return await show_limits(app, handle)


async def show_limits(app: App, handle: str) -> LimitsView:
    """The limits of one account."""
    async with app.sessions() as db:
        account = await accounts.by_handle(db, handle)
        return await limits_of(db, account, app.now())


async def limits_of(db: AsyncSession, account: Account, now: datetime) -> LimitsView:
    """The document, from one snapshot of the account and its runs."""
    pace = quota.pace_of(account, now)
    quotas = tuple(every_quota(pace))
    ledger = await quota.ledger_of(db, account, pace, quotas, None)
    rests = await accounts.cooldowns(db, account.id, now)
    general = await stopped(db, account, now)
    standing = Standing(account, pace, ledger, rests, general)
    since = pace.ramp.since
    return LimitsView(
        account_id=public_id("acc", account.id),
        handle=account.handle,
        tier=account.tier,
        stage=StageView(name=pace.ramp.stage.name, since=since, next=pace.ramp.next),
        clock=clock_of(account, now),
        breaker=breaker_of(await accounts.breaker_view(db, account)),
        provider_cooldown=cooldown_of(rests),
        inmail_balance=balance_of(pace, ledger.credits),
        actions={name: standing.action(kind) for name, kind in sorted(REGISTRY.items())},
    )


def every_quota(pace: Pace) -> Iterator[Quota]:
    """All windows of all categories."""
    for category in sorted({kind.category for kind in REGISTRY.values()}):
        yield from pace.quotas(category)
    yield pace.notes()


async def stopped(db: AsyncSession, account: Account, now: datetime) -> Hold | None:
    """What stops the whole account until a person acts."""
    if await accounts.stopping(db, account) is not None:
        return Hold(now, Reason.KILL_SWITCH)
    if account.state == "needs_attention":
        return Hold(now, Reason.ACCOUNT_NEEDS_ATTENTION)
    return Hold(now, Reason.ACCOUNT_PAUSED) if account.state != "active" else None


class Standing:
    """How an account stands at one instant, type by type."""

    def __init__(
        self,
        account: Account,
        pace: Pace,
        ledger: Ledger,
        rests: Sequence[AccountCooldown],
        stopped: Hold | None,
    ) -> None:
        self.account = account
        self.pace = pace
        self.ledger = ledger
        self.rests = rests
        self.stopped = stopped

    def action(self, kind: type[Touchpoint]) -> ActionView:
        """Whether this type could begin, in the gate's order."""
        windows = [
            window_of(found, spent)
            for found, spent in self.ledger.spent
            if found.category == kind.category and (not found.notes or kind.kind() == "connect")
        ]
        held = self.stopped or self.resting(kind.category) or self.full(kind.category)
        passage = gate.in_hours(self.account, self.pace.now)
        if held is None and isinstance(passage, gate.Wait) and not kind.at_any_hour:
            held = Hold(passage.until, passage.reason)
        return ActionView(
            allowed=held is None,
            reason_code=held.reason if held else None,
            next_slot_at=self.open_from(held, kind) if held is not None and self.stopped is None else None,
            category=kind.category,
            windows=windows,
        )

    def resting(self, category: Category) -> Hold | None:
        """The service's order, for this lane or for all."""
        until = [rest.until for rest in self.rests if rest.category in (category, accounts.EVERY_LANE)]
        return Hold(max(until), Reason.PROVIDER_COOLDOWN) if until else None

    def full(self, category: Category) -> Hold | None:
        """What the quotas say, of an invitation without a note."""
        mine = tuple(pair for pair in self.ledger.spent if pair[0].category == category and not pair[0].notes)
        ledger = Ledger(mine, self.ledger.credits, self.ledger.gap_until)
        return quota.held_by(self.pace, ledger, category)

    def open_from(self, held: Hold, kind: type[Touchpoint]) -> datetime:
        """The hold's end, or the opening of the working hours after it."""
        if kind.at_any_hour:
            return held.until
        hours = WorkingHours.model_validate(self.account.working_hours)
        return next_opening(hours, self.account.zone, held.until)


def window_of(found: Quota, spent: Spent) -> WindowView:
    """One window with what is left of it."""
    limit = found.bound.limit
    return WindowView(
        window=found.span,
        limit=limit,
        ceiling=found.bound.ceiling,
        is_ramp=found.bound.is_ramp,
        applies_to="with_note" if found.notes else "all",
        delivered=spent.delivered,
        unknown=spent.unknown,
        in_flight=spent.in_flight,
        remaining=None if limit is None else max(0, limit - spent.used),
    )


def clock_of(account: Account, now: datetime) -> ClockView:
    """The account's wall clock."""
    is_open = isinstance(gate.in_hours(account, now), gate.Go)
    local = now.astimezone(ZoneInfo(account.zone))
    return ClockView(zone=account.zone, now=local.isoformat(timespec="seconds"), in_window=is_open)


def breaker_of(tallies: Sequence[AccountBreaker]) -> BreakerView:
    """The open breaker, else the longest row of failures."""
    if not tallies:
        return BreakerView(state="closed", consecutive_failures=0)
    first = max(tallies, key=lambda tally: (tally.tripped_at is not None, tally.consecutive))
    is_open = first.tripped_at is not None
    return BreakerView(
        state="open" if is_open else "closed",
        consecutive_failures=first.consecutive,
        cause=first.cause,
        since=first.tripped_at,
    )


def cooldown_of(rests: Sequence[AccountCooldown]) -> CooldownView:
    """The rests, lane by lane."""
    lanes = [LaneRest(lane=rest.category, retry_at=rest.until, code=rest.code) for rest in rests]
    last = max((rest.until for rest in rests), default=None)
    return CooldownView(active=bool(lanes), retry_at=last, lanes=lanes)


def balance_of(pace: Pace, known: Credits) -> InMailBalance:
    """The credits as last known."""
    reserve = pace.limits.inmail_reserve
    return InMailBalance(
        available=known.available, reserve=reserve, read_at=known.read_at, source=known.source
    )
