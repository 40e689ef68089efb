"""Suppressing a domain or a company ends what is planned for everybody there, with the next tick."""

from uuid import UUID

import pytest

from campaign_house import DAY, HELLO, WRITE, House, a_house
from crowd import suppress
from overture import campaigns
from overture.accounts import Window
from overture.people import Lead
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender who writes once a day."""
    house = await a_house(make_app)
    await house.sender(message=Window(per_day=1))
    return house


async def reasons(house: House, *leads: Lead) -> list[str]:
    """What each lead's enrollment says."""
    return [(await house.enrollment(lead)).reason for lead in leads]


async def enrolled(house: House, *leads: Lead) -> UUID:
    """A campaign with somebody else in front, so that these queue."""
    (first,) = await house.people(1)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, first, *leads, scores={first.id: 9.0})
    await house.settle()
    return campaign


async def test_a_domain_ends_all_of_it_at_once(house: House) -> None:
    """By address, by a domain below it, by the website; who queues does not have to wait for their turn."""
    here = [
        *await house.people(1, email="lea@acme.example"),
        *await house.people(1, email="lea@mail.acme.example"),
        *await house.people(1, website="https://www.acme.example/about"),
    ]
    there = await house.people(1, email="lea@notacme.example")
    await enrolled(house, *here, *there)
    assert await reasons(house, *here, *there) == ["queued"] * 4
    await suppress(house.app, "domain", "acme.example", "manual")
    await house.settle()

    assert await reasons(house, *here, *there) == ["suppressed"] * 3 + ["queued"]
    assert await house.sweep() == []


async def test_a_company_ends_all_of_it_at_once(house: House) -> None:
    """However its name is spelled."""
    here = [
        *await house.people(1, company_name="Northbeam GmbH"),
        *await house.people(1, company_name="NORTHBEAM"),
    ]
    there = await house.people(1, company_name="Northbeam Labs")
    await enrolled(house, *here, *there)
    await suppress(house.app, "company", "Northbeam", "manual")
    await house.settle()

    assert await reasons(house, *here, *there) == ["suppressed", "suppressed", "queued"]


async def test_who_is_paused_or_waits_there_is_ended_too(house: House) -> None:
    """A pause holds no ending, and a delay of days does not either."""
    (paused,) = await house.people(1, email="one@acme.example")
    (waiting,) = await house.people(1, email="two@acme.example")
    steps = [{**HELLO, "delay": "30 days"}]
    await house.enroll(await house.campaign({"name": "late", "steps": steps}), paused, waiting)
    await house.settle()
    mine = await house.enrollment(paused)
    async with house.app.sessions.begin() as db:
        found = await campaigns.enrollment_by_id(db, mine.id, lock=True)
        await campaigns.pause(db, found, "test", house.now)
    await suppress(house.app, "domain", "acme.example", "manual")
    await house.settle()

    assert await reasons(house, paused, waiting) == ["suppressed", "suppressed"]


async def test_an_address_with_a_tag_is_the_same_mailbox(house: House) -> None:
    """Whoever asked under the plain address is meant under the tagged one as well."""
    (lead,) = await house.people(1, email="lea+work@acme.example")
    await enrolled(house, lead)
    await suppress(house.app, "email", "lea@acme.example", "opt_out")
    await house.settle()

    assert await reasons(house, lead) == ["opted_out"]


async def test_one_that_is_lifted_before_it_is_read_ends_nobody(house: House) -> None:
    """What is taken in is the state as it stands."""
    (lead,) = await house.people(1, email="lea@acme.example")
    await enrolled(house, lead)
    made = await suppress(house.app, "domain", "acme.example", "manual")
    await house.execute(
        "update suppressions set lifted_at = :now, lifted_by = 'test' where suppression_id = :id",
        now=house.now,
        id=made.id,
    )
    await house.settle()
    assert await reasons(house, lead) == ["queued"]

    await house.pass_time(3 * DAY)
    assert "lea-1" in {one.target for one in house.sent("message")}
