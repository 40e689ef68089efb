"""What a message means, said by a person: it stops what a misreading had let go on."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from crowd import a_lead, profile_id
from inbox_desk import Desk, a_desk
from overture.db import Event
from overture.entrypoints.bootstrap import App
from overture.people import Lead
from overture.people.suppression import SuppressionFilter, page

CONVERSATIONS = "/api/v1/conversations"


@pytest.fixture
async def desk(app: App, account: str) -> Desk:
    return await a_desk(app, account)


async def lea(app: App) -> Lead:
    return await a_lead(app, linkedin_slug="lea-1", linkedin_profile_id=profile_id(1))


async def the_message(client: httpx2.AsyncClient) -> tuple[str, dict[str, Any]]:
    """Address and shape of the newest message of the newest conversation."""
    found = (await client.get(CONVERSATIONS)).json()["data"][0]["conversation_id"]
    messages = f"{CONVERSATIONS}/{found}/messages"
    newest: dict[str, Any] = (await client.get(messages)).json()["data"][0]
    return f"{messages}/{newest['message_id']}", newest


async def suppressed(app: App) -> list[tuple[str, str, str]]:
    """Kind, value and by whom of everything that is suppressed."""
    async with app.sessions() as db:
        found = await page(db, SuppressionFilter(), None, 100)
    return sorted((one.kind, one.value, one.by) for one in found)


async def told(app: App, kind: str) -> list[dict[str, object]]:
    """The data of every event of a type."""
    async with app.sessions() as db:
        query = select(Event.data).where(Event.type == kind).order_by(Event.id)
        return list(await db.scalars(query))


async def test_a_reply_that_is_an_opt_out_suppresses_at_once(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    lead = await lea(app)
    await desk.take(desk.message(1, "Leave me in peace"))
    address, message = await the_message(client)
    assert (message["kind"], message["read_as"], message["read_by"]) == ("reply", "reply", None)

    tried = await client.patch(address, json={"kind": "opt_out"}, params={"dry_run": True})
    assert (tried.status_code, tried.json()["kind"], await suppressed(app)) == (200, "opt_out", [])
    first = await client.patch(address, json={"kind": "opt_out", "why": "clear enough"})
    again = await client.patch(address, json={"kind": "opt_out"})

    assert (first.json()["kind"], first.json()["read_as"]) == ("opt_out", "reply")
    assert again.json() == first.json()
    assert await suppressed(app) == [("person", str(lead.id), "api")]
    (event,) = await told(app, "inbox.corrected")
    assert (event["from"], event["to"], event["by"], event["why"]) == (
        "reply",
        "opt_out",
        "api",
        "clear enough",
    )
    assert [one["kind"] for one in await told(app, "inbox.message")] == ["reply", "opt_out"]
    listed = (await client.get(CONVERSATIONS, params={"kind": "opt_out"})).json()["data"]
    assert [one["kind"] for one in listed] == ["opt_out"]


async def test_a_machine_that_was_a_person_is_told_as_a_reply(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    await lea(app)
    await desk.take(desk.message(1, "I was out of office, let us talk"))
    address, message = await the_message(client)
    assert (message["kind"], message["read_by"]) == ("auto_reply", "out of office")

    await client.patch(address, json={"kind": "reply"})

    assert [one["kind"] for one in await told(app, "inbox.message")] == ["auto_reply", "reply"]


async def test_a_correction_lifts_nothing_and_is_not_undone_by_reading_the_same_again(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    lead = await lea(app)
    said = desk.message(1, "Unsubscribe my colleague, not me", key="same")
    await desk.take(said)
    address, message = await the_message(client)
    assert (message["kind"], message["read_by"]) == ("opt_out", "Unsubscribe")

    await client.patch(address, json={"kind": "reply"})
    await desk.take({**said, "seen": True})

    assert (await the_message(client))[1]["kind"] == "reply"
    assert await suppressed(app) == [("person", str(lead.id), "observation")]


async def test_a_stranger_who_opts_out_is_suppressed_before_they_are_a_lead(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    said = desk.message(1, "Please stop writing", key="same")
    await desk.take(said)
    names = {"lea-1", profile_id(1), "1"}  # by name, by id, and by the number that the id holds
    assert {value for _, value, _ in await suppressed(app)} == names
    for one in (await client.get("/api/v1/suppressions")).json()["data"]:
        lifted = await client.post(
            f"/api/v1/suppressions/{one['suppression_id']}/lift", json={"as_admin": True, "why": "a mistake"}
        )
        assert lifted.status_code == 200, lifted.text

    await desk.take({**said, "seen": True})

    assert await suppressed(app) == []
    await client.patch((await the_message(client))[0], json={"kind": "opt_out"})
    assert {value for _, value, _ in await suppressed(app)} == names


async def test_what_cannot_be_corrected_is_refused(app: App, client: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.take(desk.message(1, "Hello all", is_group=True, sender={}), desk.message(2, "Mine", own=True))
    own, _ = await the_message(client)
    refused = await client.patch(own, json={"kind": "reply"})
    elsewhere = own.replace(own.split("/")[4], "cnv_01kb3v6q2v8x0c5h2m9r4t7wze")
    lost = await client.patch(elsewhere, json={"kind": "reply"})
    odd = await client.patch(own, json={"kind": "own"})

    assert (refused.status_code, refused.json()["code"]) == (409, "message_not_theirs")
    assert (lost.status_code, lost.json()["code"]) == (404, "message_not_found")
    assert odd.status_code == 422


async def test_a_snooze_that_is_over_is_back_until_somebody_takes_it_up(
    app: App, client: httpx2.AsyncClient, desk: Desk
) -> None:
    await desk.take(desk.message(1, "Hello"), desk.message(2, "Hello"))
    (_, first) = (await client.get(CONVERSATIONS)).json()["data"]
    address = f"{CONVERSATIONS}/{first['conversation_id']}"
    past = (app.now() - timedelta(minutes=1)).isoformat()

    put_off = (await client.patch(address, json={"snoozed_until": past})).json()
    back = (await client.get(CONVERSATIONS, params={"back": True})).json()["data"]
    await client.patch(address, json={"snoozed_until": None})

    assert (put_off["is_snoozed"], put_off["is_back"]) == (False, True)
    assert [one["conversation_id"] for one in back] == [first["conversation_id"]]
    assert (await client.get(CONVERSATIONS, params={"back": True})).json()["data"] == []
    changed = await told(app, "inbox.changed")
    assert [one["by"] for one in changed] == ["api", "api"]
    assert changed[1]["changed"] == {"snoozed_until": None}
