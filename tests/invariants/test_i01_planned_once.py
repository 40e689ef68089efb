"""I1–I4 and I22 of campaigns: once whatever crashes, never lost, no text twice, silence after an answer."""

from dataclasses import replace

import pytest

from campaign_house import HELLO, WRITE, House, a_house
from overture import campaigns
from overture.campaigns import Sight
from product import MakeApp
from simulation.folding import unlike_their_events

ONCE = {"name": "once", "steps": [{**HELLO, "delay": "0min"}]}
BOUNDARIES = (
    *("apply.read", "apply.done", "due.locked", "due.decided", "lane.locked", "lane.served"),
    *("submit.before", "submit.between"),
)


class Died(BaseException):
    """The planner's process is gone."""


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender and a lead."""
    house = await a_house(make_app)
    await house.sender()
    await house.people(1)
    return house


@pytest.mark.parametrize("boundary", BOUNDARIES)
async def test_a_planner_that_dies_anywhere_neither_doubles_nor_loses(house: House, boundary: str) -> None:
    """It dies at this boundary in the first ticks; another goes on: one message, and the lead is done."""
    await house.enroll(await house.campaign(ONCE), *house.leads)
    deaths = iter([boundary, boundary])

    def die(at: str) -> None:
        if at == boundary and next(deaths, None) is not None:
            raise Died

    dying = replace(house.app.planner_kit, on_step=die)
    for _ in range(3):
        try:
            await campaigns.tick(dying, house.now)
        except Died:
            continue
    await house.settle()

    assert [one.target for one in house.sent()] == ["lea-1"]
    assert (await house.enrollment(house.leads[0])).state == "completed"
    assert {one.state for one in await house.touches()} == {"delivered"}


async def test_the_same_text_never_goes_twice_to_one_person(house: House) -> None:
    """Not by another campaign and another account either."""
    await house.sender("grace")
    await house.enroll(await house.campaign(ONCE), *house.leads)
    await house.settle()
    other = await house.campaign(ONCE, "grace", active_elsewhere="enroll")
    await house.enroll(other, *house.leads)
    await house.settle()

    assert len(house.sent()) == 1
    assert (await house.enrollment(house.leads[0], other)).reason == "duplicate"


async def test_silence_when_they_answer_between_plan_and_act(house: House) -> None:
    """The run is planned; the answer is seen; the gate lets nothing out, before any planner has looked."""
    await house.enroll(await house.campaign(ONCE), *house.leads)
    await house.tick()
    async with house.app.sessions.begin() as db:
        sight = Sight(house.leads[0].id, house.now, "api:1")
        await campaigns.observe.replied(db, house.app.ids, sight, house.now)
    await house.work()
    assert house.sent() == []

    await house.settle()
    assert (await house.enrollment(house.leads[0])).state == "replied"


async def test_every_state_is_the_fold_of_its_events(house: House) -> None:
    """I22: campaign, enrollment, touches, relationship, stage are what the log adds up to; else it shows."""
    campaign_id = await house.campaign(WRITE)
    await house.enroll(campaign_id, *house.leads)
    await house.settle()
    await house.do(campaign_id, "pause")
    async with house.app.sessions() as db:
        assert await unlike_their_events(db) == []

    await house.execute("update enrollments set step = 'elsewhere'")
    await house.execute("update touches set code = 'silently'")
    async with house.app.sessions() as db:
        found = await unlike_their_events(db)
    assert {one.partition(":")[0] for one in found} == {"enrollments", "touches"}
