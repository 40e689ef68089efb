"""The bug zoo: known bugs of the field, put back one at a time. The product has no switch for them; each
replaces a few names while a trial lasts, and says in what world it shows.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from overture import campaigns, people, runs
from overture.accounts import Account, WorkingHours
from overture.campaigns import Campaign, Enrollment, PlannerKit
from overture.campaigns.facts import Do, Finish
from overture.campaigns.sequence import Fallback
from overture.db import read_events
from overture.runs import Go, Kit, Run, settle
from overture.runs.ends import Done, Failed

from .plan import START, Plan, planned
from .provider import ModelProvider
from .society import Odds

MODULES: Final = "overture.{}"
Patches = list[tuple[object, str, object]]


def module(name: str) -> Any:
    """A module of the product, where its package gives the name to something else."""
    return import_module(MODULES.format(name))


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

    async def apply_events(kit: PlannerKit, now: datetime) -> int:
        async with kit.sessions.begin() as db:
            entered = await read_events(db, "planner", apply.MOST)
        if entered:
            kit.on_step("apply.read")
            async with kit.sessions.begin() as db:
                await apply.take_in(kit, db, apply.sort_out(entered), now)
        return len(entered)

    return [(module("campaigns.planner"), "apply_events", apply_events)]


def m3_finished_on_an_empty_batch() -> Patches:
    """Nothing is due this moment, so the campaign is taken to be finished."""
    planner = module("campaigns.planner")
    real = planner.turn_due

    async def turn_due(kit: PlannerKit, now: datetime) -> int:
        turned: int = await real(kit, now)
        if not turned:
            async with kit.sessions.begin() as db:
                query = select(Campaign).where(Campaign.state == "active").with_for_update()
                for one in await db.scalars(query):
                    await campaigns.do(db, kit.ids, one, "complete", "planner", now)
        return turned

    return [(planner, "turn_due", turn_due)]


def m4_no_claim() -> Patches:
    """Whoever hears of a run performs it, whether another has it or not."""
    store = module("runs.store")
    live = select(Run, Account).join(Account, Account.id == Run.account_id)

    async def found(db: AsyncSession, run_id: UUID, epoch: int, _: str = "") -> Any:
        row = (await db.execute(live.where(Run.id == run_id, Run.epoch == epoch))).one_or_none()
        over = row is None or row[0].status in runs.TERMINAL
        return None if row is None or over else store.Live(*row)

    async def still_taken(db: AsyncSession, run_id: UUID, epoch: int, worker: str) -> Any:
        one = await found(db, run_id, epoch, worker)
        return one.account if one is not None else None

    return [(store, "untaken", found), (store, "taken", found), (store, "still_taken", still_taken)]


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

    return [(record, "record_once", record_once)]


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
    submit = module("campaigns.submit")
    real = submit.send

    async def send(kit: PlannerKit, db: AsyncSession, acting: Any, ready: Any) -> None:
        await real(kit, db, acting, ready)
        await db.execute(text("delete from idempotency_keys where key = :key"), {"key": acting.key})
        await db.execute(text("delete from touches where enrollment_id = :id"), {"id": acting.enrollment.id})

    return [(submit, "send", send)]


def opening(wrong: Callable[[WorkingHours, str, datetime], datetime]) -> Patches:
    """Wherever working hours are asked for, this answers."""
    names = ("runs.gate", "campaigns.queue", "campaigns.syncs")
    patches: Patches = [(module(name), "next_opening", wrong) for name in names]
    return [*patches, (module("campaigns.queue"), "why_closed", lambda *_: None)]


def m11_weekday_skip_keeps_the_clock() -> Patches:
    """Over a weekend only the date moves on; the time of day stays and is not looked at again."""
    hours = module("accounts.hours")
    skipped: set[tuple[str, object]] = set()

    def next_opening(of: WorkingHours, zone: str, now: datetime) -> datetime:
        local = now.astimezone(ZoneInfo(zone))
        if (zone, local.date()) in skipped:
            return now
        real: datetime = hours.next_opening(of, zone, now)
        days = (real.astimezone(ZoneInfo(zone)).date() - local.date()).days
        if days < 2:
            return real
        then = local + timedelta(days=days)
        skipped.add((zone, then.date()))
        return then.astimezone(UTC)

    return opening(next_opening)


def m12_the_wrong_hour() -> Patches:
    """The hour of the season is taken off where it should be added."""
    hours = module("accounts.hours")

    def next_opening(of: WorkingHours, zone: str, now: datetime) -> datetime:
        there = ZoneInfo(zone)
        stale = START.astimezone(there).utcoffset() or timedelta()
        shift = (now.astimezone(there).utcoffset() or timedelta()) - stale
        opens: datetime = hours.next_opening(of, zone, now + shift)
        return opens - shift

    return opening(next_opening)


def m13_blacklist_of_one_campaign() -> Patches:
    """Whoever is suppressed is so for the campaign they answered, and for nothing else."""

    async def is_suppressed(*_: object) -> dict[UUID, object]:
        return {}

    async def veto(*_: object) -> Go:
        return Go()

    names = ("campaigns.due", "campaigns.submit")
    patches: Patches = [(module(name), "is_suppressed", is_suppressed) for name in names]
    return [*patches, (people, "is_suppressed", is_suppressed), (people.suppression, "veto", veto)]


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
    real = runs.submit

    async def submit(
        db: AsyncSession, ids: Any, asked: runs.RunRequest, now: datetime, lease: datetime
    ) -> Any:
        bare = replace(asked, idempotency_key=None)
        first = await real(db, ids, bare, now, lease)
        if type(asked.touchpoint).reaches_person and first.run.token.int % 3 == 0:
            await real(db, ids, bare, now, lease)
        return first

    return [(runs, "submit", submit)]


def m20_dead_is_sent() -> Patches:
    """A run whose worker died is shown as sent."""
    reap = module("runs.reap")
    real = reap.take_back

    async def take_back(kit: Kit, db: AsyncSession, run: Run, now: datetime) -> None:
        if run.status == "running" and run.worker is not None:
            settle.complete(run, now, {}, acted=True)
            return
        await real(kit, db, run, now)

    return [(reap, "take_back", take_back)]


def m21_only_the_last_message() -> Patches:
    """An answer is seen only as the last message of the thread."""
    seen = module("campaigns.observe_runs")
    real = seen.of_thread

    async def of_thread(db: AsyncSession, ids: Any, thread: Any, now: datetime) -> None:
        read = thread.read.model_copy(update={"messages": thread.read.messages[-1:]})
        await real(db, ids, replace(thread, read=read), now)

    return [(seen, "of_thread", of_thread), (ModelProvider, "only_last_message", True)]


@dataclass(frozen=True)
class Mutant:
    """A bug, and what there must be plenty of in a world in which it shows."""

    patches: Callable[[], Patches]
    world: Mapping[str, Any] = field(default_factory=dict)

    def __call__(self) -> Any:
        """Put it in, for a while."""
        return replaced(*self.patches())

    def plan(self, seed: int, **sizes: int) -> Plan:
        """The plan of a seed in such a world."""
        return replace(planned(seed, **sizes), **{"jumps": 0, **self.world})


CHATTY: Final = Odds(
    accepts=0.95, declines=0.0, replies=0.9, away=1.0, answered_by_hand=0.0, deletes=0.0, shy=0.0
)
FRIENDLY: Final = Odds(
    accepts=0.9, declines=0.0, replies=0.0, auto_replies=0.0, opts_out=0.0, says_no=0.0, shy=0.0
)
MUTANTS: Final[dict[str, Mutant]] = {
    "M2": Mutant(m2_checkpoint_at_fetch, {"dies": 0.03}),
    "M3": Mutant(m3_finished_on_an_empty_batch),
    "M4": Mutant(m4_no_claim, {"doubles": 0.5, "workers": 3}),
    "M5": Mutant(m5_one_failure_unmarks_the_batch, {"odds": FRIENDLY}),
    "M6": Mutant(m6_entering_again_restarts, {"odds": FRIENDLY}),
    "M7": Mutant(m7_key_dropped_after_enqueue, {"odds": FRIENDLY}),
    "M11": Mutant(m11_weekday_skip_keeps_the_clock, {"opens_after": timedelta(days=2, hours=13)}),
    "M12": Mutant(m12_the_wrong_hour, {"opens_after": timedelta(days=2, hours=13)}),
    "M13": Mutant(m13_blacklist_of_one_campaign, {"suppresses": 0.4}),
    "M14": Mutant(m14_fallback_at_once, {"odds": Odds(shy=0.7)}),
    "M15": Mutant(m15_no_way_when_false, {"odds": replace(FRIENDLY, connected=0.6)}),
    "M19": Mutant(m19_posted_twice),
    "M20": Mutant(m20_dead_is_sent, {"dies": 0.02}),
    "M21": Mutant(m21_only_the_last_message, {"odds": CHATTY, "blurts": 0.0}),
}
"""By their number in the zoo."""
