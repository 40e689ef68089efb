"""A lead's journey through a campaign, from the invitation to the end."""

from datetime import timedelta

import pytest

from campaign_house import CLASSIC, DAY, HOUR, WRITE, House, a_house
from crowd import suppress
from fakes import fail, replied
from overture.core.errors import Conflict, NotPossible
from overture.touchpoints import ConnectionState
from product import MakeApp


@pytest.fixture
async def house(make_app: MakeApp) -> House:
    """A house with one sender."""
    house = await a_house(make_app)
    await house.sender()
    return house


async def test_invite_accepted_message_reply_stops(house: House) -> None:
    """The journey: an acceptance is seen by the relation sync, a reply by the inbox sync, and ends it."""
    (lead,) = await house.people(1)
    campaign = await house.campaign(CLASSIC)
    await house.enroll(campaign, lead)
    await house.settle()
    house.pending()
    assert [one.kind for one in house.sent()] == ["connect"]
    assert (await house.enrollment(lead)).reason == "waiting_accept"

    house.accepts(lead)
    await house.pass_time(16 * HOUR)
    assert [one.kind for one in house.sent()] == ["connect", "message"]
    assert (await house.enrollment(lead)).reason == "delay"

    house.writes(lead, "Hello, tell me more", "and soon")
    await house.pass_time(5 * DAY)
    assert [one.kind for one in house.sent()] == ["connect", "message"]
    found = await house.enrollment(lead)
    assert (found.state, found.reason, found.next_action_at) == ("replied", "replied", None)
    assert await house.sweep() == []


async def test_no_message_before_acceptance(house: House) -> None:
    """Nobody who has not accepted is written to, and the invitation expires in the end."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(CLASSIC), lead)
    await house.settle()
    house.pending()
    await house.pass_time(15 * DAY)

    assert [one.kind for one in house.sent()] == ["connect"]
    assert (await house.enrollment(lead)).reason == "invite_expired"


async def test_looks_at_an_invitation_are_ever_rarer(house: House) -> None:
    """24 hours, then 48, then 96: and a reading of all relations comes before the first."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(CLASSIC), lead)
    await house.settle()
    house.pending()
    await house.pass_time(13 * DAY)

    looks = [one.kind for one in house.provider.calls if one.kind == "check_connection"]
    assert len(looks) == 3
    kinds = [one.kind for one in house.provider.calls if one.kind in ("check_connection", "sync_relations")]
    assert kinds[0] == "sync_relations"


async def test_an_invitation_that_was_declined_is_not_waited_for(house: House) -> None:
    """The first look finds it gone: the enrollment ends then, not after the whole timeout."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(CLASSIC), lead)
    await house.settle()
    house.provider.answers["*", "check_connection:lea-1"] = ConnectionState(
        state="none", public_identifier="lea-1"
    )
    await house.pass_time(3 * DAY)

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("failed", "invite_expired")
    assert [one.kind for one in house.provider.calls].count("check_connection") == 1


async def test_a_reply_at_the_last_look_ends_it(house: House) -> None:
    """What no sync has seen yet the last look sees; nothing is sent."""
    (lead,) = await house.people(1)
    house.provider.script("lea-1", replied())
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()

    assert house.sent() == []
    assert (await house.enrollment(lead)).state == "replied"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("Please unsubscribe me", "thanks"), "opted_out"),
        (("No thanks",), "declined"),
        (("Who are you?",), "replied"),
    ],
)
async def test_what_they_answer_ends_it(house: House, words: tuple[str, ...], reason: str) -> None:
    """An opt-out is heard though it is not the last message, and suppresses for ever."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    house.writes(lead, *words)
    await house.pass_time(4 * DAY)

    assert len(house.sent("message")) == 1
    assert (await house.enrollment(lead)).reason == reason


async def test_the_operator_writing_by_hand_ends_it(house: House) -> None:
    """A message in the thread that no run of ours wrote is the operator's."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    house.writes(lead, "Hi, me again in person", is_own=True)
    await house.pass_time(4 * DAY)

    assert len(house.sent("message")) == 1
    assert (await house.enrollment(lead)).reason == "manual_contact"


async def test_a_suppression_ends_it_at_once(house: House) -> None:
    """Whoever is suppressed between two steps gets nothing more."""
    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    await house.settle()
    await suppress(house.app, "person", str(lead.id), "manual")
    await house.settle()

    found = await house.enrollment(lead)
    assert (found.state, found.reason) == ("ignored", "suppressed")


async def test_a_definitive_failure_takes_the_other_way_after_its_delay(house: House) -> None:
    """The fallback chain: never at once (bug zoo M14), and only when the failure is definitive."""
    (lead,) = await house.people(1)
    step = {
        "id": "reach",
        "channel": "linkedin",
        "touchpoint": {"type": "message", "message": "Hi there"},
        "fallback": [
            {
                "channel": "linkedin",
                "touchpoint": {"type": "inmail", "subject": "Hi", "body": "Hello over there"},
                "delay": "24h",
            }
        ],
    }
    house.provider.script("lea-1", fail(NotPossible("not_connected", "no")))
    await house.enroll(await house.campaign({"name": "two", "steps": [step]}), lead)
    await house.settle()
    await house.pass_time(timedelta(hours=23))
    assert house.sent() == []

    house.provider.script("lea-1")
    await house.pass_time(timedelta(hours=2))
    assert [one.kind for one in house.sent()] == ["inmail"]
    assert (await house.enrollment(lead)).state == "completed"


async def test_a_paused_campaign_sends_nothing_and_goes_on(house: House) -> None:
    """Not even what was planned before the pause; the gate holds it."""
    leads = await house.people(2)
    campaign = await house.campaign(WRITE)
    await house.enroll(campaign, *leads)
    await house.tick()
    await house.do(campaign, "pause")
    await house.pass_time(2 * HOUR)
    assert house.sent() == []
    assert (await house.why(leads[0])).code == "campaign_paused"

    await house.do(campaign, "resume")
    await house.pass_time(HOUR)
    assert len(house.sent("message")) == 2


async def test_illegal_verbs_say_what_is_allowed(house: House) -> None:
    """A draft cannot be paused."""
    campaign = await house.campaign(WRITE, start=False)
    with pytest.raises(Conflict) as refused:
        await house.do(campaign, "pause")

    assert refused.value.facts["allowed_actions"] == ["start", "archive"]


async def test_a_kill_switch_holds_the_plan_and_says_so(house: House) -> None:
    """Nothing is planned while it is on; why names it."""
    from overture import accounts

    (lead,) = await house.people(1)
    await house.enroll(await house.campaign(WRITE), lead)
    order = accounts.SwitchOrder("global", "", is_on=True, reason="drill", by="test")
    async with house.app.sessions.begin() as db:
        await accounts.turn(db, order, house.now)
    await house.settle()
    assert await house.touches() == []
    assert (await house.why(lead)).code == "kill_switch"

    async with house.app.sessions.begin() as db:
        await accounts.turn(
            db, accounts.SwitchOrder("global", "", is_on=False, reason=None, by="test"), house.now
        )
    await house.settle()
    assert len(house.sent("message")) == 1
