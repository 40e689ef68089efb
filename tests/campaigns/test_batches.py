"""What a tick does for many at once: every lane is served, nobody twice, and one lead spoils nothing."""

import pytest
from sqlalchemy import event

from campaign_house import DAY, HELLO, HOUR, House, a_house
from product import MakeApp

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with nobody in it."""
    return await a_house(make_app)


async def test_every_lane_is_served_in_one_tick(house: House) -> None:
    """Three accounts of one campaign act at once; none waits for another."""
    handles = [await house.sender(name) for name in ("ada", "grace", "mary")]
    await house.enroll(await house.campaign(ONE, *handles), *await house.people(6))
    ticked = await house.tick()

    assert ticked.counts["submitted"] == 3
    assert len({touch.account_id for touch in await house.touches()}) == 3


async def test_a_person_in_two_campaigns_gets_one_text_of_a_tick(house: House) -> None:
    """Two accounts whose turn it is for the same person: one writes, the other sees that it has."""
    await house.sender("ada")
    await house.sender("grace")
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(ONE, "ada"), lead)
    second = await house.campaign({**ONE, "name": "other"}, "grace", active_elsewhere="enroll")
    await house.enroll(second, lead)
    ticked = await house.tick()
    assert ticked.counts["submitted"] == 1

    await house.pass_time(DAY)
    assert len(house.sent("message")) == 1  # the other's is the same text
    assert (await house.enrollment(lead, second)).reason == "duplicate"


async def test_a_lead_that_cannot_be_planned_spoils_nothing(house: House) -> None:
    """The others of the tick are written to; it waits for a person, and why says so."""
    await house.sender("ada")
    await house.sender("grace")
    bad, good = await house.people(2)
    campaign = await house.campaign(ONE, "ada", "grace", zone="both")
    await house.enroll(campaign, bad, good, scores={bad.id: 9.0})
    await house.execute("update leads set zone = 'Nowhere/Land' where lead_id = :lead", lead=bad.id)
    await house.pass_time(5 * HOUR)

    assert len(house.sent("message")) == 1
    assert (await house.enrollment(bad)).reason == "config_invalid"
    assert house.sent("message")[0].target == "lea-2"


@pytest.mark.parametrize("count", [2, 6])
async def test_a_tick_asks_no_more_for_more_lanes(house: House, count: int) -> None:
    """Six accounts cost as many statements as two."""
    handles = [await house.sender(f"s{number}") for number in range(count)]
    await house.enroll(await house.campaign(ONE, *handles), *await house.people(count))
    asked: list[str] = []
    event.listen(house.app.engine.sync_engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    ticked = await house.tick()

    assert ticked.counts["submitted"] == count
    assert len(asked) <= 50
