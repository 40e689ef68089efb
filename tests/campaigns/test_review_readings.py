"""What a reading of the inbox is worth: only of whom it could tell is anything settled by it."""

import pytest
from sqlalchemy import select

from campaign_house import DAY, HELLO, HOUR, MINUTE, WRITE, House, a_house
from crowd import profile_id
from overture.campaigns.tables import Signal
from product import MakeApp

LATE = {"name": "late", "steps": [{**HELLO, "delay": "15h"}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender whose inbox is read, for somebody else's sake."""
    house = await a_house(make_app)
    await house.sender()
    (other,) = await house.people(1)
    await house.enroll(await house.campaign({**WRITE, "name": "other"}), other)
    await house.pass_time(HOUR)
    return house


async def test_an_answer_of_somebody_known_by_name_only_is_looked_for(house: House) -> None:
    """Their thread was read, and nobody knew it was theirs: the last look goes back behind the reading."""
    (lead,) = await house.people(1, linkedin_profile_id=None)
    await house.enroll(await house.campaign(LATE), lead)
    house.provider.wrote["lea-2"] = house.now + HOUR
    house.clock.advance(HOUR)
    house.writes(lead, "Interesting!")
    await house.pass_time(DAY)

    assert [one.target for one in house.sent("message")] == ["lea-1"]
    assert (await house.enrollment(lead)).state == "replied"


async def test_an_answer_read_before_their_id_was_known_is_looked_for(house: House) -> None:
    """The id was learnt after the reading: what that passed over it did not settle."""
    (lead,) = await house.people(1, linkedin_profile_id=None)
    await house.enroll(await house.campaign(LATE), lead)
    house.provider.wrote["lea-2"] = house.now + HOUR
    house.clock.advance(HOUR)
    house.writes(lead, "Interesting!")
    await house.pass_time(13 * HOUR)
    house.provider.answers["ada", "sync_inbox"] = house.provider.answers["ada", "sync_inbox"].model_copy(
        update={"conversations": []}
    )
    await house.execute(
        "insert into identities (kind, value, lead_id, source, created_at)"
        " values ('linkedin_profile_id', :value, :lead, 'test', :now)",
        value=profile_id(2),
        lead=lead.id,
        now=house.now,
    )
    await house.pass_time(DAY)

    assert [one.target for one in house.sent("message")] == ["lea-1"]


async def test_an_answer_is_theirs_when_the_id_came_in_the_same_batch(house: House) -> None:
    """The relations told their id, the inbox was read as well: the planner takes in both at once."""
    (lead,) = await house.people(1, linkedin_profile_id=None)
    await house.enroll(await house.campaign(LATE), lead)
    await house.settle()
    house.clock.advance(MINUTE)
    house.accepts(lead)
    house.writes(lead, "Interesting!")
    await house.execute("update syncs set next_at = :now", now=house.now)
    await house.tick()
    await house.work()
    await house.settle()

    async with house.app.sessions() as db:
        signs = (await db.scalars(select(Signal.kind).where(Signal.lead_id == lead.id))).all()
    assert signs == ["replied"]
    assert (await house.enrollment(lead)).state == "replied"
