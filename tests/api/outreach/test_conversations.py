"""The inbox by its API: lists that go on, marks that stay, and words that are sent once."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from crowd import a_lead, over, profile_id
from fakes import ScriptedProvider
from inbox_desk import Desk, a_desk
from overture import accounts
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.bootstrap import App
from overture.people import Lead
from overture.runs import by_id
from product import add_account
from waiting import eventually

CONVERSATIONS = "/api/v1/conversations"


@pytest.fixture
async def desk(app: App, account: str) -> Desk:
    return await a_desk(app, account)


async def lea(app: App, number: int = 1) -> Lead:
    return await a_lead(app, linkedin_slug=f"lea-{number}", linkedin_profile_id=profile_id(number))


async def listed(client: httpx2.AsyncClient, **asked: Any) -> list[dict[str, Any]]:
    """One page of conversations."""
    answer = await client.get(CONVERSATIONS, params=asked)
    assert answer.status_code == 200, answer.text
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


async def only(client: httpx2.AsyncClient) -> dict[str, Any]:
    """The one conversation."""
    (found,) = await listed(client)
    return found


async def test_conversations_are_listed_newest_first_page_by_page(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    begun = app.now() - timedelta(days=1)
    for number in range(5):
        await desk.put(desk.message(number, f"word {number}", at=begun + timedelta(minutes=number)))
    await desk.turn()

    names: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = (await client.get(CONVERSATIONS, params={"limit": 2, **cursor})).json()
        names += [one["name"] for one in page["data"]]
        if not page["page"]["has_more"]:
            break
        cursor = {"cursor": page["page"]["next_cursor"]}

    assert names == [f"Lea {number}" for number in (4, 3, 2, 1, 0)]
    forged = await client.get(CONVERSATIONS, params={"cursor": "A" * 44})
    assert (forged.status_code, forged.json()["code"]) == (422, "validation_error")


async def test_conversations_are_found_by_what_is_known_of_them(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    lead = await lea(app, 1)
    other = await a_desk(app, await add_account(app, "bob"), "unipile-bob")
    await desk.take(desk.message(1, "100% sure"), desk.message(2, "Hello", own=True))
    await other.take(other.message(3, "Salut"))

    async def names(**asked: Any) -> list[str]:
        return sorted(one["name"] for one in await listed(client, **asked))

    assert await names(account="bob") == ["Lea 3"]
    assert await names(channel="linkedin") == ["Lea 1", "Lea 2", "Lea 3"]
    assert await names(channel="email") == []
    assert await names(unread=True) == ["Lea 1", "Lea 3"]
    assert await names(needs_reply=False) == ["Lea 2"]
    assert await names(q="100%") == ["Lea 1"]
    assert await names(q="%") == ["Lea 1"]
    assert await names(q="lea 2") == ["Lea 2"]
    assert await names(lead=public_id("lead", lead.id)) == ["Lea 1"]
    assert (await client.get(CONVERSATIONS, params={"account": "nobody"})).status_code == 404


async def test_messages_are_shown_newest_first_with_who_wrote_them(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    begun = app.now() - timedelta(hours=1)
    await desk.take(desk.message(1, "Hello?", at=begun), desk.message(1, "Hi!", own=True, at=app.now()))
    found = await only(client)

    page = (
        await client.get(f"{CONVERSATIONS}/{found['conversation_id']}/messages", params={"limit": 1})
    ).json()
    more = await client.get(
        f"{CONVERSATIONS}/{found['conversation_id']}/messages",
        params={"limit": 1, "cursor": page["page"]["next_cursor"]},
    )

    assert [(one["text"], one["direction"], one["by"]) for one in page["data"]] == [("Hi!", "own", "hand")]
    assert [(one["text"], one["kind"], one["is_read"]) for one in more.json()["data"]] == [
        ("Hello?", "reply", True)
    ]
    unknown = await client.get(f"{CONVERSATIONS}/cnv_01kb3v6q2v8x0c5h2m9r4t7wze/messages")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "conversation_not_found")


async def test_read_unread_labels_and_snooze(app: App, client: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.take(desk.message(1, "One"), desk.message(1, "Two", at=app.now() - timedelta(minutes=1)))
    address = f"{CONVERSATIONS}/{(await only(client))['conversation_id']}"

    assert (await only(client))["unread_count"] == 2
    assert (await client.patch(address, json={"read": True})).json()["unread_count"] == 0
    assert (await client.patch(address, json={"read": False})).json()["unread_count"] == 1
    labelled = (await client.patch(address, json={"add_labels": ["hot", "b2b"]})).json()
    assert labelled["labels"] == ["b2b", "hot"]
    assert (await client.patch(address, json={"remove_labels": ["b2b"]})).json()["labels"] == ["hot"]
    assert len(await listed(client, label="hot")) == 1
    assert await listed(client, label="b2b") == []

    later = (app.now() + timedelta(days=1)).isoformat()
    assert (await client.patch(address, json={"snoozed_until": later})).json()["is_snoozed"] is True
    assert await listed(client, snoozed=False) == []
    assert (await client.patch(address, json={"snoozed_until": None})).json()["is_snoozed"] is False
    assert (await client.patch(address, json={})).status_code == 422


async def test_a_new_word_of_theirs_ends_the_snooze(app: App, client: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.take(desk.message(1, "One"))
    found = await only(client)
    later = (app.now() + timedelta(days=1)).isoformat()
    await client.patch(f"{CONVERSATIONS}/{found['conversation_id']}", json={"snoozed_until": later})

    await desk.take(desk.message(1, "Are you there?"))

    assert (await only(client))["is_snoozed"] is False


async def test_a_message_is_sent_once_by_a_run_of_the_conversations_account(
    app: App, client: httpx2.AsyncClient, desk: Desk, provider: ScriptedProvider, worker: None
) -> None:
    await lea(app)
    await desk.take(desk.message(1, "Tell me more"))
    async with app.sessions.begin() as db:  # the scripted provider performs for the browser's accounts
        (await accounts.by_handle(db, "ada")).provider = "linkedin_browser"
    address = f"{CONVERSATIONS}/{(await only(client))['conversation_id']}/messages"
    said, key = {"text": "With pleasure."}, {"Idempotency-Key": "once"}

    first = await client.post(address, json=said, headers=key)
    second = await client.post(address, json=said, headers=key)

    assert first.status_code == 201, first.text
    assert second.headers["Idempotent-Replayed"] == "true"
    assert first.json()["run_id"] == second.json()["run_id"]
    run_id = read_public_id("run", first.json()["run_id"])
    assert run_id is not None
    async with app.sessions() as db:
        run = await by_id(db, run_id)
    assert (run.handle, run.target, run.tags, run.known_as) == ("ada", "lea-1", ["inbox"], [profile_id(1)])
    await eventually(lambda: over(app, run))
    assert [(one.target, one.kind) for one in provider.sent] == [("lea-1", "message")]


async def test_a_group_cannot_be_written_to_here(client: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.take(desk.message(1, "Hello all", is_group=True))
    address = f"{CONVERSATIONS}/{(await only(client))['conversation_id']}/messages"

    refused = await client.post(address, json={"text": "Hello"})

    assert (refused.status_code, refused.json()["code"]) == (409, "conversation_not_writable")


async def test_an_erased_person_leaves_no_words(app: App, client: httpx2.AsyncClient, desk: Desk) -> None:
    lead = await lea(app)
    await desk.take(desk.message(1, "My number is 555"), desk.message(2, "I am another"))
    lead_id = public_id("lead", lead.id)
    dossier = (await client.get(f"/api/v1/leads/{lead_id}/export")).text
    assert "My number is 555" in dossier

    gone = await client.delete(f"/api/v1/leads/{lead_id}", params={"confirm": lead_id})

    assert gone.status_code < 300, gone.text
    assert sorted(one.text for one in await desk.messages()) == ["", "I am another"]
    assert [b"another" in one.body for one in await desk.deliveries()] == [True]
    shown = {one["name"] for one in await listed(client)}
    assert shown == {None, "Lea 2"}
