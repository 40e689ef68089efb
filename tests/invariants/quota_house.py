"""A house to count in: accounts in the scripted world, a clock that jumps, workers that die, and a judge who
looks only at what the world saw.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from fakes import Call, ScriptedProvider, Sent
from overture import accounts, runs
from overture.accounts import AccountChange, Limits, NewAccount, WorkingHours
from overture.core.clock import ManualClock
from overture.entrypoints.api.limits import LimitsView, limits_of
from overture.entrypoints.bootstrap import App
from overture.runs import Run, RunRequest, quota
from overture.touchpoints import REGISTRY, Connect, InMail, Message, Touchpoint, Visit
from product import MakeApp

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DAY, WEEK = timedelta(hours=24), timedelta(days=7)
WORKERS = 4


class JumpingClock(ManualClock):
    """A clock that is moved, and that can be set wrong."""

    def jump(self, by: timedelta) -> None:
        """Set it forward or back, while no time passes."""
        self._now += by


class Died(BaseException):
    """The worker's process is gone: nothing of it runs on."""


class SeenCalls(list[Call]):
    """The calls of a provider; a visit is an act the world sees."""

    def __init__(self, provider: ScriptedProvider) -> None:
        super().__init__()
        self.provider = provider

    def append(self, call: Call) -> None:
        """Note a call, and a visit as seen."""
        super().append(call)
        if call.phase == "read" and call.kind == "visit" and call.target is not None:
            at, visit = self.provider.clock.now(), Visit(public_identifier=call.target)
            self.provider.sent.append(Sent(call.handle, "visit", call.target, UUID(int=0), at, visit))


@dataclass
class House:
    """The product with what happens to it."""

    app: App
    clock: JumpingClock
    provider: ScriptedProvider
    chance: Random
    """What a test decides by."""
    fate: Random
    """What happens to workers."""
    dies: float = 0.0
    """How likely a worker dies at any step."""
    numbers: Iterator[int] = field(default_factory=lambda: count(1))
    reasons: set[str] = field(default_factory=set)
    """Every reason a run was ever seen waiting for."""

    async def account(self, handle: str, limits: Limits, **more: object) -> str:
        """An account that may act at any hour."""
        new = NewAccount.model_validate(
            {
                "handle": handle,
                "working_hours": WorkingHours.always(),
                "limits": limits,
                "ramp": "off",
                **more,
            }
        )
        async with self.app.sessions.begin() as db:
            await accounts.create(db, self.app.vault, self.app.ids.new(), new, "linkedin", self.app.now())
        return handle

    async def change(self, handle: str, **wanted: object) -> None:
        """Change an account as the API does."""
        async with self.app.sessions.begin() as db:
            account = await accounts.by_handle(db, handle)
            await db.refresh(account, with_for_update=True)
            change = AccountChange.model_validate(wanted)
            await accounts.change(db, self.app.vault, account, change, self.app.now())

    async def submit(self, handle: str, kind: str, note: str | None = None) -> Run:
        """Ask for a touchpoint toward somebody new."""
        async with self.app.sessions.begin() as db:
            request = RunRequest(handle, touchpoint_of(kind, f"person-{next(self.numbers)}", note))
            now = self.app.now()
            submitted = await runs.submit(db, self.app.ids, request, now, self.app.kit.lease(now))
            return submitted.run

    async def work(self) -> None:
        """One look of the dispatcher, then all workers at once on whatever is admitted."""
        kit = replace(self.app.kit, on_step=self.step)
        async with self.app.sessions.begin() as db:
            now = self.app.now()
            await runs.reap(kit, db, now)
            await runs.admit(db, now, kit.lease(now))
            live = select(Run.id, Run.epoch).where(Run.admitted_at.is_not(None), Run.worker.is_(None))
            admitted = [(row[0], row[1]) for row in await db.execute(live)]
        await asyncio.gather(*(self.worker(f"w{number}", admitted) for number in range(WORKERS)))
        async with self.app.sessions.begin() as db:
            self.reasons |= {str(r) for r in await db.scalars(select(Run.wait_reason).distinct()) if r}

    async def worker(self, name: str, admitted: Sequence[tuple[UUID, int]]) -> None:
        """Answer every wake-up, doubled ones too, until it dies."""
        kit = replace(self.app.kit, on_step=self.step)
        try:
            for run_id, epoch in admitted:
                await runs.execute(kit, name, run_id, epoch)
        except Died:
            return

    def step(self, _: str) -> None:
        """At every step of an attempt a moment passes, and the worker may die."""
        self.clock.advance(timedelta(milliseconds=self.fate.randint(0, 20)))
        if self.fate.random() < self.dies:
            raise Died

    async def until_quiet(self, rounds: int = 40) -> None:
        """Work until nothing is due."""
        for _ in range(rounds):
            await self.work()
            async with self.app.sessions.begin() as db:
                due = select(Run.id).where(Run.next_at <= self.app.now()).limit(1)
                is_quiet = await db.scalar(due) is None
                held = await db.scalar(select(func.min(Run.next_at)).where(Run.wait_reason == "kill_switch"))
            if held is not None:  # the machine stood still for a second: the stop file seemed not to answer
                self.clock.advance(max(timedelta(), held - self.app.now()))
            elif is_quiet:
                return

    async def view(self, handle: str) -> LimitsView:
        """What the API tells of the account's limits."""
        async with self.app.sessions.begin() as db:
            return await limits_of(db, await accounts.by_handle(db, handle), self.app.now())

    def seen(self, handle: str, category: str) -> list[Sent]:
        """What the world saw of a category, in the order it happened."""
        return [
            sent
            for sent in self.provider.sent
            if sent.handle == handle and REGISTRY[sent.kind].category == category
        ]


