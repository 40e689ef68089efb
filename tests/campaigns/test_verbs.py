"""What a person does to a lead's enrollment: passing over a step, stopping, pausing and resuming."""

import pytest

from campaign_house import AGAIN, HELLO, HOUR, MINUTE, WRITE, House, a_house
from overture import campaigns
from overture.core.errors import Conflict
from overture.people import Lead
from product import MakeApp

THREE = {
    "name": "three",
    "steps": [
        {**HELLO, "delay": "0min"},
        AGAIN,
        {**HELLO, "id": "last", "touchpoint": {"type": "message", "message": "The last"}},
    ],
}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def act(house: House, lead: Lead, verb: str) -> None:
    """A verb of the lead's enrollment."""
    verbs = {
        "pause": campaigns.pause,
        "resume": campaigns.resume,
        "stop": campaigns.stop,
        "skip_step": campaigns.skip_step,
    }
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        await verbs[verb](db, await campaigns.enrollment_by_id(db, mine.id, lock=True), "test", house.now)


def texts(house: House) -> list[str]:
    """The messages the world saw."""
    return [str(one.touchpoint.model_dump()["message"]) for one in house.sent("message")]


async def test_a_step_that_is_passed_over_is_not_sent_and_the_next_is(house: House) -> None:
    """It stands at the second step and waits; passed over, the third is next, with its own delay."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(THREE), lead)
    await house.settle()
    await act(house, lead, "skip_step")
    assert (await house.enrollment(lead)).step == "last"
    await house.settle()
    assert len(texts(house)) == 1

    await house.pass_time(2 * HOUR)
    assert texts(house) == ["Hi Lea1, hello!", "The last"]
    assert (await house.enrollment(lead)).reason == "completed"


async def test_passing_over_the_last_step_completes_it(house: House) -> None:
    """Nothing follows."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    await act(house, lead, "skip_step")

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("completed", "completed")
    assert found.detail == "the last step, again, was passed over"


async def test_a_step_under_way_cannot_be_passed_over(house: House) -> None:
    """Its run may act any moment: the next step would come too early, or twice."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.tick()
    with pytest.raises(Conflict) as refused:
        await act(house, lead, "skip_step")

    assert refused.value.facts["allowed_actions"] == ["pause", "stop"]
    await house.work()
    assert len(texts(house)) == 1


async def test_who_is_stopped_gets_nothing_more_not_even_what_was_submitted(house: House) -> None:
    """The run that had not begun is called back; a second stop is refused."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.do(campaign, "pause")
    await house.do(campaign, "resume")
    await house.tick()
    assert [one.state for one in await house.touches()] == ["submitted"]
    await act(house, lead, "stop")
    await house.pass_time(5 * HOUR)

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("ignored", "stopped_by_user")
    assert house.sent() == []
    assert [one.state for one in await house.touches()] == ["cancelled"]
    with pytest.raises(Conflict) as refused:
        await act(house, lead, "stop")
    assert refused.value.facts["allowed_actions"] == []


@pytest.mark.parametrize("what", ["campaign", "enrollment"])
async def test_a_resumed_run_goes_at_once(house: House, what: str) -> None:
    """A run that waits at the gate for the pause to end is asked again at the resume, not minutes later."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.tick()
    await (house.do(campaign, "pause") if what == "campaign" else act(house, lead, "pause"))
    await house.work()
    house.clock.advance(MINUTE)
    await house.work()
    assert house.sent() == []

    await (house.do(campaign, "resume") if what == "campaign" else act(house, lead, "resume"))
    await house.work()
    assert len(texts(house)) == 1


async def test_who_is_paused_holds_up_nobody_else(house: House) -> None:
    """A run that waits for its own lead's pause to end does not keep the lane from the others."""
    await house.enroll(await house.campaign(WRITE), *await house.people(3))
    await house.tick()
    (held,) = await house.touches()
    paused = next(lead for lead in house.leads if lead.id == held.lead_id)
    await act(house, paused, "pause")
    await house.pass_time(HOUR)

    assert len(texts(house)) == 2
    assert (await house.why(paused)).code == "paused_by_user"


async def test_a_campaigns_resume_does_not_let_go_who_is_paused_themselves(house: House) -> None:
    """The gate is asked again of both runs, and holds the one."""
    await house.sender("grace")
    first, second = await house.people(2)
    campaign = await house.campaign(WRITE, "ada", "grace")
    await house.enroll(campaign, first, second)
    await house.tick()
    assert len(await house.touches()) == 2
    await act(house, first, "pause")
    await house.do(campaign, "pause")
    await house.work()
    await house.do(campaign, "resume")
    await house.work()
    assert texts(house) == ["Hi Lea2, hello!"]

    await act(house, first, "resume")
    await house.work()
    assert len(texts(house)) == 2
