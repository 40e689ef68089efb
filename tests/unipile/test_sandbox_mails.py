"""E-mail: what is sent is on record once and arrives; lists, folders and refusals are as they should be."""

import json
from typing import Any

import pytest
from hook_receiver import open_receiver
from unipile_desk import FRIEND, KEY, ME, STRANGER, Answer, Desk

from overture.providers.unipile.client import Address, Attachment, EmailFilter, Letter, UnipileClient

OWN, HERS, HIS = "mira@mail.test", "prisca@mail.test", "jonas@fernweh.test"
LOGIN = {
    "provider": "MAIL",
    **{"imap_user": OWN, "imap_password": "pw", "imap_host": "imap.mail.test", "imap_port": 993},
    **{"smtp_user": OWN, "smtp_password": "pw", "smtp_host": "smtp.mail.test", "smtp_port": 465},
}


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    """A desk whose account is a mailbox; `linkedin` is another of the same person."""
    open_sandbox.sandbox.reset()
    made = Desk(open_sandbox.sandbox).connect()
    made.ids["linkedin"] = made.account
    made.admin.post("/mailboxes", address=OWN, owner=ME, password="pw")
    made.account = made.post("/accounts", **LOGIN).json["account_id"]
    return made


def send(desk: Desk, *people: str, **more: Any) -> Answer:
    to = [{"identifier": one} for one in people or [HIS]]
    return desk.post("/emails", **{"to": to, "subject": "A question", "body": "<p>Hello</p>", **more})


def change(desk: Desk, method: str, path: str, **body: Any) -> Answer:
    return desk.send(method, path, json.dumps(body).encode(), "application/json", account_id=desk.account)


def wrote(desk: Desk, subject: str = "Hi", **more: Any) -> str:
    """A stranger writes to the mailbox; the message id."""
    body = {"to": OWN, "subject": subject, "text": "<div>Hello<br>there</div>", **more}
    return str(desk.admin.post(f"/people/{STRANGER}/email", **body)["message_id"])


def listed(desk: Desk, **query: object) -> list[Any]:
    items: list[Any] = desk.get("/emails", **query).json["items"]
    return items


def test_what_is_sent_is_on_record_once_and_lies_in_sent(desk: Desk) -> None:
    answer = send(desk)
    shown = desk.get(f"/emails/{answer.json['id']}").json
    (fact,) = desk.admin.ledger(kind="email")

    assert (answer.status, answer.json["object"]) == (201, "EmailSent")
    assert (fact["account"], fact["target"], fact["address"]) == (ME, FRIEND, HIS)
    assert (fact["text"], fact["subject"], fact["via"]) == ("Hello", "A question", "unipile")
    assert (shown["role"], shown["folders"], shown["origin"]) == ("sent", ["Sent"], "unipile")
    assert (shown["message_id"], shown["tracking_id"]) == (fact["urn"], answer.json["tracking_id"])
    assert shown["from_attendee"] == {
        "display_name": "Mira Oxbow",
        "identifier": OWN,
        "identifier_type": "EMAIL_ADDRESS",
    }


def test_a_form_is_understood_as_json_is(desk: Desk) -> None:
    answer = desk.form(
        "/emails",
        ("account_id", desk.account),
        ("to", json.dumps([{"identifier": HIS}])),
        ("bcc", json.dumps([{"identifier": HERS}])),
        ("custom_headers", json.dumps([{"name": "X-Campaign", "value": "one"}])),
        ("subject", "A question"),
        ("body", "Hello"),
    )
    shown = desk.get(f"/emails/{answer.json['id']}", include_headers="true").json

    assert answer.status == 201
    assert [one["address"] for one in desk.admin.ledger(kind="email")] == [HIS, HERS]
    assert {"name": "X-Campaign", "value": "one"} in shown["headers"]


