"""What a campaign looks at last: nothing between the last reading of the inbox and the act is missed."""

import pytest
from sqlalchemy import select

from campaign_house import DAY, HELLO, HOUR, MINUTE, WRITE, House, a_house
from overture.campaigns.syncs import OVERLAP
from overture.runs import Run
from product import MakeApp

LATE = {"name": "late", "steps": [{**HELLO, "delay": "3h"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with nobody in it."""
    return await a_house(make_app)


async def test_an_answer_after_the_enrolment_and_before_the_run_stops_it(house: House) -> None:
    """Nobody has read the inbox since; the run itself is younger than the answer."""
    await house.sender()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(LATE), lead)
    enrolled_at = house.now
    house.provider.wrote["lea-1"] = house.now + HOUR
    await house.pass_time(5 * HOUR)

    assert house.sent("message") == []
    assert house.provider.looks[-1].since == enrolled_at
    assert (await house.enrollment(lead)).state == "replied"


async def test_an_answer_after_the_last_reading_stops_the_next_message(house: House) -> None:
    """It came after the inbox was read, before the second message was planned."""
    await house.sender()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.pass_time(3 * DAY - 5 * MINUTE)
    assert len(house.sent("message")) == 1
    house.provider.wrote["lea-1"] = house.now
    await house.pass_time(2 * HOUR)

    assert len(house.sent("message")) == 1
    assert (await house.enrollment(lead)).state == "replied"


async def test_the_look_begins_where_the_last_reading_is_sure(house: House) -> None:
    """What was in the thread before has been read and judged: it stops nothing."""
    await house.sender()
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.pass_time(4 * DAY)
    _, second = house.provider.looks
    async with house.app.sessions() as db:
        found = (await db.scalars(select(Run).order_by(Run.created_at))).all()
    *_, message = (run for run in found if run.touchpoint_type == "message")
    *_, reading = (
        run for run in found if run.touchpoint_type == "sync_inbox" and run.created_at < message.created_at
    )
    assert second.since == reading.created_at - OVERLAP["sync_inbox"]