def touchpoint_of(kind: str, who: str, note: str | None = None) -> Touchpoint:
    """A touchpoint toward a person."""
    match kind:
        case "connect":
            return Connect(public_identifier=who, note=note)
        case "inmail":
            return InMail(public_identifier=who, body="Hello")
        case "visit":
            return Visit(public_identifier=who)
        case _:
            return Message(public_identifier=who, message="Hello")


async def a_house(make_app: MakeApp, seed: int, dies: float = 0.0) -> House:
    """A house without accounts."""
    clock = JumpingClock(START)
    provider = ScriptedProvider(clock)
    provider.calls = SeenCalls(provider)
    app = await make_app(clock=clock, provider=provider, max_attempts=50, breaker_failures=10_000)
    return House(app, clock, provider, Random(seed), Random(-seed), dies)


def too_many(sent: Sequence[Sent], most: int, length: timedelta) -> list[str]:
    """Every act that was one too many: of itself and those before it, the ones later than a window ago."""
    return [
        f"{act.kind} of {act.handle} at {act.at}: number {number} of at most {most} in {length}"
        for place, act in enumerate(sent)
        if (number := sum(earlier.at > act.at - length for earlier in sent[: place + 1])) > most
    ]


def any_window(sent: Sequence[Sent], most: int, length: timedelta) -> list[str]:
    """Every window of the clock's own line, wherever it begins, that holds too many."""
    times = sorted(act.at for act in sent)
    return [
        f"{most + 1} within {later - first} from {first}"
        for first, later in zip(times, times[most:], strict=False)
        if later - first < length
    ]


def notes_of_months(sent: Sequence[Sent], zone: str) -> dict[tuple[int, int], int]:
    """How many invitations with a note went out in each month of the zone."""
    months: dict[tuple[int, int], int] = {}
    for act in sent:
        if isinstance(act.touchpoint, Connect) and act.touchpoint.note:
            local = act.at.astimezone(ZoneInfo(zone))
            months[local.year, local.month] = months.get((local.year, local.month), 0) + 1
    return months


async def recounted(house: House, handle: str) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Delivered, unknown and in flight by (category, window), counted anew, row by row."""
    async with house.app.sessions.begin() as db:
        account = await accounts.by_handle(db, handle)
        rows = list(await db.scalars(select(Run).where(Run.account_id == account.id)))
    now, found = house.app.now(), {}
    local = now.astimezone(ZoneInfo(account.zone))
    month = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)
    windows = {"rolling_24h": now - DAY, "rolling_7d": now - WEEK, "calendar_month": month}
    for category in ("invite", "message", "inmail"):
        for name, since in windows.items():
            if name == "calendar_month" and category != "invite":
                continue
            mine = [
                "intended" if is_begun(row) else row.effect
                for row in rows
                if row.category == category
                and (is_begun(row) or (row.intended_at is not None and row.intended_at > since - quota.LATE))
                and (name != "calendar_month" or row.touchpoint_input.get("note"))
            ]
            tally = (mine.count("confirmed"), mine.count("unknown"), mine.count("intended"))
            found[category, name] = tally
    return found


def is_begun(run: Run) -> bool:
    """Whether it is under way and has not come to its intent: its slot is taken."""
    return run.status == "running" and run.effect in ("none", "absent")


def told(view: LimitsView) -> dict[tuple[str, str], tuple[int, int, int]]:
    """The same numbers as the view has them."""
    return {
        (action.category, window.window): (window.delivered, window.unknown, window.in_flight)
        for action in view.actions.values()
        for window in action.windows
        if action.category in ("invite", "message", "inmail")
    }


@contextmanager
def mutated(owner: object, name: str, wrong: object) -> Iterator[None]:
    """Put a known bug in place of one name, for as long as a test needs to catch it (the bug zoo)."""
    right = getattr(owner, name)
    setattr(owner, name, wrong)
    try:
        yield
    finally:
        setattr(owner, name, right)
