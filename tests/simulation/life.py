"""The life of a trial: planners tick, workers take turns, the operator looks in, people do as they please,
and time jumps from one thing that is due to the next.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from sqlalchemy import text

from overture import campaigns, runs
from overture.db import carry_out, fetch
from overture.runs import Kit, halt

from .abreast import Row
from .desk import Operator
from .house import House
from .society import Person, chance
from .turns import CURRENT, Died, Turns, Worker

LONGEST_NAP: Final = timedelta(hours=6)
NEXT: Final = text("""
select least((select min(next_at) from runs r join accounts a on a.id = r.account_id
                where admitted_at is null and next_at is not null and a.state = 'active'),
             (select min(lease_until) from runs where admitted_at is not null)),
    coalesce((select jsonb_agg(jsonb_build_array(run_id, epoch) order by account_id) from runs
              where admitted_at is not null and worker is null), '[]')
""")
"""When there is something to hand out, and whose wake-ups nobody has taken."""
TIDY: Final = text("delete from procrastinate_jobs")


async def nobody_watches() -> bool:
    """The world goes on to its end."""
    return False


@dataclass
class Life:
    """A trial under way."""

    house: House
    operator: Operator
    fate: Random
    turns: Turns
    stalled: dict[str, datetime] = field(default_factory=dict)
    """Workers that stand still, and when they go on."""
    numbers: int = 0
    ticks: int = 0
    executed: int = 0
    deaths: int = 0
    planned: datetime | None = None
    due_at: datetime | None = None
    is_busy: bool = False
    is_cut_short: bool = False
    lost: set[tuple[UUID, int]] = field(default_factory=set)
    """Wake-ups that reach nobody."""
    on_tick: Callable[[datetime], None] = lambda _: None
    watch: Callable[[], Awaitable[bool]] = nobody_watches
    """Asked after every tick of a planner that came to its end: whether the world may end now."""

    @property
    def is_calm(self) -> bool:
        """Whether nothing goes wrong any more."""
        return self.house.clock.true >= self.house.plan.end

    async def live(self) -> None:
        """From the first tick until what was begun is over, or the watch has seen enough."""
        house = self.house
        house.provider.at_pause = self.moment
        until = house.plan.end + (house.plan.draining if not house.plan.is_fine else timedelta())
        try:
            while house.clock.true < until and not self.is_cut_short:
                await self.moment_of_all()
        finally:
            await self.turns.end()
        if house.plan.is_fine:  # what the last runs brought is told as well
            await self.plan()

    async def moment_of_all(self) -> None:
        """People, operator, planner and workers do what there is to do now; then time goes on."""
        house = self.house
        house.society.until(house.clock.true)
        if self.is_calm:
            house.clock.skew = timedelta()
            house.provider.faults = type(house.provider.faults).none()
        await self.operator.look()
        self.is_cut_short = await self.plan() and await self.watch()
        if self.is_cut_short:
            return
        await self.work()
        await house.tidy()
        self.ticks += 1
        self.on_tick(house.clock.true)
        await self.sleep()

    async def plan(self) -> bool:
        """A planner ticks, sometimes two; each may die anywhere in it. Whether the last one did not."""
        plan = self.house.plan
        copies = 1 if plan.planners == 1 or self.fate.random() < 0.7 else plan.planners
        for _ in range(copies):
            kit = replace(self.house.planner, on_step=self.step_of_planner)
            try:
                self.planned, is_over = (await campaigns.tick(kit, self.house.now)).next_at, True
            except Died:
                self.deaths += 1
                self.planned, is_over = self.house.now, False
        return is_over

    def step_of_planner(self, _: str) -> None:
        """A step of a planner."""
        if not self.is_calm and self.fate.random() < self.house.plan.dies:
            raise Died

    async def work(self) -> None:
        """Hand out what is due, as long as anything is."""
        house, kit = self.house, replace(self.house.app.kit, on_step=self.step)
        self.is_busy = False
        for _ in range(20):
            now = house.now
            async with house.app.sessions.looking() as db:
                ((self.due_at, waiting),) = await fetch(db, NEXT, {})
            if self.due_at is not None and self.due_at <= now:
                async with house.app.sessions.begin() as db:
                    await carry_out(db, TIDY, {})
                    await runs.reap(kit, db, now)
                    await halt.let_go(db, now)
                    await runs.admit(db, now, kit.lease(now))
                    waiting = (await fetch(db, NEXT, {}))[0][1]
            admitted = [(UUID(run_id), epoch) for run_id, epoch in waiting]
            self.wake_stalled()
            admitted = [one for one in admitted if one not in self.lost]
            if not admitted and not self.going():
                return
            self.is_busy = True
            if house.plan.abreast > 1:
                await self.abreast(kit, admitted)
                continue
            self.hand_out(kit, admitted)
            await self.turns.until_over(self.stands, self.between)
        raise AssertionError("the work of one moment never ends")

    def hand_out(self, kit: Kit, admitted: list[tuple[UUID, int]]) -> None:
        """Give each wake-up to a worker; some are doubled, some get lost."""
        hands: list[list[tuple[UUID, int]]] = [[] for _ in range(self.house.plan.workers)]
        for number, wakeup in enumerate(admitted):
            luck = 1.0 if self.is_calm or self.house.plan.is_fine else self.fate.random()
            if luck < 0.01:  # nobody is ever told; the lease runs out
                self.lost.add(wakeup)
                continue
            hands[(number + self.ticks) % len(hands)].append(wakeup)
            if luck < 0.01 + self.house.plan.doubles:
                hands[(number + self.ticks + 1) % len(hands)].append(wakeup)
        for wakeups in filter(None, hands):
            self.numbers += 1
            self.turns.begin(f"w{self.numbers}", self.shift(kit, f"w{self.numbers}", wakeups))

    async def abreast(self, kit: Kit, admitted: list[tuple[UUID, int]]) -> None:
        """Answer the wake-ups by several workers abreast, each of which takes the next one that is left."""
        left = list(reversed(admitted))

        async def at_work(name: str) -> None:
            while left:
                await self.shift(kit, name, [left.pop()])()

        names = [f"w{number}" for number in range(min(self.house.plan.abreast, len(admitted)))]
        await Row().over([partial(at_work, name) for name in names])
        self.house.society.until(self.house.clock.true)

    def shift(self, kit: Kit, name: str, wakeups: list[tuple[UUID, int]]) -> "Shift":
        """What one worker does."""
        return Shift(self, kit, name, wakeups)

    def going(self) -> list[Worker]:
        """Workers that do not stand still."""
        return [one for one in self.turns.under_way if not self.stands(one)]

    def stands(self, worker: Worker) -> bool:
        """Whether a worker stands still for now."""
        return worker.name in self.stalled

    def wake_stalled(self) -> None:
        """Let those go on whose time has come."""
        for name, until in list(self.stalled.items()):
            if until <= self.house.clock.true or self.is_calm:
                del self.stalled[name]

    def step(self, _: str) -> None:
        """At every step of an attempt a moment passes, and the worker may die."""
        self.house.clock.advance(timedelta(milliseconds=self.fate.randint(50, 900)))
        self.may_die()

    def may_die(self) -> None:
        """Perhaps it dies here."""
        if not self.is_calm and self.fate.random() < self.house.plan.dies:
            self.deaths += 1
            raise Died

    def moment(self, _: str) -> None:
        """Between two requests to the service: time passes, people write, workers die or stand still."""
        house = self.house
        house.clock.advance(timedelta(milliseconds=self.fate.randint(300, 2500)))
        house.society.until(house.clock.true)
        if self.is_calm or house.plan.is_fine:
            return
        self.may_die()
        worker = CURRENT.get()
        if worker is None:
            return
        if isinstance(worker.doing, tuple) and self.fate.random() < house.plan.blurts:
            handle, person = worker.doing
            self.blurt(handle, person)
        if self.fate.random() < house.plan.stalls:
            self.stalled[worker.name] = house.clock.true + timedelta(minutes=self.fate.choice((6, 20, 90)))

    def blurt(self, handle: str, person: Person) -> None:
        """Whom we are about to write to writes, or accepts, or the operator does, right now."""
        society = self.house.society
        bond = society.bond(handle, person)
        if bond.relation == "connected":
            luck = self.fate.random()
            if luck < 0.2:
                society.by_hand(handle, person)
            else:
                society.writes(handle, person, "reply" if luck < 0.7 else "opt_out")
        elif bond.relation == "pending":
            society.accepts(handle, person)

    async def between(self) -> None:
        """Between two turns the world goes on."""
        self.house.society.until(self.house.clock.true)

    async def sleep(self) -> None:
        """Jump to what is due next; right after work the planner has news to take in."""
        house = self.house
        wanted = min((one for one in (self.due_at, self.planned) if one is not None), default=None)
        nap = LONGEST_NAP if wanted is None else min(wanted - house.now, LONGEST_NAP)
        nap = timedelta() if self.is_busy else min(nap, self.operator.next_at - house.clock.true)
        if self.stalled:
            nap = min(nap, min(self.stalled.values()) - house.clock.true)
        house.clock.advance(max(nap, house.plan.step))


@dataclass(frozen=True)
class Shift:
    """One worker's wake-ups, answered one after the other."""

    life: Life
    kit: Kit
    name: str
    wakeups: list[tuple[UUID, int]]

    async def __call__(self) -> None:
        """Work until nothing is left, or it dies."""
        worker = CURRENT.get()
        for run_id, epoch in self.wakeups:
            if worker is not None:
                worker.doing = None
            self.life.executed += 1
            await runs.execute(self.kit, self.name, run_id, epoch)


def a_life(house: House) -> Life:
    """A trial that is about to begin."""
    seed = house.plan.seed
    return Life(house, Operator(house), chance(seed, "fate"), Turns(chance(seed, "turns")))
