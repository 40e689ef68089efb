"""I6: whatever is asked, whoever dies, however the clock jumps and limits are lowered, no window ever holds
more than it may; judged by what the world saw.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from quota_house import (
    DAY,
    WEEK,
    House,
    a_house,
    any_window,
    mutated,
    notes_of_months,
    recounted,
    told,
    too_many,
)

import fakes
from overture import runs
from overture.accounts import Limits, Window
from overture.core.errors import NotPossible
from overture.core.reasons import Reason
from overture.runs import quota
from overture.runs.quota import Pace
from overture.runs.spent import Quota
from overture.touchpoints import Category
from product import MakeApp

KINDS = ("connect", "connect", "connect", "message", "message", "inmail", "visit")
GAP = 30.0
OLD = Limits(
    invite=Window(per_day=4, per_week=6),
    message=Window(per_day=4),
    inmail=Window(per_day=2),
    visit=Window(per_day=3),
    min_gap_s=GAP,
)
ROUNDS = 24


def jumps(house: House) -> timedelta:
    """By how much the clock goes wrong: mostly not, else by minutes or days, either way."""
    if house.chance.random() < 0.85:
        return timedelta()
    return timedelta(minutes=house.chance.choice((-1500, -90, -3, 3, 90, 1500, 2880)))


async def ask_for_something(house: House, handle: str) -> None:
    """A few touchpoints, some of whose answers will be lost."""
    for _ in range(house.chance.randint(0, 2)):
        kind = house.chance.choice(KINDS)
        note = "Hello" if kind == "connect" and house.chance.random() < 0.5 else None
        run = await house.submit(handle, kind, note)
        fate = house.chance.choice(
            (
                fakes.ok(),
                fakes.ok(),
                fakes.uncertain_committed(),
                fakes.uncertain_not_committed(),
                fakes.confirm_none(),
                fakes.fail(NotPossible("invite_cooldown", "not yet"), "act"),
            )
        )
        if kind != "visit":
            house.provider.script(run.target, fate, fakes.ok())


@pytest.mark.parametrize("seed", [1, 2])
async def test_no_window_ever_holds_more_than_it_may(make_app: MakeApp, seed: int) -> None:
    house = await a_house(make_app, seed, dies=0.01)
    await house.account("old", OLD, zone="Asia/Kolkata")
    await house.account("young", Limits(min_gap_s=0.0), ramp="on", tier="premium")
    for number in range(ROUNDS):
        for handle in ("old", "young"):
            await ask_for_something(house, handle)
        if number == ROUNDS // 2:
            await house.change("old", limits={"message": {"per_day": 1}})
        await house.work()
        await house.work()
        house.clock.advance(timedelta(minutes=house.chance.choice((1, 3, 20, 60, 240))))
        house.clock.jump(jumps(house))
        for handle in ("old", "young"):
            assert told(await house.view(handle)) == await recounted(house, handle)

    assert (
        judged(house, "old", {"invite": 4, "message": 4, "inmail": 2, "visit": 3}, invites_per_week=6) == []
    )
    young = {"invite": 5, "message": 10, "inmail": 3, "visit": 15}
    assert judged(house, "young", young, invites_per_week=20) == []
    assert max(notes_of_months(house.seen("old", "invite"), "Asia/Kolkata").values(), default=0) <= 5
    acts = sorted(sent.at for sent in house.provider.sent if sent.handle == "old")
    gaps = [later - earlier for earlier, later in pairwise(acts)]
    assert min(gaps, default=timedelta.max) >= timedelta(seconds=GAP - 1)
    assert {Reason.DAILY_QUOTA, Reason.MIN_INTERVAL} <= house.reasons
    assert len(house.provider.sent) > 20


def judged(house: House, handle: str, per_day: dict[str, int], invites_per_week: int) -> list[str]:
    """Every window of what the world saw that holds too many."""
    wrong: list[str] = []
    for category, most in per_day.items():
        sent = house.seen(handle, category)
        wrong += too_many(sent, most, DAY) + any_window(sent, most, DAY)
    invites = house.seen(handle, "invite")
    return wrong + too_many(invites, invites_per_week, WEEK) + any_window(invites, invites_per_week, WEEK)


async def test_a_limit_lowered_in_flight_holds_from_that_transaction_on(make_app: MakeApp) -> None:
    house = await a_house(make_app, 5)
    await house.account("ada", OLD.model_copy(update={"min_gap_s": 0.0}))
    lowered = False

    async def lower(step: str) -> None:
        nonlocal lowered
        if step == "look" and not lowered:
            lowered = True
            await house.change("ada", limits={"message": {"per_day": 0}})

    class Meddled(fakes.ScriptedProvider):
        """Someone lowers the limit between the gate's first look and the intent."""

        async def meet(self, behaviour: fakes.Behaviour, phase: fakes.Phase) -> None:
            await lower(phase)
            await super().meet(behaviour, phase)

    provider = Meddled(house.clock)
    house.provider = provider
    house.app = replace(house.app, providers={provider.name: provider})
    run = await house.submit("ada", "message")
    await house.until_quiet(4)

    async with house.app.sessions() as db:
        seen = await runs.by_id(db, run.id)
    assert lowered
    assert provider.sent == []
    assert (seen.status, seen.wait_reason, seen.effect) == ("pending", Reason.DAILY_QUOTA, "none")