def test_a_letter_reaches_another_mailbox_without_its_blind_copies(desk: Desk) -> None:
    desk.admin.post("/mailboxes", address=HERS, owner=STRANGER, password="pw")
    hers = desk.admin.post("/unipile/mailboxes", address=HERS, type="GOOGLE_OAUTH")["id"]

    send(desk, HERS, bcc=[{"identifier": HIS}])
    (got,) = listed(desk, account_id=hers)

    assert (got["role"], got["type"], got["read_date"]) == ("inbox", "GOOGLE_OAUTH", None)
    assert (got["origin"], got["bcc_attendees"], got["body_plain"]) == ("external", [], "Hello")
    assert listed(desk)[0]["bcc_attendees"] != []


def test_an_answer_stays_in_its_thread(desk: Desk) -> None:
    first = send(desk).json["id"]
    parent = desk.get(f"/emails/{first}").json
    wrote(desk, "Re: A question", reply_to=parent["message_id"])

    newest = listed(desk)[0]
    thread = listed(desk, thread_id=parent["thread_id"])

    assert newest["in_reply_to"] == {"message_id": parent["message_id"], "id": first}
    assert [one["subject"] for one in thread] == ["Re: A question", "A question"]
    assert newest["body_plain"] == "Hello\nthere"


def test_pages_are_walked_to_their_end(desk: Desk) -> None:
    for number in range(5):
        wrote(desk, f"Letter {number}")
        desk.admin.post("/clock", advance_s=60)
    found: list[str] = []
    query: dict[str, object] = {"limit": 2}
    while query:
        page = desk.get("/emails", **query).json
        found += [one["subject"] for one in page["items"]]
        query = {"cursor": page["cursor"]} if page["cursor"] else {}

    assert found == [f"Letter {number}" for number in (4, 3, 2, 1, 0)]
    assert [desk.get("/emails", limit=limit).status for limit in (0, 1, 250, 251)] == [400, 200, 200, 400]


def test_lists_are_narrowed_by_what_is_asked(desk: Desk) -> None:
    send(desk)
    desk.admin.post("/clock", advance_s=60)
    wrote(desk)
    her = f"{STRANGER}@people.test"
    sent, got = listed(desk, role="sent"), listed(desk, folder="INBOX")

    narrowed = [
        *(listed(desk, to=HIS), listed(desk, any_email=HIS.upper()), listed(desk, before=got[0]["date"])),
        *(listed(desk, folder=sent[0]["folderIds"][0]), listed(desk, message_id=sent[0]["message_id"])),
    ]
    hers = [listed(desk, **{"from": her}), listed(desk, any_email=her), listed(desk, after=sent[0]["date"])]

    assert narrowed == [sent] * 5
    assert hers == [got] * 3
    assert [(one["kind"], one["body"]) for one in listed(desk, meta_only="true")] == [("1_meta", "")] * 2
    assert desk.get("/emails", role="other").status == 400


def test_letters_are_read_moved_and_deleted(desk: Desk) -> None:
    wrote(desk)
    (got,) = listed(desk)
    path = f"/emails/{got['id']}"

    answers = [change(desk, "PUT", path, unread=False), change(desk, "PUT", path, folders=["Archive"])]
    moved = desk.get(path).json
    folders = {one["name"]: one["nb_mails"] for one in desk.get("/folders").json["items"]}
    gone = [desk.send("DELETE", path).status, desk.get(path).json["role"], desk.send("DELETE", path).status]

    assert [one.json["object"] for one in answers] == ["EmailUpdated"] * 2
    assert (moved["role"], moved["read_date"] is not None) == ("archive", True)
    assert (folders["Archive"], folders["INBOX"]) == (1, 0)
    assert gone == [200, "trash", 200]
    assert desk.get(path).kind == "resource_not_found"


def test_only_google_lets_a_letter_lie_in_two_folders(desk: Desk) -> None:
    wrote(desk)
    path = f"/emails/{listed(desk)[0]['id']}"

    answers = [change(desk, "PUT", path, folders=names) for names in (["INBOX", "Archive"], ["Nowhere"], [])]

    assert [one.status for one in answers] == [400, 404, 400]


