"""An e-mail that was opened, told by whoever saw it: what a sequence waits for, and which step's it was."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from campaign_house import DAY, HOUR, House, a_house
from other_channels import Channels, other_channels, with_channels
from overture import campaigns
from overture.campaigns import Sight, observe
from overture.people import Lead
from product import MakeApp

FIRST = {"type": "email", "subject": "Wells", "body": "Hi {{ first_name }}"}
INTRO = {"type": "email", "subject": "Springs", "body": "And springs?"}
SEEN = {"condition": "opened(intro)", "timeout": "6 days", "on_timeout": "end", "then": "invite"}
SEQUENCE: dict[str, Any] = {
    "name": "opened",
    "steps": [
        {"id": "first", "channel": "email", "touchpoint": FIRST},
        {"id": "intro", "channel": "email", "touchpoint": INTRO},
        {"id": "seen", "wait_for": SEEN},
        {"id": "invite", "channel": "linkedin", "delay": "2h", "touchpoint": {"type": "connect"}},
    ],
}


@pytest.fixture
async def channels(make_app: MakeApp) -> AsyncIterator[Channels]:
    """A house with a sender on each channel."""
    with other_channels():
        house = await a_house(make_app)
        await house.sender()
        yield await with_channels(house)


async def opens(house: House, lead: Lead, step: str, ago: timedelta) -> bool:
    """The lead opened the e-mail of a step, and somebody saw it."""
    (run_id,) = [one.run_id for one in await house.touches() if one.step == step]
    sight = Sight(lead.id, house.now - ago, f"test:{step}", channel="email", run_id=run_id)
    async with house.app.sessions.begin() as db:
        return await observe.opened(db, house.app.ids, sight, house.now)


async def waiting(channels: Channels) -> Lead:
    """A lead whose second e-mail is out."""
    (lead,) = await channels.house.people(1, email="lea@acme.example")
    campaign = await channels.house.campaign(SEQUENCE, "ada", "post")
    await channels.house.enroll(campaign, lead)
    await channels.house.pass_time(2 * DAY)
    assert (await channels.house.enrollment(lead)).step == "seen"
    return lead


async def test_the_sequence_goes_on_from_when_it_was_opened(channels: Channels) -> None:
    house, lead = channels.house, await waiting(channels)
    assert await opens(house, lead, "intro", ago=HOUR)
    assert not await opens(house, lead, "intro", ago=HOUR)
    await house.settle()
    assert (await house.enrollment(lead)).step == "invite"
    await house.pass_time(HOUR + HOUR / 12)

    assert [one.kind for one in house.provider.sent] == ["connect"]


async def test_another_step_s_email_is_another(channels: Channels) -> None:
    house, lead = channels.house, await waiting(channels)
    await opens(house, lead, "first", ago=HOUR)
    await house.pass_time(7 * DAY)

    assert house.provider.sent == []
    assert (await house.enrollment(lead)).reason == "completed"
    async with house.app.sessions() as db:
        found = (await house.enrollment(lead)).campaign_id
        assert (await campaigns.funnels(db, [found]))[found].replied == 0
