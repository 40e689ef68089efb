"""The bug zoo: known bugs of the field, put back one at a time. The product has no switch for them; each
replaces a few names while a trial lasts, and says in what world it shows.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, runs
from overture.accounts import WorkingHours
from overture.campaigns import Campaign, Enrollment, PlannerKit
from overture.campaigns.facts import Do, Finish
from overture.campaigns.sequence import Fallback
from overture.db import News, read_events
from overture.runs import Kit, Run, settle
from overture.runs.ends import Done, Failed

from .plan import START, Plan, planned
from .provider import ModelProvider
from .society import Odds
from .trial import Report, try_out

MODULES: Final = "overture.{}"
Patches = list[tuple[object, str, object]]


def module(name: str) -> Any:
    """A module of the product, where its package gives the name to something else."""
    return import_module(MODULES.format(name))


def wherever(real: Any, wrong: object) -> Patches:
    """Every module of the product that has this by its name has the other instead."""
    name = real.__name__
    return [
        (one, name, wrong)
        for path, one in sorted(sys.modules.items())
        if path.startswith("overture.") and vars(one).get(name) is real
    ]


@contextmanager
def replaced(*patches: tuple[object, str, object]) -> Iterator[None]:
    """These names mean something else for a while."""
    with ExitStack() as stack:
        for owner, name, wrong in patches:
            right = getattr(owner, name)
            setattr(owner, name, wrong)
            stack.callback(setattr, owner, name, right)
        yield


def m2_checkpoint_at_fetch() -> Patches:
    """The reader's place is kept before the work is done: what a crash interrupts is never done."""
    apply = module("campaigns.apply")

    async def apply_events(kit: PlannerKit, now: datetime) -> News:
        async with kit.sessions.begin() as db:
            news = await read_events(db, "planner", apply.CHOICE, apply.MOST)
        if news.entered:
            kit.on_step("apply.read")
            async with kit.sessions.begin() as db:
                await apply.take_in(kit, db, apply.sort_out(news.entered), now)
        return news

    return wherever(apply.apply_events, apply_events)


def m3_finished_on_an_empty_batch() -> Patches:
    """Nothing is due this moment, so the campaign is taken to be finished."""
    real = module("campaigns.due").turn_due

    async def turn_due(kit: PlannerKit, now: datetime) -> int:
        turned: int = await real(kit, now)
        if not turned:
            async with kit.sessions.begin() as db:
                query = select(Campaign).where(Campaign.state == "active").with_for_update()
                for one in await db.scalars(query):
                    await campaigns.do(db, kit.ids, one, "complete", "planner", now)
        return turned

    return wherever(real, turn_due)


