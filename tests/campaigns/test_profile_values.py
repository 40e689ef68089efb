"""Texts that name the profile: filled from the one that was read; without one they wait and say why."""

from typing import Any

import pytest

from campaign_house import House, a_house
from crowd import profile_id
from overture.touchpoints import Enriched, Message
from overture.touchpoints.profile import Company, Position, Profile
from product import MakeApp

READ: dict[str, Any] = {"id": "read", "channel": "linkedin", "touchpoint": {"type": "enrich"}}
JOB = Position(title="Lead of Rockets", company=Company(name="Northbeam"), is_current=True)


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


def saying(text: str, *before: dict[str, Any]) -> dict[str, Any]:
    """A sequence that ends in this message."""
    hello = {"id": "hello", "channel": "linkedin", "touchpoint": {"type": "message", "message": text}}
    return {"name": "of the profile", "steps": [*before, hello]}


def has_profile(house: House, **fields: Any) -> None:
    """What reading the first lead's profile brings."""
    member = profile_id(1)
    read = Profile(
        urn=f"urn:li:fsd_profile:{member}",
        profile_id=member,
        public_identifier="lea-1",
        positions=(JOB,),
        **fields,
    )
    house.provider.answers["*", "enrich:lea-1"] = Enriched(profile=read)


async def test_a_text_names_what_was_read(house: House) -> None:
    """The step before reads the profile; the lead's own headline may be an older one."""
    (lead,) = await house.people(1)
    has_profile(house, headline="Builds rockets", location_name="Oslo")
    words = (
        "{{ profile.headline }}, {{ profile.title }} at {{ profile.positions[0].company.name }} "
        "in {{ profile.location }}"
    )
    await house.enroll(await house.campaign(saying(words, READ)), lead)
    await house.settle()

    (sent,) = house.sent("message")
    assert isinstance(sent.touchpoint, Message)
    assert sent.touchpoint.message == "Builds rockets, Lead of Rockets at Northbeam in Oslo"


@pytest.mark.parametrize("was_read", [False, True])
async def test_what_the_profile_does_not_say_is_waited_for_with_the_reason(
    house: House, was_read: bool
) -> None:
    """Never read, or read without it: nothing is sent with a gap."""
    (lead,) = await house.people(1)
    has_profile(house, headline="Builds rockets")
    before = [READ] if was_read else []
    await house.enroll(await house.campaign(saying("I read: {{ profile.summary }}", *before)), lead)
    await house.settle()

    found = await house.enrollment(lead)
    assert (found.reason, found.detail) == (
        "missing_variable",
        "message needs profile.summary, which is not known",
    )
    assert house.sent("message") == []
