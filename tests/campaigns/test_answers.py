"""An answer stops whatever is planned for that person, by whichever campaign and account (I4)."""

import pytest

from campaign_house import AGAIN, DAY, HELLO, HOUR, WRITE, House, a_house
from overture import campaigns
from overture.people import Lead
from product import MakeApp

ONE = {"name": "one", "steps": [{**HELLO, "delay": "0min"}]}
LONG = {"name": "long", "steps": [{**AGAIN, "delay": "0min"}, {**AGAIN, "id": "later", "delay": "6 days"}]}
LATE = {"name": "late", "steps": [{**AGAIN, "delay": "10 days"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with two senders."""
    house = await a_house(make_app)
    await house.sender("ada")
    await house.sender("grace")
    return house


async def reasons(house: House, lead: Lead, *campaigns: object) -> list[str]:
    """How the lead's enrollments stand."""
    return [(await house.enrollment(lead, one)).reason for one in campaigns]  # type: ignore[arg-type]


@pytest.mark.parametrize("sender", ["ada", "grace"])
async def test_an_answer_after_one_campaign_has_ended_stops_the_other(house: House, sender: str) -> None:
    (lead,) = await house.people(1)
    done = await house.campaign(ONE, "ada")
    going = await house.campaign(LONG, sender, active_elsewhere="enroll")
    await house.enroll(done, lead)
    await house.pass_time(2 * HOUR)
    await house.enroll(going, lead)
    await house.pass_time(DAY)
    assert await reasons(house, lead, done, going) == ["completed", "delay"]
    house.writes(lead, "What is it about?", handle="ada")
    await house.pass_time(10 * DAY)

    assert await reasons(house, lead, done, going) == ["completed", "replied"]
    assert len(house.sent("message")) == 2


@pytest.mark.parametrize("sender", ["ada", "grace"])
@pytest.mark.parametrize("verb", ["complete", "stop"])
async def test_an_answer_to_a_campaign_that_is_over_is_still_read(
    house: House, verb: str, sender: str
) -> None:
    """What went out can be answered for long; whoever answers is not written to by the next campaign."""
    (lead,) = await house.people(1)
    over = await house.campaign(WRITE, "ada")
    await house.enroll(over, lead)
    await house.pass_time(2 * HOUR)
    await house.do(over, verb)
    going = await house.campaign(LATE, sender, active_elsewhere="enroll")
    await house.enroll(going, lead)
    await house.pass_time(DAY)
    house.writes(lead, "What is it about?", handle="ada")
    await house.pass_time(12 * DAY)

    assert await reasons(house, lead, going) == ["replied"]
    assert len(house.sent("message")) == 1


@pytest.mark.parametrize(("replied_before", "reason"), [("skip", "replied"), ("enroll", "delay")])
async def test_an_answer_that_is_read_only_after_they_were_enrolled_again(
    house: House, replied_before: str, reason: str
) -> None:
    """It came before: a campaign that leaves out whoever answered leaves them out when it hears of it."""
    (lead,) = await house.people(1)
    first = await house.campaign(ONE, "ada")
    await house.enroll(first, lead)
    await house.pass_time(2 * HOUR)
    house.writes(lead, "What is it about?", handle="ada")
    house.clock.advance(HOUR / 4)
    second = await house.campaign(LATE, "grace", replied_before=replied_before)
    await house.enroll(second, lead)
    await house.pass_time(DAY)

    assert await reasons(house, lead, second) == [reason]


@pytest.mark.parametrize("words", ["What is it about?", "No thanks", "Please unsubscribe me"])
@pytest.mark.parametrize("is_over", [False, True], ids=["under way", "over"])
async def test_an_answer_stops_the_colleagues_whatever_it_says_and_whenever_it_comes(
    house: House, words: str, is_over: bool
) -> None:
    """Whoever says no for themselves is no reason to go on with their company."""
    first, second = await house.people(2, company_name="Northbeam")
    campaign = await house.campaign(ONE if is_over else WRITE, "ada", stop_for_company=True)
    await house.enroll(campaign, first)
    await house.pass_time(2 * HOUR)
    assert await reasons(house, first, campaign) == ["completed" if is_over else "delay"]
    await house.enroll(campaign, second)
    await pause(house, second)
    house.writes(first, words, handle="ada")
    await house.pass_time(DAY)

    assert await reasons(house, second, campaign) == ["company_replied"]
    assert len(house.sent("message")) == 1


async def pause(house: House, lead: Lead) -> None:
    """A person pauses the lead."""
    mine = await house.enrollment(lead)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        await campaigns.pause(db, found, "test", house.now)