async def test_notes_are_counted_by_the_month_of_the_accounts_zone(make_app: MakeApp) -> None:
    house = await a_house(make_app, 6)
    house.clock.jump(datetime(2026, 3, 31, 12, 0, tzinfo=UTC) - house.clock.now())  # 17:30 in Kolkata
    await house.account("ada", Limits(min_gap_s=0), zone="Asia/Kolkata")
    for _ in range(7):
        await house.submit("ada", "connect", "Hello")
    plain = await house.submit("ada", "connect")
    await house.until_quiet()

    assert len(notes := house.seen("ada", "invite")) == 6  # five with a note, and the one without
    async with house.app.sessions() as db:
        waiting = [run for run in await runs.page(db, runs.RunFilter(), None, 20) if run.status == "pending"]
        assert (await runs.by_id(db, plain.id)).status == "completed"
    april = datetime(2026, 3, 31, 18, 30, tzinfo=UTC)  # midnight in Kolkata
    assert {(run.wait_reason, run.next_at) for run in waiting} == {(Reason.MONTHLY_QUOTA, april)}

    house.clock.jump(april - house.clock.now() + timedelta(minutes=1))
    await house.until_quiet()
    assert len(house.seen("ada", "invite")) == 8
    assert notes_of_months(notes, "Asia/Kolkata") == {(2026, 3): 5}


async def evening_and_morning(house: House) -> list[str]:
    """As many messages as a day allows late in the evening, then as many again after midnight (UTC)."""
    await house.account("ada", Limits(message=Window(per_day=3), min_gap_s=0))
    house.clock.jump(datetime(2026, 3, 2, 23, 0, tzinfo=UTC) - house.clock.now())
    for _ in range(2):
        for _ in range(4):
            await house.submit("ada", "message")
        await house.until_quiet(10)
        house.clock.advance(timedelta(hours=2))
    return any_window(house.seen("ada", "message"), 3, DAY)


async def test_midnight_frees_nothing(make_app: MakeApp) -> None:
    house = await a_house(make_app, 3)

    assert await evening_and_morning(house) == []
    assert len(house.provider.sent) == 3


def since_midnight(pace: Pace, category: Category) -> tuple[Quota, ...]:
    """M9: the day's counter begins anew at midnight UTC."""
    midnight = datetime.combine(pace.now.date(), time(0), UTC)
    day, week = RIGHT(pace, category)
    return replace(day, since=midnight), week


RIGHT = Pace.quotas


async def test_m9_a_counter_reset_at_midnight_is_caught(make_app: MakeApp) -> None:
    house = await a_house(make_app, 3)
    with mutated(Pace, "quotas", since_midnight):
        assert await evening_and_morning(house) != []


async def messages_then_inmails(house: House) -> set[str]:
    """Which categories, each within its own limit, were held back by the other's acts."""
    await house.account("ada", Limits(message=Window(per_day=3), inmail=Window(per_day=3), min_gap_s=0))
    for kind in ("message", "inmail"):
        for _ in range(3):
            await house.submit("ada", kind)
    await house.until_quiet(12)
    return {kind for kind in ("message", "inmail") if len(house.seen("ada", kind)) < 3}


def inmail_is_a_message(pace: Pace, category: Category) -> tuple[Quota, ...]:
    """M10: InMails and messages are counted in one bucket."""
    return RIGHT(pace, "message" if category == "inmail" else category)


async def test_inmails_have_a_bucket_of_their_own(make_app: MakeApp) -> None:
    house = await a_house(make_app, 4)

    assert await messages_then_inmails(house) == set()
    assert too_many(house.seen("ada", "inmail"), 3, DAY) == []


async def test_m10_a_shared_bucket_is_caught(make_app: MakeApp) -> None:
    house = await a_house(make_app, 4)
    with mutated(quota.Pace, "quotas", inmail_is_a_message):
        assert await messages_then_inmails(house) == {"inmail"}
