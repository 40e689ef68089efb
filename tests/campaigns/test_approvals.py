"""Which texts a person approves: the first few, or a share chosen by chance."""

import pytest

from campaign_house import HELLO, HOUR, House, a_house
from overture import campaigns
from product import MakeApp

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def approve(house: House, count: int) -> set[str]:
    """A person approves that many of the texts that wait, oldest first; whose they are."""
    waiting = [one for one in await house.approvals() if one.state == "pending"]
    assert len(waiting) >= count
    async with house.app.sessions.begin() as db:
        for one in waiting[:count]:
            found = await campaigns.approvals.by_id(db, one.id)
            await campaigns.approvals.approve(db, found, one.content_hash, "mira", house.now)
    chosen = {one.lead_id for one in waiting[:count]}
    return {f"lea-{number}" for number, lead in enumerate(house.leads, 1) if lead.id in chosen}


async def test_the_first_texts_are_approved_and_then_they_go_by_themselves(house: House) -> None:
    """Nothing goes until a person said yes; after so many times yes nobody is asked any more."""
    campaign = await house.campaign(ONE, approvals={"mode": "first_n", "n": 2})
    await house.enroll(campaign, *await house.people(3))
    await house.pass_time(HOUR)
    assert house.sent() == []
    assert [one.state for one in await house.approvals()] == ["pending"] * 3

    chosen = await approve(house, 1)
    await house.enroll(campaign, *await house.people(1))
    await house.pass_time(HOUR)
    assert {one.target for one in house.sent()} == chosen
    assert len(await house.approvals()) == 4

    chosen |= await approve(house, 1)
    await house.enroll(campaign, *await house.people(2))
    await house.pass_time(HOUR)
    assert {one.target for one in house.sent()} == {*chosen, "lea-5", "lea-6"}
    states = sorted(one.state for one in await house.approvals())
    assert states == ["approved", "approved", "pending", "pending"]


async def test_of_a_sample_a_share_is_asked_for_and_the_rest_goes(house: House) -> None:
    """Who is chosen stays chosen, however often it is decided anew."""
    leads = await house.people(12)
    campaign = await house.campaign(ONE, approvals={"mode": "sample", "percent": 50})
    await house.enroll(campaign, *leads)
    await house.pass_time(6 * HOUR)
    asked = {one.lead_id for one in await house.approvals()}
    assert 2 <= len(asked) <= 10
    assert len(house.sent("message")) == 12 - len(asked)
    assert {(await house.enrollment(lead)).reason for lead in leads if lead.id in asked} == {
        "waiting_approval"
    }

    await house.execute(
        "update enrollments set next_action_at = :now where reason = 'waiting_approval'", now=house.now
    )
    await house.settle()
    assert {one.lead_id for one in await house.approvals()} == asked
    await approve(house, len(asked))
    await house.pass_time(6 * HOUR)
    assert len(house.sent("message")) == 12


async def test_a_sample_of_all_asks_for_everybody(house: House) -> None:
    """A hundred percent is all."""
    await house.enroll(
        await house.campaign(ONE, approvals={"mode": "sample", "percent": 100}), *await house.people(3)
    )
    await house.pass_time(HOUR)

    assert house.sent() == []
    assert len(await house.approvals()) == 3
