"""Chats and messages: who can be written to, how lists are read, and what the store knows when."""

from typing import Any

import pytest
from unipile_desk import ASKED, FAR, FRIEND, ME, STRANGER, Desk

from overture_sandbox.unipile.ids import id_in


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


def walk(desk: Desk, path: str, **query: Any) -> list[dict[str, Any]]:
    """Every row of a list, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = desk.get(path, **query, **({"cursor": cursor} if cursor else {})).json
        rows += page["items"]
        cursor = page["cursor"]
        if cursor is None:
            return rows


def test_a_second_chat_with_somebody_is_the_first(desk: Desk) -> None:
    first, second = desk.write(FRIEND, "Hello"), desk.write(FRIEND, "Hello again")

    assert (first.status, first.json["object"]) == (201, "ChatStarted")
    assert first.json["chat_id"] == second.json["chat_id"]
    assert first.json["message_id"] != second.json["message_id"]


def test_what_is_written_shows_on_the_site_and_the_other_way_round(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hello yourself")

    reply, own = desk.get(f"/chats/{chat}/messages").json["items"]

    assert [one["via"] for one in desk.admin.ledger()] == ["unipile", "admin"]
    assert (reply["text"], reply["is_sender"], own["text"], own["is_sender"]) == (
        "Hello yourself",
        0,
        "Hello",
        1,
    )
    assert (reply["sender_id"], own["sender_id"]) == (desk.id_of(FRIEND), desk.id_of("mira-oxbow-sbx"))


def test_strangers_cannot_be_written_to(desk: Desk) -> None:
    answer = desk.write(STRANGER, "Hello")

    assert answer.json == {
        "status": 422,
        "type": "errors/no_connection_with_recipient",
        "title": "Recipient cannot be reached",
        "detail": "The recipient appears not to be first degree connection.",
    }
    assert desk.kinds() == []


@pytest.mark.parametrize("name", ["attendees_ids", "attendees_ids[]", "attendees_ids[0]"])
def test_lists_in_forms_are_understood_in_every_writing(desk: Desk, name: str) -> None:
    answer = desk.form(
        "/chats",
        ("account_id", desk.account),
        ("text", "Hello"),
        (name, desk.id_of(FRIEND)),
        ("linkedin[api]", "classic"),
    )

    assert answer.status == 201
    assert desk.kinds() == ["message"]


def test_ids_joined_by_commas_are_one_id_that_nobody_has(desk: Desk) -> None:
    both = f"{desk.id_of(FRIEND)},{desk.id_of(ASKED)}"

    answers = [
        desk.form("/chats", ("account_id", desk.account), ("text", "Hello"), ("attendees_ids", both)),
        desk.post("/chats", text="Hello", attendees_ids=[both]),
        desk.post("/chats", text="Hello", attendees_ids=[id_in("sales_navigator", desk.id_of(FRIEND))]),
    ]

    assert [(one.status, one.kind) for one in answers] == [(422, "invalid_recipient")] * 3
    assert desk.kinds() == []


def test_an_inmail_costs_a_credit_until_there_is_none(desk: Desk) -> None:
    desk.connect(premium=True, inmail_credits=1)
    inmail = {"subject": "A question", "linkedin": {"api": "classic", "inmail": True}}

    first, second = desk.write(STRANGER, "Hello", **inmail), desk.write(FAR, "Hello", **inmail)
    chat = desk.get(f"/chats/{first.json['chat_id']}").json

    assert first.status == 201
    assert (second.status, second.kind) == (422, "insufficient_credits")
    assert (chat["subject"], chat["content_type"]) == ("A question", "inmail")
    assert chat["lastMessage"]["message_type"] == "INMAIL"
    assert desk.get("/linkedin/inmail_balance").json["premium"] == 0


def test_open_profiles_cost_nothing(desk: Desk) -> None:
    desk.connect(premium=True, inmail_credits=0)
    desk.admin.patch(f"/members/{STRANGER}", open_link=True)

    answer = desk.write(STRANGER, "Hello", linkedin={"inmail": "true"})

    assert answer.status == 201
    assert [one["cost"] for one in desk.admin.ledger(kind="inmail")] == [0]


def test_inmails_need_a_subscription_and_a_willing_person(desk: Desk) -> None:
    inmail = {"linkedin": {"inmail": True}}
    without = desk.write(STRANGER, "Hello", **inmail)
    desk.connect(premium=True, inmail_credits=3)
    desk.admin.patch(f"/members/{STRANGER}", inmail_restricted=True)
    unwilling = desk.write(STRANGER, "Hello", **inmail)
    desk.write(FAR, "Hello", **inmail)
    awaiting = desk.write(FAR, "Hello?", **inmail)

    assert [one.kind for one in (without, unwilling, awaiting)] == [
        "feature_not_subscribed",
        "not_allowed_inmail",
        "cant_send_message",
    ]


def test_the_note_of_an_accepted_invitation_opens_the_chat(desk: Desk) -> None:
    desk.invite(STRANGER, message="My note")
    before = desk.get("/chats").json["items"]
    desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
    (chat,) = desk.get("/chats").json["items"]
    (note,) = desk.get(f"/chats/{chat['id']}/messages").json["items"]

    assert before == []
    assert (note["message_type"], note["is_sender"], note["text"]) == ("INVITATION", 1, "My note")


def test_the_chat_with_somebody_is_found_by_their_id(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    path = f"/chat_attendees/{desk.id_of(FRIEND)}"

    found = desk.get(f"{path}/chats").json["items"]
    nobody = desk.get(f"/chat_attendees/{desk.id_of(STRANGER)}/chats")
    attendees = {one["provider_id"]: one for one in desk.get(f"/chats/{chat}/attendees").json["items"]}
    by_own_id = desk.get(f"/chat_attendees/{attendees[desk.id_of(FRIEND)]['id']}/chats").json["items"]

    assert [one["id"] for one in found] == [one["id"] for one in by_own_id] == [chat]
    assert found[0]["attendee_provider_id"] == desk.id_of(FRIEND)
    assert (nobody.status, nobody.json["detail"].splitlines()[1]) == (404, "Attendee not found")
    assert "attendees" not in found[0]


def test_a_chat_is_found_by_the_id_of_the_site_if_the_account_is_named(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    provider_id = desk.get(f"/chats/{chat}").json["provider_id"]

    named = desk.get(f"/chats/{provider_id}")
    bare = desk.send("GET", f"/chats/{provider_id}")

    assert named.json["id"] == chat
    assert (bare.status, bare.json["detail"].splitlines()[1]) == (404, "Chat not found")


def test_a_chat_of_another_account_is_refused(desk: Desk) -> None:
    desk.admin.post("/logins", username="other@sandbox.test", password="pw", slug=FAR)
    other = desk.admin.post("/unipile/accounts", account="other@sandbox.test")["id"]
    chat = desk.write(FRIEND, "Hello").json["chat_id"]

    answer = desk.post(f"/chats/{chat}/messages", text="Hello", account_id=other)

    assert (answer.status, answer.json["detail"].splitlines()[1]) == (
        404,
        "Account, chat or thread not found",
    )
    assert desk.kinds() == ["message"]


def test_messages_are_read_newest_first_between_two_times(desk: Desk) -> None:
    desk.admin.post("/clock", freeze=True)
    for text in ("one", "two", "three"):
        desk.write(FRIEND, text)
        desk.admin.post("/clock", advance_s=60)
    rows = walk(desk, "/messages", limit=1)
    middle = rows[1]["timestamp"]

    assert [one["text"] for one in rows] == ["three", "two", "one"]
    assert [one["text"] for one in walk(desk, "/messages", after=middle)] == ["three"]
    assert [one["text"] for one in walk(desk, "/messages", before=middle)] == ["one"]
    assert desk.get("/messages", after="yesterday").kind == "invalid_parameters"


def test_a_cursor_keeps_the_filters_it_was_made_with(desk: Desk) -> None:
    for text in ("one", "two", "three"):
        desk.write(FRIEND, text)
        desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text=f"re: {text}")
    first = desk.get("/messages", sender_id=desk.id_of(FRIEND), limit=1).json

    second = desk.get("/messages", cursor=first["cursor"]).json

    assert [one["text"] for page in (first, second) for one in page["items"]] == ["re: three", "re: two"]


def test_the_store_may_lag_behind(desk: Desk) -> None:
    desk.admin.post("/clock", freeze=True)
    desk.settings(read_lag_s=2)
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    early = (desk.get("/chats").json["items"], desk.get(f"/chats/{chat}/messages").json["items"])
    desk.admin.post("/clock", advance_s=3)
    late = desk.get(f"/chats/{chat}/messages").json["items"]

    assert early == ([], [])
    assert [one["text"] for one in late] == ["Hello"]


def test_while_disconnected_the_store_learns_nothing(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Anybody there?")
    blind = desk.get(f"/chats/{chat}/messages").json["items"]
    credentials = {"provider": "LINKEDIN", "username": ME, "password": "sandbox-pass"}
    back = desk.post(f"/accounts/{desk.account}", **credentials)
    seeing = desk.get(f"/chats/{chat}/messages").json["items"]

    assert [one["text"] for one in blind] == ["Hello"]
    assert back.json == {"object": "AccountReconnected", "account_id": desk.account}
    assert [one["text"] for one in seeing] == ["Anybody there?", "Hello"]


def test_chats_are_marked_and_filtered_by_what_is_unread(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Hi")
    unread = desk.get("/chats", unread="true").json["items"]
    patched = desk.send(
        "PATCH", f"/chats/{chat}", b'{"action":"setReadStatus","value":true}', "application/json"
    )

    assert [one["unread_count"] for one in unread] == [1]
    assert patched.json == {"object": "ChatPatched"}
    assert desk.get("/chats", unread="true").json["items"] == []


def test_gestures_of_people_show_on_messages(desk: Desk) -> None:
    message = desk.write(FRIEND, "Hello").json["message_id"]
    desk.admin.post(f"/people/{FRIEND}/read", account=ME)
    desk.admin.post(f"/people/{FRIEND}/react", account=ME, sign="👍")
    shown = desk.get(f"/messages/{message}").json

    assert (shown["seen"], list(shown["seen_by"])) == (1, [desk.id_of(FRIEND)])
    assert shown["reactions"] == [{"value": "👍", "sender_id": desk.id_of(FRIEND), "is_sender": False}]


def test_files_come_back_as_they_were_sent(desk: Desk) -> None:
    content = bytes(range(256)) + b"\r\n--y\r\n"
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (
            ("account_id", desk.account),
            ("attendees_ids", desk.id_of(FRIEND)),
            ("text", "See\r\nthis"),
        )
    ]
    head = b'--x\r\nContent-Disposition: form-data; name="attachments"; filename="a.bin"\r\n'
    kind = b"Content-Type: application/octet-stream\r\n\r\n"
    raw = b"".join([*parts, head, kind, content, b"\r\n--x--\r\n"])
    sent = desk.send("POST", "/chats", raw, "multipart/form-data; boundary=x").json["message_id"]
    shown = desk.get(f"/messages/{sent}").json
    (file,) = shown["attachments"]

    assert shown["text"] == "See\nthis"
    assert (file["type"], file["file_name"], file["file_size"]) == ("file", "a.bin", len(content))
    assert desk.get(f"/messages/{sent}/attachments/{file['id']}").raw == content


def test_answers_may_come_without_ids(desk: Desk) -> None:
    desk.settings(null_ids=True)

    started = desk.write(FRIEND, "Hello").json
    (chat,) = desk.get(f"/chat_attendees/{desk.id_of(FRIEND)}/chats").json["items"]
    sent = desk.post(f"/chats/{chat['id']}/messages", text="More").json

    assert (started["chat_id"], started["message_id"], sent["message_id"]) == (None, None, None)
    assert "invitation_id" not in desk.invite(STRANGER).json


def test_the_history_of_a_chat_is_fetched_step_by_step_and_again(desk: Desk) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]

    steps = [desk.get(f"/chats/{chat}/sync").json["status"] for _ in range(4)]

    assert steps == ["SYNC_STARTED", "SYNC_RUNNING", "SYNC_DONE", "SYNC_STARTED"]


@pytest.mark.parametrize("product", ["sales_navigator", "recruiter"])
def test_an_inmail_is_in_the_inbox_of_the_product_that_sent_it(desk: Desk, product: str) -> None:
    desk.connect(products=[product], inmail_credits=5)
    made = desk.write(STRANGER, "Hello there", linkedin={"api": product})
    plain = desk.write(FRIEND, "Hello there")

    inmail, message = (desk.get(f"/chats/{one.json['chat_id']}").json["folder"] for one in (made, plain))

    assert inmail == ["INBOX", f"INBOX_LINKEDIN_{product.upper()}"]
    assert message == ["INBOX", "INBOX_LINKEDIN_CLASSIC"]
