"""I7: the view of the quotas is a recount of the runs at every quiet moment; nothing kept can drift."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from quota_house import DAY, House, a_house, mutated, recounted, told
from sqlalchemy.ext.asyncio import AsyncSession

import fakes
from overture.accounts import Limits, Window, bound
from overture.runs import quota
from overture.runs.quota import LATE
from overture.runs.spent import Quota, Spent, spent_of
from product import MakeApp

FATES = (fakes.ok, fakes.uncertain_committed, fakes.uncertain_not_committed, fakes.confirm_none)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_view_is_a_recount_and_what_the_world_saw(make_app: MakeApp, seed: int) -> None:
    house = await a_house(make_app, seed)
    await house.account("ada", Limits(message=Window(per_day=5), min_gap_s=0))
    for _ in range(12):
        for kind in ("connect", "message", "inmail"):
            run = await house.submit("ada", kind, "Hello" if house.chance.random() < 0.3 else None)
            house.provider.script(run.target, house.chance.choice(FATES)(), fakes.ok())
        await house.work()
        assert told(await house.view("ada")) == await recounted(house, "ada")
        house.clock.advance(timedelta(minutes=house.chance.choice((1, 40, 300))))

    await house.until_quiet()
    house.clock.advance(timedelta(minutes=5))
    await house.until_quiet()
    view = await house.view("ada")
    assert told(view) == await recounted(house, "ada")
    for category, kind in (("invite", "connect"), ("message", "message"), ("inmail", "inmail")):
        day = view.actions[kind].windows[0]
        since = house.clock.now() - DAY - LATE
        seen = sum(sent.at > since for sent in house.seen("ada", category))
        assert day.delivered <= seen <= day.delivered + day.unknown + day.in_flight
        assert (day.remaining or 0) <= max(0, (day.limit or 0) - seen)


async def a_day_later(house: House) -> tuple[int, int]:
    """What the view says was delivered of messages, and what the world saw, a day after three were sent."""
    await house.account("ada", Limits(message=Window(per_day=3), min_gap_s=0))
    for _ in range(3):
        await house.submit("ada", "message")
    await house.until_quiet(10)
    assert (await house.view("ada")).actions["message"].reason_code == "daily_quota"
    house.clock.advance(DAY + timedelta(minutes=2))
    view = await house.view("ada")
    seen = [sent for sent in house.seen("ada", "message") if sent.at > house.clock.now() - DAY]
    return view.actions["message"].windows[0].delivered, len(seen)


async def test_what_has_aged_is_free_again(make_app: MakeApp) -> None:
    said, seen = await a_day_later(await a_house(make_app, 1))

    assert said == seen == 0


async def test_m8_a_heal_that_takes_the_larger_number_is_caught(make_app: MakeApp) -> None:
    kept: dict[tuple[UUID, str, str], int] = {}
    right = spent_of

    async def healed(
        db: AsyncSession, account_id: UUID, quotas: Sequence[Quota], run_id: UUID | None, now: datetime
    ) -> list[Spent]:
        """M8: a stored counter, healed by `max(existing, counted)`."""
        found = []
        for wanted, spent in zip(quotas, await right(db, account_id, quotas, run_id, now), strict=True):
            key = (account_id, wanted.category, wanted.span)
            kept[key] = max(kept.get(key, 0), spent.used)
            found.append(replace(spent, delivered=spent.delivered + kept[key] - spent.used))
        return found

    with mutated(quota, "spent_of", healed):
        said, seen = await a_day_later(await a_house(make_app, 1))

    assert said != seen


NUMBERS = st.none() | st.integers(0, 200)


@given(NUMBERS, NUMBERS, NUMBERS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_least_of_three_bounds_holds(own: int | None, stage: int | None, ceiling: int | None) -> None:
    found = bound(own, stage, ceiling)
    given_bounds = [value for value in (own, stage, ceiling) if value is not None]

    assert found.limit == min(given_bounds, default=None)
    without_ramp = [value for value in (own, ceiling) if value is not None]
    assert found.is_ramp == (found.limit != min(without_ramp, default=None))
