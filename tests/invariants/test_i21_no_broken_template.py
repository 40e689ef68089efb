"""I21: nothing goes out with a variable nobody filled, empty, or over the limit; it waits and says why."""

import pytest

from campaign_house import DAY, INVITE, House, a_house
from overture import people
from overture.people import Mode, NewLead
from product import MakeApp

TEXT = "Hi {{ first_name }}, how is {{ company }}?"
NOTE_LIMIT = 300


def message(text: str) -> dict[str, object]:
    """A sequence of one message."""
    touchpoint = {"type": "message", "message": text}
    return {"name": "one", "steps": [{"id": "hello", "channel": "linkedin", "touchpoint": touchpoint}]}


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with a sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def waits_for(house: House) -> tuple[str, str | None]:
    """Why the only lead waits, once there is nothing more to do; nothing was sent."""
    await house.pass_time(2 * DAY)
    assert house.sent("message") == house.sent("connect") == []
    found = await house.enrollment(house.leads[0])
    return found.reason, found.detail


@pytest.mark.parametrize("company", [None, "", "   "])
async def test_a_field_nobody_filled_stops_the_text_until_it_is_there(
    house: House, company: str | None
) -> None:
    (lead,) = await house.people(1, company_name=company) if company is not None else await house.people(1)
    await house.enroll(await house.campaign(message(TEXT)), lead)
    reason, detail = await waits_for(house)
    assert reason == "missing_variable"
    assert "company" in str(detail)

    async with house.app.sessions.begin() as db:
        known = NewLead(linkedin_slug="lea-1", company_name="Engines")
        await people.take_in(db, house.app.ids, house.now, known, "api", Mode())
    await house.pass_time(2 * DAY)
    assert [one.touchpoint.model_dump()["message"] for one in house.sent("message")] == [
        "Hi Lea1, how is Engines?"
    ]


async def test_a_text_that_comes_out_empty_is_not_sent(house: House) -> None:
    await house.people(1)
    text = "{% if company %}Hello {{ company }}{% endif %}"
    await house.enroll(await house.campaign(message(text)), *house.leads)

    assert (await waits_for(house))[0] in ("missing_variable", "template_invalid")


async def test_a_note_over_the_limit_is_not_sent_nor_cut(house: House) -> None:
    (lead,) = await house.people(1, first_name="L" * (NOTE_LIMIT + 1))
    touchpoint = {"type": "connect", "note": "Hi {{ first_name }}"}
    await house.enroll(
        await house.campaign({"name": "n", "steps": [{**INVITE, "touchpoint": touchpoint}]}), lead
    )

    assert (await waits_for(house))[0] == "template_invalid"
