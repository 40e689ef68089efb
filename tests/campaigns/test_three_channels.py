"""The example of requirements 004 played by the planner: e-mail, else LinkedIn, else the form, a day between
tries. E-mail and form are stub providers: there are no real ones yet.
"""

import itertools
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from campaign_house import DAY, HOUR, START, House, a_house
from fakes import Sent, fail
from other_channels import Channels, other_channels, with_channels
from overture.campaigns import Sight, observe, starter
from overture.campaigns.sequence import body_of
from overture.core.errors import NotPossible, Transient
from overture.people import Lead
from product import MakeApp

PERSON = {"email": "lea@acme.example", "website": "https://acme.example", "company_name": "Acme"}
BUSY = fail(Transient("the service is busy"))
NEVER = fail(NotPossible("not_possible", "It takes nothing from us."))


@pytest.fixture
async def channels(make_app: MakeApp) -> AsyncIterator[Channels]:
    """A house with a sender on each channel; a run is tried once, so that the sequence's tries are seen."""
    with other_channels():
        house = await a_house(make_app, max_attempts=1)
        await house.sender()
        yield await with_channels(house)


async def enrolled(channels: Channels, **person: Any) -> Lead:
    """A lead in a campaign with the starter sequence of three channels."""
    house = channels.house
    (lead,) = await house.people(1, **{**PERSON, **person})
    sequence = body_of(starter("email-linkedin-form").sequence)
    await house.enroll(await house.campaign(sequence, "ada", "post", "web"), lead)
    return lead


def sent(channels: Channels) -> list[Sent]:
    """What the world saw on all channels, oldest first."""
    worlds = (channels.house.provider, channels.email, channels.form)
    return sorted((one for world in worlds for one in world.sent), key=lambda one: one.at)


async def tries(house: House) -> list[tuple[str, int, int]]:
    """Step, round and hour of every act that was planned."""
    return [(one.step, one.round, (one.planned_at - START) // HOUR) for one in await house.touches()]


async def test_the_email_arrives_and_nothing_else_is_tried(channels: Channels) -> None:
    """Once, to the address, with the text of the sequence."""
    lead = await enrolled(channels)
    await channels.house.pass_time(20 * DAY)

    assert [(one.kind, one.target, one.handle) for one in sent(channels)] == [
        ("email", "lea@acme.example", "post")
    ]
    assert "Lea1" in str(sent(channels)[0].touchpoint.model_dump()["body"])
    assert (await channels.house.enrollment(lead)).reason == "completed"


async def test_email_else_linkedin_else_form_a_day_between_the_tries(channels: Channels) -> None:
    """Three tries by e-mail a day apart, LinkedIn a day later, then the form; nobody is reached twice."""
    channels.email.script(None, BUSY)
    channels.house.provider.script(None, NEVER)
    lead = await enrolled(channels)
    await channels.house.pass_time(20 * DAY)

    found = await tries(channels.house)
    assert [(step, turn) for step, turn, _ in found] == [
        ("email", 0),
        ("email", 1),
        ("email", 2),
        ("linkedin", 0),
        ("form", 0),
    ]
    hours = [hour for _, _, hour in found]
    assert [later - earlier for earlier, later in itertools.pairwise(hours)] == [24] * 4
    assert [(one.kind, one.target) for one in sent(channels)] == [("contact_form", "https://acme.example")]
    assert (await channels.house.enrollment(lead)).reason == "completed"
    assert await channels.house.sweep() == []


async def test_a_definitive_failure_is_not_tried_again(channels: Channels) -> None:
    """By e-mail once, and LinkedIn a day later."""
    channels.email.script(None, NEVER)
    lead = await enrolled(channels)
    await channels.house.pass_time(20 * DAY)

    assert [step for step, _, _ in await tries(channels.house)] == ["email", "linkedin"]
    assert len(sent(channels)) == 1
    assert (await channels.house.enrollment(lead)).reason == "completed"


async def test_when_nothing_reaches_them_it_says_so(channels: Channels) -> None:
    """All three refuse."""
    for world in (channels.email, channels.house.provider, channels.form):
        world.script(None, NEVER)
    lead = await enrolled(channels)
    await channels.house.pass_time(20 * DAY)

    assert sent(channels) == []
    assert (await channels.house.enrollment(lead)).reason == "not_reachable"


async def test_without_an_address_it_begins_with_linkedin(channels: Channels) -> None:
    """No e-mail is planned at all."""
    await enrolled(channels, email=None)
    await channels.house.pass_time(20 * DAY)

    assert [step for step, _, _ in await tries(channels.house)] == ["linkedin"]


async def test_an_email_that_comes_back_goes_on_by_linkedin(channels: Channels) -> None:
    """The address is dead, the person is not."""
    lead = await enrolled(channels)
    house = channels.house
    await house.pass_time(HOUR)
    assert [one.kind for one in sent(channels)] == ["email"]
    async with house.app.sessions.begin() as db:
        sight = Sight(lead.id, house.now, "test:bounce")
        await observe.bounced(db, house.app.ids, sight, "lea@acme.example", house.now)
    await house.pass_time(20 * DAY)

    kinds = [one.kind for one in sent(channels)]
    assert kinds[0] == "email"
    assert len(kinds) == 2
    assert (await house.enrollment(lead)).reason == "completed"


async def test_an_answer_by_one_channel_stops_the_others(channels: Channels) -> None:
    """They answered while the next way waited for its day."""
    channels.email.script(None, NEVER)
    lead = await enrolled(channels)
    house = channels.house
    await house.pass_time(timedelta(hours=12))
    async with house.app.sessions.begin() as db:
        await observe.replied(db, house.app.ids, Sight(lead.id, house.now, "test:answer"), house.now)
    await house.pass_time(20 * DAY)

    assert sent(channels) == []
    assert (await house.enrollment(lead)).reason == "replied"
