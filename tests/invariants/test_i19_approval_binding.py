"""I19: what is sent is what was approved, byte for byte, to that person, from that account."""

import pytest

from campaign_house import WRITE, House, a_house
from overture import campaigns
from overture.core.errors import Conflict
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a campaign in which a person approves every text."""
    house = await a_house(make_app)
    await house.sender()
    await house.enroll(await house.campaign(WRITE, approvals={"mode": "all"}), *await house.people(1))
    await house.settle()
    return house


async def approve(house: House, content_hash: str | None = None) -> None:
    """Approve the only text there is."""
    async with house.app.sessions.begin() as db:
        found = await campaigns.approvals.by_id(db, (await house.approvals())[-1].id)
        await campaigns.approvals.approve(db, found, content_hash or found.content_hash, "test", house.now)


async def test_nothing_is_sent_before_it_is_approved(house: House) -> None:
    """It waits, says so, and then exactly what was approved goes out."""
    assert house.sent() == []
    assert (await house.enrollment(house.leads[0])).reason == "waiting_approval"
    await approve(house)
    await house.settle()

    (sent,) = house.sent()
    (approval,) = await house.approvals()
    assert sent.touchpoint.content_hash() == approval.content_hash


async def test_an_edited_text_is_approved_anew_and_sent_as_edited(house: House) -> None:
    """The hash that was seen before the edit approves nothing."""
    before = (await house.approvals())[0].content_hash
    async with house.app.sessions.begin() as db:
        found = await campaigns.approvals.by_id(db, (await house.approvals())[0].id)
        await campaigns.approvals.edit(db, found, {"message": "By hand,  with two spaces\n"}, "me", house.now)
    with pytest.raises(Conflict):
        await approve(house, before)
    await approve(house)
    await house.settle()

    (sent,) = house.sent()
    assert getattr(sent.touchpoint, "message") == "By hand,  with two spaces\n"  # noqa: B009 - of the union


async def test_a_text_that_renders_otherwise_is_stale(house: House) -> None:
    """The lead's name changes after the approval: a fresh one is asked for, nothing is sent."""
    await approve(house)
    await house.execute("update leads set first_name = 'Other'")
    await house.settle()

    assert house.sent() == []
    assert [one.state for one in await house.approvals()] == ["stale", "pending"]


async def test_the_gate_refuses_what_was_edited_after_planning(house: House) -> None:
    """The run is there already; the edit makes its approval another one, so it never acts."""
    await approve(house)
    await house.tick()
    async with house.app.sessions.begin() as db:
        found = await campaigns.approvals.by_id(db, (await house.approvals())[0].id)
        await campaigns.approvals.edit(db, found, {"message": "Something else"}, "me", house.now)
    await house.settle()

    assert house.sent() == []
    (touch,) = await house.touches()
    assert (touch.state, touch.code) == ("cancelled", "approval_stale")
