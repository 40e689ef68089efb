"""Groups, as the provider meets them: read as what they are, and never taken for the chat of two."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from provider_stage import Stage, settings_for
from unipile_desk import FRIEND, ME, Desk

from carrying import CLOCK, IDS
from overture.core.clock import SystemClock
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import InboxRead, Message, MessageSent, SyncInbox

TEXT = "Hello there, nice to meet you!"


@pytest.fixture
async def stage(open_sandbox: Desk) -> AsyncIterator[Stage]:
    """An account that said `TEXT` to a friend and another one in a group, and nothing to either alone."""
    open_sandbox.sandbox.reset()
    desk = Desk(open_sandbox.sandbox).connect()
    (other,) = desk.admin.post("/populate", count=1, connected_to=ME)
    group = desk.post("/chats", attendees_ids=[desk.id_of(FRIEND), desk.id_of(other["slug"])], text=TEXT)
    desk.ids["group"] = str(desk.get(f"/chats/{group.json['chat_id']}").json["provider_id"])
    provider = Unipile(settings_for(desk.sandbox.url), SystemClock(), Rng())
    yield Stage(desk, provider)
    await provider.close()


async def test_a_group_is_read_as_one(stage: Stage) -> None:
    stage.admin.post(f"/people/{FRIEND}/reply", account=ME, group=stage.desk.ids["group"], text="Hello")

    found = await stage.read(SyncInbox())

    assert isinstance(found, InboxRead)
    (thread,) = found.conversations
    assert thread.is_group
    assert [(one.is_own, one.text) for one in thread.messages] == [(True, TEXT), (False, "Hello")]


async def test_what_was_said_in_a_group_proves_no_message_to_one(stage: Stage) -> None:
    touchpoint, since = Message(public_identifier=FRIEND, message=TEXT), CLOCK.now() - timedelta(minutes=1)

    found = await stage.read_back(touchpoint, IDS.token(), since)

    assert found.verdict != "found"


async def test_a_message_goes_into_the_chat_of_two(stage: Stage) -> None:
    stage.desk.settings(null_ids=True)

    done = await stage.write(Message(public_identifier=FRIEND, message=TEXT))

    assert isinstance(done.outcome, MessageSent)
    assert [one["target"] for one in stage.admin.ledger(kind="message")].count(FRIEND) == 2
    (urn,) = {one["urn"] for one in stage.admin.ledger(kind="message")[2:]}
    assert urn.endswith(done.outcome.message_urn)
