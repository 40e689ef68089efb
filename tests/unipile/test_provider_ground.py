"""What the provider stands on: address and key of the workspace, long lists, ids, encodings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest
from provider_stage import Stage, settings_for
from pydantic import SecretStr
from unipile_desk import FRIEND, ME, STRANGER, Desk

from overture.core.clock import SystemClock
from overture.core.errors import NeedsHuman
from overture.core.rng import Rng
from overture.providers.unipile.provider import Unipile
from overture.touchpoints import (
    CheckConnection,
    Connect,
    ConnectionState,
    InMail,
    Invited,
    Message,
    MessageSent,
    RelationsRead,
    SyncRelations,
)

TEXT = "Grüße, “Jonas” –\nzwei Zeilen & ein 👩‍🚀"


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect(premium=True, inmail_credits=5, products=["sales_navigator"])


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture
def at(desk: Desk) -> OpenStage:
    """A stage whose provider has these settings."""

    @asynccontextmanager
    async def opened(url: str | None = None, **more: Any) -> AsyncIterator[Stage]:
        provider = Unipile(settings_for(url or desk.sandbox.url, **more), SystemClock(), Rng())
        try:
            yield Stage(desk, provider)
        finally:
            await provider.close()

    return opened


def forms(desk: Desk, endpoint: str) -> list[dict[str, Any]]:
    """What was sent to this route, as the service understood it."""
    return [call["form"] for call in desk.admin.get("/unipile/journal", endpoint=endpoint)]


@pytest.mark.parametrize("spelling", ["{bare}", "http://{bare}/", "http://{bare}/api/v1", " {bare}/api/v1/ "])
async def test_every_spelling_of_the_address_reaches_the_workspace(
    desk: Desk, at: OpenStage, spelling: str
) -> None:
    bare = desk.sandbox.url.removeprefix("http://").rstrip("/")
    async with at(spelling.format(bare=bare)) as stage:
        found = await stage.read(CheckConnection(public_identifier=FRIEND))

    assert isinstance(found, ConnectionState)
    assert found.state == "connected"


async def test_without_the_right_key_nothing_is_done_and_a_person_is_asked(desk: Desk, at: OpenStage) -> None:
    async with at(unipile_api_key=SecretStr("another-key")) as stage:
        with pytest.raises(NeedsHuman) as caught:
            await stage.write(Connect(public_identifier=STRANGER))

    assert caught.value.code == "account_needs_login"
    assert "another-key" not in str(caught.value)
    assert desk.kinds(kind="invite") == []


async def test_2500_relations_are_read_page_by_page_to_their_end(desk: Desk, at: OpenStage) -> None:
    before = len(desk.get("/users/relations", limit=1000).json["items"])
    desk.admin.post("/populate", count=2500 - before, connected_to=ME, quiet=True)
    desk.admin.delete("/unipile/journal")

    async with at() as stage:
        found = await stage.read(SyncRelations(limit=5000))

    assert isinstance(found, RelationsRead)
    assert (found.complete, found.ended_by, found.pages) == (True, "end", 3)
    assert len({one.profile_id for one in found.relations}) == len(found.relations) == 2500
    assert len(desk.admin.get("/unipile/journal", endpoint="relations")) == 3


async def test_the_id_of_another_product_leads_to_the_classic_one(desk: Desk, at: OpenStage) -> None:
    classic = desk.id_of(STRANGER)
    sales = desk.get(f"/users/{STRANGER}", linkedin_api="sales_navigator").json["provider_id"]
    assert sales.startswith("ACw")

    async with at() as stage:
        done = await stage.write(Connect(public_identifier=sales))
        seen = await stage.read(CheckConnection(public_identifier=sales))

    assert isinstance(done.outcome, Invited)
    assert (done.outcome.profile_id, done.outcome.public_identifier) == (classic, STRANGER)
    assert isinstance(seen, ConnectionState)
    assert (seen.state, seen.public_identifier) == ("pending", STRANGER)
    assert [form["provider_id"] for form in forms(desk, "invite")] == [classic]


async def test_a_new_thread_is_encoded_as_the_service_understands_it(desk: Desk, at: OpenStage) -> None:
    async with at() as stage:
        message = await stage.write(Message(public_identifier=FRIEND, message=TEXT))
        inmail = await stage.write(InMail(public_identifier=STRANGER, subject="Hello", body=TEXT))

    assert isinstance(message.outcome, MessageSent)
    assert inmail.outcome is not None
    first, second = forms(desk, "chat.start")
    assert (first["attendees_ids"], first["text"]) == (desk.id_of(FRIEND), TEXT)
    assert (second["attendees_ids"], second["subject"]) == (desk.id_of(STRANGER), "Hello")
    assert second["linkedin"] == {"api": "classic", "inmail": "true"}
    assert [one["text"] for one in desk.admin.ledger(kind="message")] == [TEXT]
