"""Readings of inboxes and messages of runs stand in the same conversations as what webhooks bring."""

from datetime import timedelta

import pytest

from crowd import a_lead, over, profile_id, submit
from fakes import ScriptedProvider
from inbox_desk import SELF, THREAD, Desk
from overture import people
from overture.entrypoints.bootstrap import App
from overture.people import Lead, Merging
from overture.runs import Run
from overture.touchpoints import (
    Connect,
    InboxConversation,
    InboxMessage,
    InboxRead,
    Invited,
    Message,
    MessageSent,
    SyncInbox,
)
from waiting import eventually

OF_MAILBOX = f"urn:li:fsd_profile:{SELF}"


@pytest.fixture
async def desk(app: App, account: str, worker: None) -> Desk:
    return Desk(app, account)


async def lea(app: App) -> Lead:
    return await a_lead(app, linkedin_slug="lea-1", linkedin_profile_id=profile_id(1))


def thread(app: App, *messages: tuple[str, str, bool], unread: int | None = None) -> InboxRead:
    """A reading of one thread: key, words and whether they are ours, a minute apart."""
    begun = app.now() - timedelta(hours=1)
    return InboxRead(
        conversations=[
            InboxConversation(
                conversation_urn=f"urn:li:msg_conversation:({OF_MAILBOX},{THREAD}1)",
                participant_profile_ids=[profile_id(1)],
                participant_names=["Lea One"],
                unread_count=unread,
                last_activity_at=app.now(),
                messages=[
                    InboxMessage(
                        message_urn=f"urn:li:msg_message:({OF_MAILBOX},2-{key})",
                        sender_profile_id=SELF if is_own else profile_id(1),
                        is_own=is_own,
                        text=said,
                        delivered_at=begun + timedelta(minutes=place),
                    )
                    for place, (key, said, is_own) in enumerate(messages)
                ],
                complete=True,
            )
        ],
        complete=True,
        ended_by="end",
    )


async def read(app: App, provider: ScriptedProvider, found: InboxRead) -> None:
    """Read the inbox by a run."""
    provider.answers["*", "sync_inbox"] = found
    await finished(app, await submit(app, SyncInbox()))


async def finished(app: App, run: Run) -> Run:
    """The run, once it is over."""
    return await eventually(lambda: over(app, run))


async def test_a_reading_fills_the_conversation_once(
    app: App, provider: ScriptedProvider, desk: Desk
) -> None:
    lead = await lea(app)
    for _ in range(2):
        await read(app, provider, thread(app, ("a", "Hello", True), ("b", "No thanks", False), unread=1))
        await desk.turn()

    found = await desk.conversation()
    assert (found.lead_id, found.thread_key, found.unread_count) == (lead.id, f"{THREAD}1", 1)
    assert await desk.told() == [("2-a", "own", "hand", "own"), ("2-b", "theirs", "them", "decline")]


async def test_what_was_read_at_the_channel_is_read_here(
    app: App, provider: ScriptedProvider, desk: Desk
) -> None:
    await lea(app)

    await read(
        app, provider, thread(app, ("a", "One", False), ("b", "Two", False), ("c", "Three", False), unread=2)
    )
    await desk.turn()
    assert (await desk.conversation()).unread_count == 2
    await read(
        app, provider, thread(app, ("a", "One", False), ("b", "Two", False), ("c", "Three", False), unread=0)
    )
    await desk.turn()

    assert (await desk.conversation()).unread_count == 0


@pytest.mark.parametrize("webhook_first", [True, False])
async def test_a_message_read_and_delivered_is_one(
    app: App, provider: ScriptedProvider, desk: Desk, webhook_first: bool
) -> None:
    await lea(app)
    await desk.connect()
    delivered = desk.message(1, "Tell me more", key="b", at=app.now() - timedelta(minutes=59))
    if webhook_first:
        await desk.take(delivered)
    async with app.sessions.begin() as db:  # the scripted provider performs for the browser's accounts only
        from overture import accounts

        (await accounts.by_handle(db, "ada")).provider = "linkedin_browser"
    await read(app, provider, thread(app, ("b", "Tell me more", False)))
    await desk.turn()
    if not webhook_first:
        await desk.connect()
        await desk.take(delivered)

    assert [one.message_key for one in await desk.messages()] == ["2-b"]
    assert await desk.told() == [("2-b", "theirs", "them", "reply")]
    assert len(await desk.conversations()) == 1


async def test_a_message_that_a_run_sent_stands_there_at_once_and_is_known_when_read(
    app: App, provider: ScriptedProvider, desk: Desk
) -> None:
    await lea(app)
    provider.answers["*", "message"] = MessageSent(
        message_urn=f"urn:li:msg_message:({OF_MAILBOX},2-sent)",
        conversation_urn=f"urn:li:msg_conversation:({OF_MAILBOX},{THREAD}1)",
        delivered_at=app.now(),
        public_identifier="lea-1",
        profile_id=profile_id(1),
    )
    run = await finished(app, await submit(app, Message(public_identifier="lea-1", message="Hi Lea")))
    await desk.turn()
    sent = (run.result or {})["message_urn"]

    await read(app, provider, thread(app, (str(sent).rpartition(",2-")[2].rstrip(")"), "Hi Lea", True)))
    await desk.turn()

    found = [(one.by, one.run_id) for one in await desk.messages()]
    assert found == [("run", run.id)]


async def test_the_note_of_an_invitation_is_a_note_however_it_was_read(
    app: App, provider: ScriptedProvider, desk: Desk
) -> None:
    """A webhook says so itself; in a reading it is known by the run that sent it."""
    await lea(app)
    sent = Invited(state="pending", note_sent=True, public_identifier="lea-1", profile_id=profile_id(1))
    provider.answers["*", "connect"] = sent
    run = await finished(app, await submit(app, Connect(public_identifier="lea-1", note="May I ask, Lea?")))

    await read(app, provider, thread(app, ("note", "May I ask, Lea?", True), ("b", "Do!", False)))
    await desk.turn()

    found = {one.message_key: (one.by, one.run_id, one.kind) for one in await desk.messages()}
    assert found == {"2-note": ("run", run.id, "note"), "2-b": ("them", None, "reply")}


async def test_conversations_follow_a_lead_into_another(
    app: App, provider: ScriptedProvider, desk: Desk
) -> None:
    merged = await lea(app)
    kept = await a_lead(app, email="lea@hollow.test")
    await read(app, provider, thread(app, ("a", "Hello", False)))
    await desk.turn()
    async with app.sessions.begin() as db:
        await people.merge(db, app.ids, app.now(), Merging(kept.id, merged.id, "same", "test"))
    await desk.turn()

    assert (await desk.conversation()).lead_id == kept.id
