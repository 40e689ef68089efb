"""Touches count for the person and for the campaign's cap by when they arrive, whoever sets them going."""

from typing import Any

import pytest
from sqlalchemy import select

import fakes
from campaign_house import DAY, HELLO, HOUR, House, a_house
from overture import runs
from overture.core.errors import NotPossible
from overture.runs import Run
from product import MakeApp

FIRST: dict[str, Any] = {**HELLO, "delay": "0min"}
ONE = {"name": "one", "steps": [FIRST]}
OTHER = {"name": "other", "steps": [{**FIRST, "touchpoint": {"type": "message", "message": "Ho"}}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """Two senders."""
    house = await a_house(make_app)
    await house.sender("ada")
    await house.sender("grace")
    return house


async def test_a_run_that_is_retried_by_hand_comes_after_what_arrived_meanwhile(house: House) -> None:
    (lead,) = await house.people(1)
    house.provider.script("lea-1", fakes.fail(NotPossible("not_possible", "no")), fakes.ok())
    settings: dict[str, Any] = {"max_touches_30d": 1, "active_elsewhere": "enroll"}
    late = {**HELLO, "id": "late", "delay": "20 days", "touchpoint": {"type": "message", "message": "Late"}}
    await house.enroll(await house.campaign({**ONE, "steps": [FIRST, late]}, **settings), lead)
    await house.pass_time(HOUR)
    await house.enroll(await house.campaign(OTHER, **settings), lead)
    await house.pass_time(HOUR)
    assert len(house.sent("message")) == 1
    async with house.app.sessions.begin() as db:
        failed = (await db.scalars(select(Run).where(Run.error_code == "not_possible"))).one()
        await runs.retry(db, await runs.by_id(db, failed.id, lock=True), house.now)
    await house.settle()

    async with house.app.sessions() as db:
        retried = await runs.by_id(db, failed.id)
    assert (retried.status, retried.wait_reason) == ("pending", "touch_limit")
    assert len(house.sent("message")) == 1


async def test_what_waits_for_a_worker_counts_for_the_cap_of_the_day_it_is_sent(house: House) -> None:
    leads = await house.people(8)
    await house.enroll(await house.campaign(ONE, "ada", "grace", daily_cap=2), *leads)
    for _ in range(4):
        await house.tick()
    house.clock.advance(DAY + HOUR)  # no worker is there
    for _ in range(4):
        await house.tick()
    await house.pass_time(2 * HOUR)
    assert len(house.sent("message")) == 2

    await house.pass_time(2 * DAY)
    sent = [one.at for one in house.sent("message")]
    assert len(sent) > 2
    assert all(sum(at - DAY < one <= at for one in sent) <= 2 for at in sent)
