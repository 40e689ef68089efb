"""I11: at every hour of a campaign's life whoever is not done has a time or a reason, and the sweeper, which
would see it otherwise, finds nobody; what is broken behind its back it does find.
"""

import pytest
from sqlalchemy import select

from campaign_house import CLASSIC, DAY, HOUR, House, a_house
from overture.campaigns import Enrollment
from overture.campaigns.reasons import BLOCKED, WAITING
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with five people in a campaign of invitation, acceptance and two messages."""
    house = await a_house(make_app)
    await house.sender(invite={"per_day": 2})
    await house.people(5)
    house.pending()
    await house.enroll(await house.campaign(CLASSIC), *house.leads)
    return house


async def assert_nobody_waits_silently(house: House) -> None:
    """Everybody who is not done: the reason is one, the time is not long past."""
    async with house.app.sessions() as db:
        for one in await db.scalars(select(Enrollment).where(Enrollment.state.in_(("active", "paused")))):
            assert one.reason in WAITING.keys() | BLOCKED.keys()
            assert one.next_action_at is not None or one.reason in BLOCKED
            is_late = one.next_action_at is not None and one.next_action_at < house.now - HOUR
            assert one.reason == "queued" or not is_late
    assert await house.sweep() == []


async def test_nobody_waits_silently_at_any_time_whatever_happens(house: House) -> None:
    campaign_id = (await house.enrollment(house.leads[0])).campaign_id
    for hour in range(0, 5 * 24, 2):
        match hour:
            case 30:
                house.accepts(house.leads[0])
            case 40:
                await house.do(campaign_id, "pause")
            case 60:
                await house.do(campaign_id, "resume")
            case 70:
                house.writes(house.leads[0], "Tell me more")
        await house.pass_time(2 * HOUR)
        await assert_nobody_waits_silently(house)

    found = [await house.enrollment(lead) for lead in house.leads]
    left_alone = [one for one in found if one.reason == "already_connected"]
    assert len(left_alone) <= 1  # the one who was connected before their turn came
    assert "invite" not in {one.step for one in found if one not in left_alone}


BROKEN = {
    "overdue": "update enrollments set reason = 'delay', next_action_at = :at where state = 'active'",
    "no_run": "update enrollments set reason = 'running', next_action_at = :later where state = 'active'",
    "lane_missing": "update enrollments set reason = 'queued', lane = 'comment' where state = 'active'",
    "lane_asleep": "update enrollments set reason = 'queued', lane = 'connect' where state = 'active'",
}


@pytest.mark.parametrize("code", BROKEN)
async def test_what_is_broken_behind_its_back_is_found(house: House, code: str) -> None:
    await house.pass_time(3 * DAY)
    if code == "lane_asleep":
        await house.execute("update lanes set reason = 'idle', next_at = :at", at=house.now + DAY)
    await house.execute(
        BROKEN[code],
        **{
            name: at
            for name, at in {"at": house.now - 2 * HOUR, "later": house.now + DAY}.items()
            if f":{name}" in BROKEN[code]
        },
    )

    assert {one.code for one in await house.sweep()} == {code}