def m4_no_claim() -> Patches:
    """Whoever hears of a run performs it, whether another has it or not."""
    store, halt, begin = module("runs.store"), module("runs.halt"), module("runs.begin")
    unlocked, may_start = module("runs.unlocked"), begin.may_start
    untaken, taken, still, last_check = store.untaken, store.taken, store.still, halt.last_check
    take = text("update runs set worker = :worker where run_id = :run_id and admitted_at is not null")

    async def found(db: AsyncSession, run_id: UUID, epoch: int) -> Any:
        await db.execute(take, {"run_id": run_id, "worker": None})
        return await untaken(db, run_id, epoch)

    async def held(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Any:
        await db.execute(take, {"run_id": run_id, "worker": worker})
        return await taken(db, run_id, epoch, worker)

    async def held_still(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Any:
        await db.execute(take, {"run_id": run_id, "worker": worker})
        return await still(db, run_id, epoch, worker)

    async def under_locks(*_: Any, **__: Any) -> None:
        """Where it all goes wrong."""

    async def started(kit: Kit, db: AsyncSession, live: Any, touchpoint: Any) -> bool:
        return bool(live.run.status == "running" or await may_start(kit, db, live, touchpoint))

    async def checked(kit: Kit, run: Run, worker: str, *more: Any) -> None:
        async with kit.sessions.begin() as db:
            await db.execute(take, {"run_id": run.id, "worker": worker})
        await last_check(kit, run, worker, *more)

    return [
        *[(unlocked, name, under_locks) for name in ("take", "intend", "close")],
        *[(store, "untaken", found), (store, "taken", held), (store, "still", held_still)],
        *[(begin, "may_start", started), *wherever(last_check, checked)],
    ]


def m5_one_failure_unmarks_the_batch() -> Patches:
    """One that fails rolls the marks of those before it back, which had been sent."""
    record = module("runs.record")
    real = record.record_once
    batch: list[UUID] = []
    unmark = text("""
    update runs set status = 'pending', effect = 'none', intended_at = null, completed_at = null,
        next_at = :now, wait_reason = 'ready' where run_id = any(:batch) and status = 'completed'
    """)

    async def record_once(kit: Kit, work: Any, end: Any, left: Any, kept: Any) -> None:
        await real(kit, work, end, left, kept)
        if isinstance(end, Done) and end.acted and work.touchpoint.reaches_person:
            batch.append(work.run.id)
        elif isinstance(end, Failed):
            async with kit.sessions.begin() as db:
                await db.execute(unmark, {"batch": batch, "now": kit.clock.now()})
            batch.clear()

    return wherever(real, record_once)


def m6_entering_again_restarts() -> Patches:
    """Who is enrolled once more begins anew."""
    real = campaigns.enroll
    forget = text("delete from touches where enrollment_id = any(:restarted)")

    async def enroll(
        db: AsyncSession, ids: Any, campaign: Campaign, lead_ids: Any, by: str, now: datetime
    ) -> campaigns.Receipt:
        receipt = await real(db, ids, campaign, lead_ids, by, now)
        again = [row.lead_id for row in receipt.rows if row.code == "duplicate_in_campaign"]
        query = select(Enrollment).where(Enrollment.campaign_id == campaign.id, Enrollment.lead_id.in_(again))
        query = query.where(Enrollment.state != "replied")
        restarted = list(await db.scalars(query.order_by(Enrollment.id)))
        await db.execute(forget, {"restarted": [one.id for one in restarted]})
        for one in restarted:
            one.state, one.reason, one.next_action_at, one.finished_at = "active", "delay", now, None
            one.step, one.round, one.fallback, one.entered_at, one.enrolled_at = None, 0, 0, now, now
        await module("campaigns.store").keep(db, restarted, now, why="enrolled", by=by)
        return receipt

    return [(campaigns, "enroll", enroll)]


def m7_key_dropped_after_enqueue() -> Patches:
    """What makes an act one act is forgotten as soon as it is in the queue."""
    real = campaigns.tick

    async def tick(kit: PlannerKit, now: datetime) -> campaigns.Ticked:
        ticked = await real(kit, now)
        async with kit.sessions.begin() as db:
            await db.execute(text("delete from idempotency_keys where key like 'enr:%'"))
            await db.execute(text("delete from touches"))
        return ticked

    return [(campaigns, "tick", tick)]


def opening(wrong: Callable[[WorkingHours, str, datetime], datetime]) -> Patches:
    """Wherever working hours are asked for, this answers."""
    never_closed = wherever(module("campaigns.calendar").why_closed, lambda *_: None)
    return [*wherever(module("accounts.hours").next_opening, wrong), *never_closed]


def m11_weekday_skip_keeps_the_clock() -> Patches:
    """Over a weekend only the date moves on; the time of day stays and is not looked at again."""
    really = module("accounts.hours").next_opening
    skipped: set[tuple[str, object]] = set()

    def next_opening(of: WorkingHours, zone: str, now: datetime) -> datetime:
        local = now.astimezone(ZoneInfo(zone))
        if (zone, local.date()) in skipped:
            return now
        real: datetime = really(of, zone, now)
        days = (real.astimezone(ZoneInfo(zone)).date() - local.date()).days
        if days < 2:
            return real
        then = local + timedelta(days=days)
        skipped.add((zone, then.date()))
        return then.astimezone(UTC)

    return opening(next_opening)


def m12_the_wrong_hour() -> Patches:
    """The hour of the season is taken off where it should be added."""
    really = module("accounts.hours").next_opening

    def next_opening(of: WorkingHours, zone: str, now: datetime) -> datetime:
        there = ZoneInfo(zone)
        stale = START.astimezone(there).utcoffset() or timedelta()
        shift = (now.astimezone(there).utcoffset() or timedelta()) - stale
        opens: datetime = really(of, zone, now + shift)
        return opens - shift

    return opening(next_opening)


def m13_blacklist_of_one_campaign() -> Patches:
    """Whoever is suppressed is so for the campaign they answered, and for nothing else."""

    known = module("people.suppression.known")

    async def of(*_: object) -> dict[UUID, object]:
        return {}

    def why(*_: object) -> list[str]:
        return []

    return [*wherever(known.of, of), *wherever(known.why, why)]


def m14_fallback_at_once() -> Patches:
    """A fallback does not wait for its delay."""
    decide = module("campaigns.decide")
    real = decide.try_way

    def try_way(place: Any, index: int, tries: list[Any], since: datetime) -> Any:
        if tries or not isinstance(place.step.ways[index], Fallback):
            return real(place, index, tries, since)
        said = real(replace(place, now=place.now + timedelta(days=60)), index, tries, since)
        return replace(said, not_before=since) if isinstance(said, Do) else said

    return [(decide, "try_way", try_way)]


def m15_no_way_when_false() -> Patches:
    """A step whose condition does not hold ends the sequence, and nobody hears of it."""
    decide = module("campaigns.decide")
    real = decide.at_step

    def at_step(place: Any) -> Any:
        is_due = decide.finished(place) is None and place.now >= place.due
        if is_due and not place.is_so(place.step.condition):
            return Finish("completed")
        return real(place)

    return [(decide, "at_step", at_step)]


def m19_posted_twice() -> Patches:
    """The answer to a submission took too long, so it is sent again, without a key."""
    real = runs.submit_many

    async def submit_many(
        db: AsyncSession, ids: Any, requests: Sequence[runs.RunRequest], now: datetime, lease: datetime
    ) -> Any:
        bare = [replace(one, idempotency_key=None) for one in requests]
        first = await real(db, ids, bare, now, lease)
        await real(db, ids, [one for one in bare if type(one.touchpoint).reaches_person], now, lease)
        return first

    return wherever(real, submit_many)


def m20_dead_is_sent() -> Patches:
    """A run whose worker died is shown as sent."""
    reap = module("runs.reap")
    real = reap.take_back

    async def take_back(kit: Kit, db: AsyncSession, run: Run, now: datetime) -> None:
        if run.status == "running" and run.worker is not None:
            settle.complete(run, now, {}, acted=True)
            return
        await real(kit, db, run, now)

    return wherever(real, take_back)


def m21_only_the_last_message() -> Patches:
    """An answer is seen only as the last message of the thread."""
    seen = module("campaigns.observe_threads")
    real = seen.sights_in

    def sights_in(*given: Any) -> Any:
        """Whatever else it is given, the thread in it ends with its last message."""
        return real(*(last_of(one) if isinstance(one, seen.Thread) else one for one in given))

    def last_of(thread: Any) -> Any:
        return replace(thread, read=thread.read.model_copy(update={"messages": thread.read.messages[-1:]}))

    return [*wherever(real, sights_in), (ModelProvider, "only_last_message", True)]


@dataclass(frozen=True)
class World:
    """A small world, and what there is plenty of in it."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    leads: int = 6
    days: int = 3

    def plan(self, seed: int) -> Plan:
        """The plan of a seed in it."""
        small = planned(seed, leads=self.leads, accounts=1, days=self.days)
        return replace(
            small, **{"jumps": 0, "upheaves": False, "draining": timedelta(days=1), **self.changes}
        )


@dataclass(frozen=True)
class Mutant:
    """A bug, the rules of which one must find it, and a world in which it surely shows."""

    patches: Callable[[], Patches]
    shows: tuple[str, ...]
    world: World

    def plan(self, seed: int, **sizes: int) -> Plan:
        """The plan of a seed in such a world, as large as you please."""
        return replace(planned(seed, **sizes), **{"jumps": 0, "upheaves": False, **self.world.changes})

    def try_out(
        self, plan: Plan, url: str, on_tick: Callable[[datetime], None] | None = None
    ) -> tuple[Report, bool]:
        """A trial with the bug in, up to where it shows; whether it did."""
        report = try_out(plan, url, replaced(*self.patches()), on_tick, frozenset(self.shows))
        return report, any(one.rule in self.shows for one in report.findings)


TALKING: Final = Odds(
    **{"accepts": 0.9, "declines": 0.0, "replies": 0.0, "auto_replies": 0.0, "opts_out": 0.0, "says_no": 0.0},
    **{"deletes": 0.0, "shy": 0.8, "connected": 0.7, "lost_acceptance": 0.0},
)
"""Most are connected already, so that messages go out from the first day on; nobody answers."""
CHATTY: Final = replace(TALKING, connected=0.9, replies=0.95, away=1.0, answered_by_hand=0.0)
BUSY: Final = World({"odds": TALKING, "enrolls_again": 0.2, "doubles": 0.5, "workers": 3})
"""Messages from the first day on, wake-ups that reach two workers, people enrolled again and again."""
DYING: Final = World({"dies": 0.1})
WEEKEND: Final = World({"opens_after": timedelta(days=2, hours=13)}, days=6)
"""Campaigns begin on Friday night, two days before the clocks of the account change."""
REFUSING: Final = World({"odds": Odds(shy=0.7), "suppresses": 0.4})
ANSWERING: Final = World({"odds": CHATTY, "blurts": 0.0}, leads=4, days=8)
"""Somebody who is away is left alone for a week, and then written to again if their answer was overlooked."""
MUTANTS: Final[dict[str, Mutant]] = {
    "M2": Mutant(m2_checkpoint_at_fetch, ("I2", "I11"), DYING),
    "M3": Mutant(m3_finished_on_an_empty_batch, ("I2", "I11"), BUSY),
    "M4": Mutant(m4_no_claim, ("I1",), BUSY),
    "M5": Mutant(m5_one_failure_unmarks_the_batch, ("I1",), BUSY),
    "M6": Mutant(m6_entering_again_restarts, ("I1", "I3", "I11"), BUSY),
    "M7": Mutant(m7_key_dropped_after_enqueue, ("I1", "I3"), BUSY),
    "M11": Mutant(m11_weekday_skip_keeps_the_clock, ("I8",), WEEKEND),
    "M12": Mutant(m12_the_wrong_hour, ("I8",), WEEKEND),
    "M13": Mutant(m13_blacklist_of_one_campaign, ("I5",), REFUSING),
    "M14": Mutant(m14_fallback_at_once, ("I8",), REFUSING),
    "M15": Mutant(m15_no_way_when_false, ("I2",), BUSY),
    "M19": Mutant(m19_posted_twice, ("I1", "I3"), BUSY),
    "M20": Mutant(m20_dead_is_sent, ("I15",), DYING),
    "M21": Mutant(m21_only_the_last_message, ("I4",), ANSWERING),
}
"""By their number in the zoo."""
