"""An invitation expires only once somebody looked, after its time, whether it was accepted in it."""

from datetime import time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from campaign_house import ACCEPT, DAY, HELLO, HOUR, INVITE, House, a_house
from fakes import fail
from overture import accounts, campaigns
from overture.accounts import WorkingHours
from overture.campaigns import Campaign
from overture.campaigns.decide import CLOSING_LOOK
from overture.core.errors import NotPossible
from overture.people import Lead
from overture.touchpoints import ConnectionState
from product import MakeApp

TIMEOUT = timedelta(days=2)


def waits(timeout: str) -> dict[str, Any]:
    """The classic, with so much time for an acceptance."""
    accept = {**ACCEPT, "wait_for": {**ACCEPT["wait_for"], "timeout": timeout}}
    return {"name": "waits", "steps": [INVITE, accept, HELLO]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def invited(house: House, timeout: str = "2 days") -> Lead:
    """Somebody who is invited and has not answered."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(waits(timeout)), lead)
    await house.settle()
    house.pending()
    return lead


def accepts_unlisted(house: House) -> None:
    """They accept, and only their profile shows it: LinkedIn's list of connections is not always whole."""
    house.provider.answers["*", "check_connection:lea-1"] = ConnectionState(
        state="connected", public_identifier="lea-1"
    )


def looks(house: House) -> int:
    """How often the invitation was looked at by name."""
    return [one.kind for one in house.provider.calls].count("check_connection")


async def test_who_accepts_over_the_weekend_the_wait_ends_in_is_written_to(make_app: MakeApp) -> None:
    """Nothing is read over a weekend: what happened on Friday night is known on Monday, after the time."""
    house = await a_house(make_app)
    await house.sender(hours=WorkingHours(days=(0, 1, 2, 3, 4), start=time(9), end=time(17)))
    house.clock.advance(4 * DAY)
    lead = await invited(house, "1 days")
    await house.pass_time(11 * HOUR)  # Friday, 20:00; the wait ends on Saturday morning
    house.accepts(lead)
    await house.pass_time(4 * DAY)

    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def test_an_acceptance_that_is_not_listed_is_found_before_the_time_counts_as_over(house: House) -> None:
    """The looks that double are then days apart: the closing one is made when the time is over."""
    lead = await invited(house)
    await house.pass_time(TIMEOUT - 6 * HOUR)
    accepts_unlisted(house)
    await house.pass_time(12 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await house.enrollment(lead)).state == "completed"


async def test_the_closing_look_ends_it_as_soon_as_it_shows_nothing(house: House) -> None:
    """One look more than before, and then it is over."""
    lead = await invited(house)
    await house.pass_time(TIMEOUT - HOUR)
    before = looks(house)
    await house.pass_time(2 * HOUR)

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("failed", "invite_expired")
    assert looks(house) == before + 1


async def test_a_closing_look_that_tells_nothing_is_not_awaited_for_ever(house: House) -> None:
    """Their profile is gone: nothing ever says what became of the invitation."""
    lead = await invited(house)
    await house.pass_time(TIMEOUT - HOUR)
    before = looks(house)
    house.provider.script("lea-1", fail(NotPossible("profile_unavailable", "gone")))
    await house.pass_time(2 * HOUR)
    waiting = await house.why(lead)
    assert (waiting.code, waiting.detail) == ("waiting_accept", CLOSING_LOOK)
    assert await house.sweep() == []
    await house.pass_time(3 * DAY)

    assert (await house.enrollment(lead)).reason == "invite_expired"
    assert looks(house) == before + 1


async def test_an_account_at_rest_when_the_time_is_over_looks_when_it_is_back(house: House) -> None:
    """However long it rests: nobody is given up unseen."""
    lead = await invited(house)
    await house.pass_time(TIMEOUT - HOUR)
    await turn_switch(house, is_on=True)
    accepts_unlisted(house)
    for _ in range(5):
        house.clock.advance(2 * DAY)
        await house.settle()
    assert (await house.why(lead)).code == "kill_switch"
    await turn_switch(house, is_on=False)
    await house.pass_time(6 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def test_a_planner_that_stood_still_gives_nobody_up(house: House) -> None:
    """The machine was off for a month; what happened meanwhile is read first."""
    await invited(house)
    await house.pass_time(DAY)
    accepts_unlisted(house)
    house.clock.advance(30 * DAY)
    await house.pass_time(6 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def test_publishing_while_the_closing_look_is_under_way_gives_nobody_up(house: House) -> None:
    """Everybody is decided upon anew then: that is no reason to stop waiting for the answer."""
    lead = await invited(house)
    await house.pass_time(TIMEOUT - HOUR)
    accepts_unlisted(house)
    house.clock.advance(2 * HOUR)
    for _ in range(50):
        await house.tick()
        if (await house.enrollment(lead)).detail == CLOSING_LOOK:
            break
        await house.work()
        house.clock.advance(timedelta(minutes=5))
    assert looks(house) == 1  # the closing one was submitted and not performed
    async with house.app.sessions.begin() as db:
        campaign = (await db.scalars(select(Campaign).with_for_update())).one()
        await campaigns.publish(db, house.app.ids, campaign, "test", house.now)
    await house.tick()
    await house.pass_time(6 * HOUR)

    assert [one.kind for one in house.sent()] == ["connect", "message"]


async def turn_switch(house: House, *, is_on: bool) -> None:
    """Turn the global kill switch."""
    async with house.app.sessions.begin() as db:
        order = accounts.SwitchOrder("global", "", is_on=is_on, reason="drill", by="test")
        await accounts.turn(db, order, house.now)
