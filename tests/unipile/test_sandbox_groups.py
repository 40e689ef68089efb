"""Groups: one chat of several, on record for each who gets what is said, and told once."""

from typing import Any

import pytest
from hook_receiver import open_receiver
from unipile_desk import FRIEND, ME, STRANGER, Answer, Desk


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    """A desk whose account has a second friend."""
    open_sandbox.sandbox.reset()
    made = Desk(open_sandbox.sandbox).connect(premium=True, inmail_credits=5)
    (made.ids["other"],) = (one["slug"] for one in made.admin.post("/populate", count=1, connected_to=ME))
    return made


def start(desk: Desk, *people: str, **more: Any) -> Answer:
    ids = [desk.id_of(one) for one in people or (FRIEND, desk.ids["other"])]
    return desk.post("/chats", attendees_ids=ids, text="Hello all", **more)


def test_what_is_said_in_a_group_is_on_record_for_each(desk: Desk) -> None:
    chat = start(desk).json["chat_id"]
    again = desk.post(f"/chats/{chat}/messages", text="And you?")
    facts = desk.admin.ledger(kind="message")

    assert again.status == 201
    assert [(one["target"], one["text"]) for one in facts] == [
        *((FRIEND, "Hello all"), (desk.ids["other"], "Hello all")),
        *((FRIEND, "And you?"), (desk.ids["other"], "And you?")),
    ]
    assert [one["text"] for one in desk.get(f"/chats/{chat}/messages").json["items"]] == [
        "And you?",
        "Hello all",
    ]


def test_a_group_is_a_chat_of_its_own(desk: Desk) -> None:
    group = start(desk).json["chat_id"]
    alone = desk.write(FRIEND, "Hello").json["chat_id"]

    shown = desk.get(f"/chats/{group}").json
    people = [one["provider_id"] for one in desk.get(f"/chats/{group}/attendees").json["items"]]
    chats = desk.get(f"/chat_attendees/{desk.id_of(FRIEND)}/chats").json["items"]

    assert (shown["type"], "attendee_provider_id" in shown) == (1, False)
    assert set(people) == {desk.id_of(one) for one in ("mira-oxbow-sbx", FRIEND, desk.ids["other"])}
    assert {one["id"]: one["type"] for one in chats} == {group: 1, alone: 0}
    assert len(desk.get("/chats").json["items"]) == 2
    assert len(desk.get("/chat_attendees").json["items"]) == 3


def test_an_answer_in_a_group_is_read_there(desk: Desk) -> None:
    group = start(desk).json["chat_id"]
    thread = desk.get(f"/chats/{group}").json["provider_id"]

    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, group=thread, text="Hello yourself")
    newest = desk.get(f"/chats/{group}").json["lastMessage"]

    assert (newest["text"], newest["is_sender"], newest["seen"]) == ("Hello yourself", 0, 0)
    assert newest["sender_id"] == desk.id_of(FRIEND)
    assert desk.get(f"/chats/{group}").json["unread_count"] == 1


def test_groups_are_for_connections_and_for_no_inmail(desk: Desk) -> None:
    answers = [start(desk, FRIEND, STRANGER), start(desk, linkedin={"api": "classic", "inmail": True})]
    answers.append(start(desk, FRIEND, "mira-oxbow-sbx"))

    assert [(one.status, one.kind) for one in answers] == [
        (422, "no_connection_with_recipient"),
        (400, "invalid_parameters"),
        (422, "invalid_recipient"),
    ]
    assert desk.kinds() == []


def test_somebody_named_twice_is_still_one(desk: Desk) -> None:
    chat = start(desk, FRIEND, FRIEND).json["chat_id"]

    assert desk.get(f"/chats/{chat}").json["type"] == 0


def test_a_message_to_a_group_is_told_once(desk: Desk) -> None:
    with open_receiver() as hook:
        desk.post("/webhooks", account_id=None, source="messaging", request_url=hook.url)
        chat = start(desk).json["chat_id"]
        thread = desk.get(f"/chats/{chat}").json["provider_id"]
        desk.admin.post(f"/people/{FRIEND}/reply", account=ME, group=thread, text="Hello yourself")
        own, reply = (one.json for one in hook.wait(2))

    assert [(one["message"], one["is_sender"], one["is_group"]) for one in (own, reply)] == [
        ("Hello all", True, True),
        ("Hello yourself", False, True),
    ]
    assert len(own["attendees"]) == 2
    assert len(desk.admin.get("/unipile/deliveries")["deliveries"]) == 2