def test_letters_and_folders_go_by_the_servers_ids_if_the_account_is_named(desk: Desk) -> None:
    uid = send(desk).json["provider_id"]

    named = [desk.get(path).status for path in (f"/emails/{uid}", "/folders/Sent")]
    unnamed = [desk.send("GET", path).status for path in (f"/emails/{uid}", "/folders/Sent")]

    assert (named, unnamed) == ([200, 200], [404, 404])


def test_a_draft_is_kept_until_it_is_sent(desk: Desk) -> None:
    words = {"to": [{"identifier": HIS}], "subject": "Later", "body": "Hello"}

    draft = desk.post("/drafts", **words)
    before = [one["role"] for one in listed(desk)], desk.kinds()
    sent = send(desk, draft_id=draft.json["draft_id"])

    assert (draft.status, draft.json["object"]) == (201, "DraftCreated")
    assert before == (["drafts"], [])
    assert ([one["role"] for one in listed(desk)], desk.kinds()) == (["sent"], ["email"])
    assert sent.status == 201
    assert send(desk, draft_id=draft.json["draft_id"]).status == 404


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "nobody": ({"to": []}, 400, "missing_parameters"),
    "no words": ({"body": ""}, 400, "missing_parameters"),
    "no list": ({"to": "Jonas"}, 400, "invalid_parameters"),
    "no identifier": ({"to": [{"display_name": "Jonas"}]}, 400, "invalid_parameters"),
    "no address": ({"to": [{"identifier": "Jonas"}]}, 422, "recipient_rejected"),
    "another's address": ({"from": {"identifier": HIS}}, 422, "send_as_denied"),
    "a forbidden header": ({"custom_headers": [{"name": "Bcc", "value": HIS}]}, 422, "invalid_headers"),
    "an unknown parent": ({"reply_to": "nothing"}, 422, "parent_mail_not_found"),
    "an unknown account": ({"account_id": "nobody"}, 404, "resource_not_found"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_not_sent(desk: Desk, case: str) -> None:
    more, status, kind = REFUSED[case]

    answer = send(desk, **more)

    assert (answer.status, answer.kind) == (status, kind)
    assert (desk.kinds(), listed(desk)) == ([], [])


def test_an_answer_carries_the_subject_of_its_parent(desk: Desk) -> None:
    parent = send(desk).json["id"]

    subjects = ["Something else", "Re: A question", "A question"]
    answers = [send(desk, subject=one, reply_to=parent) for one in subjects]

    assert [one.status for one in answers] == [422, 201, 201]
    assert answers[0].kind == "invalid_reply_subject"


def test_a_mailbox_does_nothing_of_linkedins_and_the_other_way_round(desk: Desk) -> None:
    wrong = [desk.get("/users/me"), desk.write(FRIEND, "Hello"), send(desk, account_id=desk.ids["linkedin"])]
    wrong += [
        desk.get("/emails", account_id=desk.ids["linkedin"]),
        desk.get(f"/accounts/{desk.account}/sync"),
    ]

    assert [(one.status, one.kind) for one in wrong] == [(422, "invalid_account")] * 5
    assert listed(desk) == desk.get("/chats").json["items"] == []


def test_a_lost_password_is_told_until_it_is_given_again(desk: Desk) -> None:
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    wrote(desk)
    refused, unseen = send(desk), listed(desk)
    wrong = desk.post(f"/accounts/{desk.account}", **{**LOGIN, "imap_password": "other"})
    again = desk.post(f"/accounts/{desk.account}", **LOGIN)

    assert (refused.status, refused.kind, unseen) == (401, "disconnected_account", [])
    assert (wrong.status, wrong.kind) == (401, "invalid_credentials")
    assert again.json == {"object": "AccountReconnected", "account_id": desk.account}
    assert [one["subject"] for one in listed(desk)] == ["Hi"]


@pytest.mark.parametrize(
    "change", [{"imap_password": "other"}, {"imap_user": HERS}, {"smtp_password": "other"}]
)
def test_a_mailbox_wants_its_password(desk: Desk, change: dict[str, str]) -> None:
    answer = desk.post("/accounts", **{**LOGIN, **change})

    assert (answer.status, answer.kind) == (401, "invalid_credentials")


def test_a_mailbox_is_an_account_among_the_others(desk: Desk) -> None:
    shown = desk.get(f"/accounts/{desk.account}").json
    both = [one["type"] for one in desk.get("/accounts").json["items"]]
    deleted = desk.send("DELETE", f"/accounts/{desk.account}").json

    assert (shown["type"], shown["sources"][0]["status"]) == ("MAIL", "OK")
    assert shown["connection_params"]["mail"]["imap_user"] == OWN
    assert both == ["LINKEDIN", "MAIL"]
    assert deleted == {"object": "AccountDeleted"}
    assert desk.get(f"/accounts/{desk.account}").status == 404


def test_without_the_key_no_letter_is_shown_or_sent(desk: Desk) -> None:
    desk.key = "wrong"

    answers = [desk.get("/emails"), send(desk), desk.get("/folders"), desk.get("/emails/any")]

    assert [(one.status, one.kind) for one in answers] == [(401, "missing_credentials")] * 4
    assert desk.kinds() == []


def test_a_lost_answer_does_not_mean_that_nothing_was_sent(desk: Desk) -> None:
    desk.fault("status_after_commit", "email.send", status=504, times=1)
    desk.fault("status", "email.send", body={"type": "provider_unreachable"}, times=1)

    lost, refused = send(desk), send(desk)

    assert (lost.status, refused.status, refused.kind) == (504, 422, "provider_unreachable")
    assert (desk.kinds(), len(listed(desk))) == (["email"], 1)


def test_what_comes_and_goes_is_told_once(desk: Desk) -> None:
    with open_receiver() as hook:
        events = ["mail_received", "mail_sent"]
        desk.post("/webhooks", source="email", request_url=hook.url, events=events)
        send(desk, HIS, HERS)
        wrote(desk)
        sent, got = (one.json for one in hook.wait(2))

    assert [one["email_id"] for one in (got, sent)] == [one["id"] for one in listed(desk)]
    assert (sent["event"], got["event"]) == ("mail_sent", "mail_received")
    assert (got["from_attendee"]["display_name"], got["body_plain"]) == ("Prisca Hollowell", "Hello\nthere")
    assert len(desk.admin.get("/unipile/deliveries")["deliveries"]) == 2


async def test_the_client_and_the_service_agree_about_email(desk: Desk) -> None:
    file = Attachment("note.txt", b"a file", "text/plain")
    letter = Letter([Address(HIS, "Jonas")], "A question", "<p>Hello</p>", attachments=[file])
    async with UnipileClient(desk.sandbox.url, KEY) as client:
        sent = await client.emails.send(desk.account, letter)
        assert sent.id
        wrote(desk)
        (got, own) = await client.emails.iter(EmailFilter(desk.account)).all()
        await client.emails.update(desk.account, got.id, unread=False, folders=["Archive"])
        moved = await client.emails.get(got.id)
        await client.emails.delete(desk.account, own.id)
        folders = (await client.emails.folders(desk.account)).items

    assert (own.id, own.origin, (own.attachments or [])[0].name) == (sent.id, "unipile", "note.txt")
    assert (moved.role, moved.read_date is not None) == ("archive", True)
    assert [one.role for one in folders] == ["inbox", "sent", "drafts", "archive", "spam", "trash"]
    assert [one["role"] for one in listed(desk)] == ["archive", "trash"]
    assert desk.kinds() == ["email", "email"]
