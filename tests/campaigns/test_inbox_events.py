"""What comes by webhook and what is read in the inbox are one: an answer ends what is planned either way."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from campaign_house import DAY, HOUR, WRITE, House, a_house
from crowd import profile_id
from inbox_desk import Desk
from overture.touchpoints import InboxConversation, InboxMessage, InboxRead
from product import MakeApp

URN = "urn:li:msg_message:(urn:li:fsd_profile:ACoAAme,2-{})"


async def a_written_house(make_app: MakeApp) -> tuple[House, Desk]:
    """A campaign has written to its lead, and would again in three days."""
    house = await a_house(make_app)
    await house.sender()
    await house.enroll(await house.campaign(WRITE), *await house.people(1))
    await house.settle()
    assert len(house.sent("message")) == 1
    desk = Desk(house.app)
    async with house.app.sessions.begin() as db:
        await db.execute(text("update accounts set external_id = 'unipile-ada', provider = 'unipile'"))
    return house, desk


async def back_to_the_browser(house: House) -> None:
    """The scripted provider performs for the browser's accounts."""
    await house.execute("update accounts set provider = 'linkedin_browser'")


async def signals(house: House) -> list[tuple[str, str]]:
    """Kind and source of everything seen."""
    async with house.app.sessions() as db:
        rows = await db.execute(text("select kind, source from signals order by kind, source"))
        return [(row[0], row[1]) for row in rows]


@pytest.mark.parametrize(
    ("words", "kind", "state", "reason"),
    [
        ("Tell me more", "replied", "replied", "replied"),
        ("No thanks", "declined", "failed", "declined"),
        ("unsubscribe", "opted_out", "failed", "opted_out"),
    ],
)
async def test_an_answer_by_webhook_ends_what_is_planned(
    make_app: MakeApp, words: str, kind: str, state: str, reason: str
) -> None:
    house, desk = await a_written_house(make_app)

    house.clock.advance(HOUR)
    await desk.take(desk.message(1, words, key="a"))
    await back_to_the_browser(house)
    await house.settle()

    assert await signals(house) == [(kind, "2-a")]
    found = await house.enrollment(house.leads[0])
    assert found.finished_at is not None
    assert (found.state, found.reason) == (state, reason)
    await house.pass_time(10 * DAY)
    assert len(house.sent("message")) == 1


async def test_our_own_message_by_webhook_ends_nothing(make_app: MakeApp) -> None:
    house, desk = await a_written_house(make_app)

    house.clock.advance(HOUR)
    await desk.take(desk.message(1, "Hi Lea1, hello!", own=True))
    await back_to_the_browser(house)
    await house.pass_time(4 * DAY)

    assert await signals(house) == []
    assert len(house.sent("message")) == 2


async def test_a_word_by_hand_makes_the_conversation_the_operators(make_app: MakeApp) -> None:
    house, desk = await a_written_house(make_app)

    house.clock.advance(HOUR)
    await desk.take(desk.message(1, "By the way, I saw your talk", own=True, key="h"))
    await back_to_the_browser(house)
    await house.pass_time(4 * DAY)

    assert await signals(house) == [("manual_contact", "2-h")]
    assert len(house.sent("message")) == 1


@pytest.mark.parametrize("webhook_first", [True, False])
async def test_a_message_delivered_and_read_is_one_signal(make_app: MakeApp, webhook_first: bool) -> None:
    house, desk = await a_written_house(make_app)
    house.clock.advance(HOUR)
    said_at = house.now
    delivered = desk.message(1, "Tell me more", key="a", at=said_at)
    if webhook_first:
        await desk.take(delivered)
        await back_to_the_browser(house)
        await house.settle()
    await back_to_the_browser(house)
    message = InboxMessage(
        message_urn=URN.format("a"),
        sender_profile_id=profile_id(1),
        is_own=False,
        text="Tell me more",
        delivered_at=said_at,
    )
    thread = InboxConversation(
        conversation_urn="urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAme,2-dGhyZWFk1)",
        participant_profile_ids=[profile_id(1)],
        participant_names=["Lea"],
        last_activity_at=said_at,
        messages=[message],
        complete=True,
    )
    read = InboxRead(conversations=[thread], complete=True, ended_by="end")
    house.provider.answers["ada", "sync_inbox"] = read
    await house.pass_time(DAY)
    await house.execute("update accounts set provider = 'unipile'")
    await desk.take(delivered)
    await back_to_the_browser(house)
    await house.settle()

    assert await signals(house) == [("replied", "2-a")]
    assert len(await desk.conversations()) == 1
    assert len(house.sent("message")) == 1


async def test_an_automatic_answer_puts_off_and_does_not_end(make_app: MakeApp) -> None:
    house, desk = await a_written_house(make_app)

    house.clock.advance(HOUR)
    await desk.take(desk.message(1, "I am out of office", key="o"))
    await back_to_the_browser(house)
    await house.settle()

    assert await signals(house) == [("auto_replied", "2-o")]
    assert (await house.enrollment(house.leads[0])).state == "active"
    await house.pass_time(timedelta(days=12))
    assert len(house.sent("message")) == 2


async def test_what_was_sent_from_the_inbox_is_a_word_by_hand_for_campaigns(make_app: MakeApp) -> None:
    house, desk = await a_written_house(make_app)
    async with house.app.sessions.begin() as db:
        await db.execute(text("update runs set tags = '[\"inbox\"]'"))

    house.clock.advance(HOUR)
    await desk.take(desk.message(1, "Hi Lea1, hello!", own=True, key="i"))
    await back_to_the_browser(house)
    await house.settle()

    assert await signals(house) == [("manual_contact", "2-i")]
