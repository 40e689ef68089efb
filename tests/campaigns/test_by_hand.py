"""What is asked for apart from a campaign concerns it: a message by the API is one by hand."""

import pytest

from campaign_house import CLASSIC, DAY, HOUR, WRITE, House, a_house
from crowd import profile_id, see
from fakes import noop
from overture import people, runs
from overture.runs import RunRequest
from overture.touchpoints import Connect, InMail, Message, Touchpoint
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """Two senders."""
    house = await a_house(make_app)
    await house.sender("ada")
    await house.sender("grace")
    return house


async def by_hand(house: House, touchpoint: Touchpoint, handle: str = "ada") -> None:
    """A run that belongs to no campaign, carried out."""
    async with house.app.sessions.begin() as db:
        await runs.submit(db, house.app.ids, RunRequest(handle, touchpoint), house.now, house.now)
    await house.work()


@pytest.mark.parametrize("handle", ["ada", "grace"])
@pytest.mark.parametrize(
    "touchpoint",
    [
        Message(public_identifier="lea-1", message="Apart from that"),
        InMail(public_identifier="lea-1", subject="Apart", body="from that"),
    ],
    ids=["message", "inmail"],
)
async def test_who_is_written_to_apart_from_the_campaign_is_not_written_to_by_it_any_more(
    house: House, handle: str, touchpoint: Touchpoint
) -> None:
    lead, other = await house.people(2)
    await house.enroll(await house.campaign(WRITE), lead, other)
    await by_hand(house, touchpoint, handle)
    await house.pass_time(5 * DAY)

    assert [one.target for one in house.sent("message", "ada")].count("lea-2") == 2
    assert len([one for one in house.sent() if one.target == "lea-1"]) == 1
    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("ignored", "manual_contact")


async def test_what_was_written_before_they_were_enrolled_stops_nothing(house: House) -> None:
    (lead,) = await house.people(1)
    await by_hand(house, Message(public_identifier="lea-1", message="Long ago"))
    await house.tick()
    house.clock.advance(HOUR)
    await house.enroll(await house.campaign(WRITE, replied_before="enroll"), lead)
    await house.pass_time(5 * DAY)

    assert len(house.sent("message")) == 3


async def test_an_invitation_apart_from_the_campaign_is_known(house: House) -> None:
    (lead,) = await house.people(1)
    await by_hand(house, Connect(public_identifier="lea-1"), "grace")
    await house.tick()
    async with house.app.sessions() as db:
        (known,) = await people.relationships_of(db, {lead.id})
    assert (known.state, known.source.startswith("run:")) == ("invited", True)


async def test_a_connection_that_comes_out_only_now_is_left_alone(house: House) -> None:
    """They were connected before, and no reading had told: the invitation found it out."""
    mine, theirs = await house.people(2)
    house.accepts(mine)
    house.clock.advance(HOUR)
    house.provider.script("lea-1", noop())
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, mine, theirs)
    await house.pass_time(DAY)

    found = await house.enrollment(mine)
    assert (found.state, found.reason, house.sent("message")) == ("ignored", "already_connected", [])
    assert (await see(house.app, mine)).stage == "IGNORED"
    assert (await house.enrollment(theirs)).state == "active"


async def test_a_name_that_is_somebody_elses_by_now_stops_nobody(house: House) -> None:
    """The run says by an id whom it reached; the lead of that name has another id."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    async with house.app.sessions.begin() as db:
        request = RunRequest("ada", Message(public_identifier="lea-1", message="Apart from that"))
        run = (await runs.submit(db, house.app.ids, request, house.now, house.now)).run
    await house.work()
    await house.execute(
        "update runs set result = result || jsonb_build_object('profile_id', cast(:id as text)) "
        "where run_id = :run",
        id=profile_id(99),
        run=run.id,
    )
    await house.pass_time(HOUR)

    assert (await house.enrollment(lead)).reason != "manual_contact"
