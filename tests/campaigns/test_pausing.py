"""A campaign that is paused says so of everybody in it, and lets everybody go when it is resumed."""

import pytest
from sqlalchemy import text

from campaign_house import ACCEPT, CLASSIC, DAY, HELLO, HOUR, INVITE, WRITE, House, a_house
from overture import accounts
from overture.accounts import Window
from product import MakeApp

WAITERS = {
    "name": "waiters",
    "steps": [INVITE, {**ACCEPT, "wait_for": {**ACCEPT["wait_for"], "timeout": "90 days"}}, HELLO],
}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender who may write to one person at a time."""
    house = await a_house(make_app)
    await house.sender(message=Window(per_day=2), min_gap_s=600.0)
    return house


async def reasons(house: House) -> dict[str, int]:
    """How many enrollments wait for what."""
    async with house.app.sessions() as db:
        rows = await db.execute(text("select reason, count(*) from enrollments group by reason"))
        return {row[0]: row[1] for row in rows}


async def test_whoever_queues_says_that_the_campaign_is_paused(house: House) -> None:
    """In the row itself, not only where `why` looks; and nothing is left in a lane that sleeps (I11)."""
    leads = await house.people(4)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, *leads)
    await house.settle()
    assert (await reasons(house))["queued"] == 3
    await house.do(campaign, "pause")
    assert await reasons(house) == {"campaign_paused": 4}

    await house.pass_time(3 * DAY)
    assert await house.sweep() == []
    assert await reasons(house) == {"campaign_paused": 4}
    assert len(house.sent()) == 1


async def test_a_resume_wakes_everybody_at_once(house: House) -> None:
    """Nobody waits for the next look at paused campaigns; the queue is as it was, by score."""
    leads = await house.people(4)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, *leads, scores={leads[3].id: 9.0, leads[2].id: 8.0})
    await house.settle()
    await house.do(campaign, "pause")
    await house.pass_time(2 * DAY)
    await house.do(campaign, "resume")
    await house.settle()

    assert [one.target for one in house.sent()] == ["lea-4", "lea-3"]
    assert set(await reasons(house)) == {"delay", "queued"}


async def test_what_is_under_way_or_needs_somebody_says_so_still(house: House) -> None:
    """A run at the gate is still its run; a missing field is missing whether the campaign runs or not."""
    (lead,) = await house.people(1)
    (nameless,) = await house.people(1, first_name=None)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, nameless, scores={nameless.id: 9.0})
    await house.tick()
    await house.enroll(campaign, lead)
    await house.tick()
    assert await reasons(house) == {"missing_variable": 1, "running": 1}
    await house.do(campaign, "pause")

    assert await reasons(house) == {"missing_variable": 1, "running": 1}
    assert (await house.why(lead)).code == "campaign_paused"


async def test_a_pause_does_not_hurry_the_look_at_an_invitation(house: House) -> None:
    """A lead whose invitation was to be looked at in a while is not looked at just for the resume."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WAITERS)
    await house.enroll(campaign, lead)
    await house.settle()
    house.pending()
    await house.pass_time(2 * DAY)
    before = await house.enrollment(lead)
    assert before.reason == "waiting_accept"
    await house.do(campaign, "pause")
    assert (await house.enrollment(lead)).reason == "campaign_paused"
    await house.do(campaign, "resume")

    after = await house.enrollment(lead)
    assert (after.reason, after.next_action_at) == ("waiting_accept", before.next_action_at)


async def test_an_invitation_whose_look_came_due_in_the_pause_is_looked_after_again(house: House) -> None:
    """It was put off while the campaign was paused, and goes on when it is not."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WAITERS)
    await house.enroll(campaign, lead)
    await house.settle()
    house.pending()
    await house.pass_time(HOUR)
    await house.do(campaign, "pause")
    await house.pass_time(20 * DAY)
    assert (await house.enrollment(lead)).reason == "campaign_paused"
    looks = [one for one in house.provider.calls if one.kind == "check_connection"]
    assert looks == []

    await house.do(campaign, "resume")
    await house.settle()
    found = await house.enrollment(lead)
    assert found.reason == "waiting_accept"
    assert found.next_action_at is not None
    assert found.next_action_at <= house.now + 2 * DAY


async def test_an_invitation_that_queued_for_its_look_is_looked_after_again(house: House) -> None:
    """Its turn is lost with the pause, not the lead."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WAITERS)
    await house.enroll(campaign, lead)
    await house.settle()
    house.pending()
    await turn_switch(house, is_on=True)
    house.clock.advance(2 * DAY)
    await house.settle()
    waiting = await house.enrollment(lead)
    assert (waiting.reason, waiting.lane) == ("queued", "check_pending")
    await house.do(campaign, "pause")
    await turn_switch(house, is_on=False)
    await house.do(campaign, "resume")
    await house.settle()

    found = await house.enrollment(lead)
    assert found.reason == "waiting_accept"
    assert found.next_action_at is not None
    assert found.next_action_at <= house.now + 2 * DAY


async def turn_switch(house: House, *, is_on: bool) -> None:
    """Turn the global kill switch."""
    async with house.app.sessions.begin() as db:
        order = accounts.SwitchOrder("global", "", is_on=is_on, reason="drill", by="test")
        await accounts.turn(db, order, house.now)


async def test_who_accepts_during_the_pause_is_written_to_after_it(house: House) -> None:
    """What happened meanwhile counts as soon as it goes on."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, lead)
    await house.settle()
    house.pending()
    await house.pass_time(HOUR)
    await house.do(campaign, "pause")
    house.accepts(lead)
    await house.pass_time(DAY)
    assert [one.kind for one in house.sent()] == ["connect"]

    await house.do(campaign, "resume")
    await house.pass_time(2 * HOUR)
    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def test_a_resume_with_a_switch_on_says_the_switch(house: House) -> None:
    """The next thing in the way is named as soon as the first is gone."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.do(campaign, "pause")
    await turn_switch(house, is_on=True)
    await house.do(campaign, "resume")
    await house.settle()

    assert (await house.why(lead)).code == "kill_switch"
