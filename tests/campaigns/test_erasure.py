"""Erasing a person ends what campaigns plan for them, and leaves none of their words in their tables."""

from typing import Any

import pytest
from sqlalchemy import text

from campaign_house import HELLO, HOUR, MINUTE, House, a_house
from overture import campaigns, people
from overture.entrypoints.api.outreach.forgetting import forgets
from overture.people import Erasure, Lead
from product import MakeApp

CANARY = "quetzalina"
TABLES = ("enrollments", "touches", "approvals", "signals", "events", "runs", "model_calls")
NAMED: dict[str, Any] = {
    "name": "named",
    "steps": [
        HELLO,
        {
            **HELLO,
            "id": "more",
            "touchpoint": {"type": "message", "message": "{{ first_name }} of {{ custom.nest }}?"},
        },
    ],
}
WRITTEN: dict[str, Any] = {
    "name": "written",
    "steps": [
        {**HELLO, "touchpoint": {"type": "message", "message": {"ai_prompt": "Greet {{ first_name }}."}}}
    ],
}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def one_called_canary(house: House) -> Lead:
    """A lead whose every field shows the word."""
    nest = {"nest": f"{CANARY}'s nest"}
    (lead,) = await house.people(
        1,
        first_name=CANARY,
        last_name="Q",
        linkedin_slug=f"{CANARY}-q",
        email=f"{CANARY}@example.com",
        custom=nest,
    )
    return lead


async def erase(house: House, lead: Lead) -> None:
    """Erase them as the product does."""
    app = house.app
    async with app.sessions.begin() as db:
        asked = Erasure("admin", app.kit.artifacts_dir, also=forgets(app))
        await people.erase(db, app.ids, house.now, lead.id, asked)


async def found_in(house: House) -> list[str]:
    """The tables in which the word stands."""
    async with house.app.sessions() as db:
        rows = {name: await db.scalars(text(f'select to_jsonb(t)::text from "{name}" t')) for name in TABLES}
        return [name for name, of in rows.items() if any(CANARY in row.lower() for row in of.all())]


async def test_nothing_of_an_erased_person_is_left_in_campaigns(house: House) -> None:
    """Sent, waiting for approval, being written, answered: every text and name goes, the count stays."""
    lead = await one_called_canary(house)
    await house.enroll(await house.campaign(NAMED, approvals={"mode": "all"}), lead)
    await house.enroll(await house.campaign(WRITTEN, active_elsewhere="enroll"), lead)
    await house.pass_time(2 * HOUR)
    (first, *_) = [one for one in await house.approvals() if one.state == "pending"]
    async with house.app.sessions.begin() as db:
        found = await campaigns.approvals.by_id(db, first.id)
        await campaigns.approvals.approve(db, found, first.content_hash, "mira", house.now)
    await house.pass_time(2 * HOUR)
    async with house.app.sessions.begin() as db:
        sight = campaigns.Sight(
            lead.id, house.now, f"api:{CANARY} is away", channel=CANARY, until=house.now + HOUR
        )
        await campaigns.observe.auto_replied(db, house.app.ids, sight, house.now)
    assert len(house.sent("message")) == 1
    assert {"drafting", "approved"} <= {one.state for one in await house.approvals()}
    assert {"touches", "approvals", "signals"} <= set(await found_in(house))

    await erase(house, lead)

    assert await found_in(house) == []
    assert {one.state for one in await house.approvals()} == {"stale"}
    assert [one.state for one in await house.touches()] == ["delivered"]


@pytest.mark.parametrize("paused", [False, True])
async def test_what_was_planned_for_an_erased_person_ends_at_once(house: House, paused: bool) -> None:
    """The enrollment ends with the erasure itself, paused or not, and no planner starts it again."""
    lead = await one_called_canary(house)
    campaign_id = await house.campaign(NAMED)
    await house.enroll(campaign_id, lead)
    await house.tick()
    if paused:
        async with house.app.sessions.begin() as db:
            mine = await campaigns.enrollment_by_id(db, (await house.enrollment(lead)).id, lock=True)
            await campaigns.pause(db, mine, "test", house.now)

    await erase(house, lead)

    ended = await house.enrollment(lead)
    assert (ended.state, ended.reason, ended.next_action_at) == ("ignored", "erased", None)
    await house.pass_time(48 * HOUR)
    assert house.sent() == []
    assert (await house.enrollment(lead)).reason == "erased"
    assert await house.sweep() == []
    assert await found_in(house) == []


async def test_a_run_that_waits_is_taken_back_by_the_erasure(house: House) -> None:
    """What was submitted and has not begun is cancelled, and its touch says so."""
    lead = await one_called_canary(house)
    await house.enroll(await house.campaign(NAMED), lead)
    await house.pass_time(59 * MINUTE)
    house.clock.advance(2 * MINUTE)
    await house.tick()
    assert [one.state for one in await house.touches()] == ["submitted"]

    await erase(house, lead)
    await house.settle()

    assert [one.state for one in await house.touches()] == ["cancelled"]
    assert house.sent() == []
