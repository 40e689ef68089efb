"""A campaign's days: what each number counts, and that all of them together are what the funnel says."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx2
import pytest

from campaign_house import CLASSIC, DAY, HOUR, START, WRITE, House, a_house
from fakes import noop
from overture import accounts, analytics, campaigns, people
from overture.analytics import Day
from overture.campaigns import Sight, observe
from overture.core.ids import public_id
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from product import API_KEY, MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """The house's API."""
    transport = httpx2.ASGITransport(app=create_api(house.app, ROUTERS, FILES))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://overture.test/api/v1/analytics", headers={"X-API-Key": API_KEY}
    ) as made:
        yield made


async def days(house: House, campaign: UUID, count: int, zone: str = "UTC") -> tuple[Day, ...]:
    """The last so many days of the campaign."""
    async with house.app.sessions() as db:
        return await analytics.days_of(db, campaign, house.now, count, ZoneInfo(zone))


async def answers(house: House, lead: people.Lead, message: str, kind: str = "replied") -> None:
    """They write; it is seen at once."""
    async with house.app.sessions.begin() as db:
        await getattr(observe, kind)(db, house.app.ids, Sight(lead.id, house.now, message), house.now)
    await house.settle()


async def accepts(house: House, lead: people.Lead) -> None:
    """They are connected with the account from now on; it is seen at once."""
    async with house.app.sessions.begin() as db:
        account = await accounts.by_handle(db, "ada")
        sight = Sight(lead.id, house.now, f"test:{lead.id}", account_id=account.id)
        await observe.accepted(db, house.app.ids, sight, house.now)
    await house.settle()


async def test_each_thing_counts_on_its_day(house: House) -> None:
    """Invited on the first day, accepted on the second and written to, answered twice on the fourth."""
    mine, pending, silent = await house.people(3)
    house.provider.script("lea-2", noop())
    house.pending()
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, mine, pending, silent)
    await house.settle()
    await house.pass_time(DAY)
    house.accepts(mine)
    await house.pass_time(2 * DAY)
    await answers(house, mine, "urn:1")
    await answers(house, mine, "urn:2", "declined")

    first = START.date()
    assert await days(house, campaign, 5) == (
        Day(first - DAY),
        Day(first, invites=2),
        Day(first + DAY, messages=1, connections=1),
        Day(first + 2 * DAY),
        Day(first + 3 * DAY, replies=2),
    )


async def test_all_days_are_what_the_funnel_says(house: House) -> None:
    leads = await house.people(4)
    house.pending()
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, *leads)
    await house.settle()
    for lead in leads[:2]:
        await house.pass_time(13 * HOUR)
        house.accepts(lead)
    await house.pass_time(13 * HOUR)
    await answers(house, leads[0], "urn:1")

    async with house.app.sessions() as db:
        funnel = (await campaigns.funnels(db, [campaign]))[campaign]
    every = await days(house, campaign, 30)
    assert sum(day.invites for day in every) == funnel.invited == 4
    assert sum(day.connections for day in every) == funnel.accepted == 2
    assert sum(day.replies for day in every) == funnel.replied == 1


async def test_midnight_is_the_zones(house: House) -> None:
    """Nine in the morning in London is the evening before in Honolulu."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, lead)
    await house.settle()

    (today,) = await days(house, campaign, 1, "Pacific/Honolulu")
    assert today == Day(START.date() - DAY, messages=1)


async def test_an_answer_to_a_merged_lead_counts_once(house: House) -> None:
    """Both leads are one person: what either said is said to the campaign, and one message is one reply."""
    mine, other = await house.people(2)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, mine)
    await house.settle()
    await answers(house, mine, "urn:1")
    await answers(house, other, "urn:1")
    async with house.app.sessions.begin() as db:
        wanted = people.Merging(other.id, mine.id, "test", "test")
        await people.merge(db, house.app.ids, house.now, wanted)

    (today,) = await days(house, campaign, 1)
    assert today.replies == 1


async def test_a_connection_of_merged_leads_counts_once_and_when_it_began(house: House) -> None:
    """Both leads are one person, whom the account met under either name, two days apart."""
    mine, other = await house.people(2)
    house.pending()
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, mine)
    await house.settle()
    await house.pass_time(HOUR)
    await accepts(house, mine)
    await house.pass_time(2 * DAY)
    await accepts(house, other)
    async with house.app.sessions.begin() as db:
        wanted = people.Merging(other.id, mine.id, "test", "test")
        await people.merge(db, house.app.ids, house.now, wanted)

    assert [day.connections for day in await days(house, campaign, 3)] == [1, 0, 0]
    assert [day.connections for day in await days(house, campaign, 1)] == [0]


async def test_the_rate_is_about_those_written_to(house: House) -> None:
    """One of the two of this week answered; whoever was written to before is not asked about."""
    early, late, silent = await house.people(3)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, early)
    await house.settle()
    await house.pass_time(3 * DAY)
    await house.enroll(campaign, late, silent)
    await house.pass_time(HOUR)
    await answers(house, early, "urn:1")
    await answers(house, late, "urn:2")

    async with house.app.sessions() as db:
        found = await analytics.answered(db, campaign, house.now, 2, ZoneInfo("UTC"))
        none = await analytics.answered(db, campaign, house.now - timedelta(days=30), 2, ZoneInfo("UTC"))
    assert (found.written_to, found.answered, found.rate) == (2, 1, 0.5)
    assert none.rate is None


async def test_the_api_tells_both(house: House, client: httpx2.AsyncClient) -> None:
    (lead,) = await house.people(1)
    campaign = await house.campaign(WRITE, name="Wells")
    await house.enroll(campaign, lead)
    await house.settle()
    await answers(house, lead, "urn:1")
    shown = public_id("cmp", campaign)

    summary = (await client.get(f"/campaigns/{shown}/summary", params={"days": 3})).json()
    assert summary["totals"] == {
        "leads": 1, "invite_sent": 0, "connected": 0, "messaged": 1, "responded": 1, "completed": 0
    }  # fmt: skip
    assert (summary["name"], summary["status"]) == ("Wells", "active")
    assert (summary["reply_count_last_n_days"], summary["reply_rate_last_n_days"]) == (1, 1.0)
    assert len(summary["last_7_days"]) == 7
    assert summary["last_7_days"][-1]["replies"] == 1
    assert summary["last_activity_at"] == "2026-03-02T09:00:00Z"

    series = (await client.get(f"/campaigns/{shown}/timeseries", params={"days": 2})).json()
    assert series["days"] == ["2026-03-01", "2026-03-02"]
    assert series["messages_sent_per_day"] == [0, 1]
    assert series["replies_received_per_day"] == [0, 1]

    unknown = await client.get(f"/campaigns/{public_id('cmp', house.app.ids.new())}/summary")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "campaign_not_found")
    wrong = await client.get(f"/campaigns/{shown}/timeseries", params={"zone": "Mars/Olympus"})
    assert wrong.status_code == 422
