"""A planner that is dead, or far behind, is seen by what it left undone."""

from datetime import datetime

import pytest

from campaign_house import DAY, HOUR, MINUTE, WRITE, House, a_house
from overture import campaigns
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender, in which somebody was just enrolled."""
    house = await a_house(make_app)
    await house.sender()
    await house.enroll(await house.campaign(WRITE), *await house.people(1))
    return house


async def behind_since(house: House) -> datetime | None:
    """Since when the planner is behind, as the product sees it."""
    return await campaigns.behind_since(house.app.sessions, house.now)


async def test_what_no_planner_comes_to_is_told_after_some_minutes(house: House) -> None:
    began = house.now
    house.clock.advance(4 * MINUTE)
    assert await behind_since(house) is None
    house.clock.advance(2 * MINUTE)
    assert await behind_since(house) == began

    await house.settle()
    assert await behind_since(house) is None


async def test_a_planner_that_dies_later_is_noticed_by_what_became_due_since(house: House) -> None:
    await house.settle()
    house.clock.advance(HOUR)
    await house.settle()
    assert await behind_since(house) is None

    house.clock.advance(DAY)
    since = await behind_since(house)
    assert since is not None
    assert since > house.now - DAY
