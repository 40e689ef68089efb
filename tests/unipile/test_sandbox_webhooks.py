"""Webhooks: who is told what, when, how often, and with which marks."""

import hashlib
import hmac
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qs

import pytest
from hook_receiver import Receiver, open_receiver
from unipile_desk import ASKED, FAR, FRIEND, ME, STRANGER, Desk

JSON_HEADER = {"key": "Content-Type", "value": "application/json"}


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    made = Desk(open_sandbox.sandbox).connect()
    made.settings(retry_scale=0.0001)
    idle(made)
    return made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with open_receiver() as made:
        yield made


def listen(desk: Desk, hook: Receiver, source: str, **more: Any) -> str:
    made = desk.post("/webhooks", account_id=None, source=source, request_url=hook.url, **more)
    assert made.status == 201
    return str(made.json["webhook_id"])


def idle(desk: Desk) -> list[dict[str, Any]]:
    """Every delivery, once nothing is left to do now."""
    limit = time.monotonic() + 15
    while time.monotonic() < limit:
        shown = desk.admin.get("/unipile/deliveries")
        if shown["is_idle"]:
            found: list[dict[str, Any]] = shown["deliveries"]
            return found
    raise AssertionError("deliveries go on and on")


def test_a_reply_is_told_in_the_words_of_the_service(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", name="inbox", headers=[{"key": "Unipile-Auth", "value": "s3cret"}])
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Thanks!")

    (told,) = hook.wait(1)

    body = told.json
    assert (body["event"], body["message"], body["account_id"]) == (
        "message_received",
        "Thanks!",
        desk.account,
    )
    assert (body["webhook_name"], body["message_type"], body["is_sender"]) == ("inbox", "MESSAGE", False)
    assert body["sender"]["attendee_provider_id"] == desk.id_of(FRIEND)
    assert body["account_info"]["user_id"] == desk.id_of("mira-oxbow-sbx")
    assert "text" not in body
    assert desk.get(f"/messages/{body['message_id']}").json["text"] == "Thanks!"
    assert told.headers["user-agent"] == "axios/1.7.7"
    assert told.headers["unipile-auth"] == "s3cret"
    assert told.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not [name for name in told.headers if "signature" in name]


def test_own_messages_are_told_as_received_too(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", headers=[JSON_HEADER])
    desk.write(FRIEND, "Hello")
    hook.wait(1)
    desk.settings(tells_is_sender=False)
    desk.write(FRIEND, "More")

    first, second = hook.wait(2)

    assert first.headers["content-type"] == "application/json"
    assert (first.json["event"], first.json["is_sender"]) == ("message_received", True)
    assert first.json["sender"]["attendee_provider_id"] == first.json["account_info"]["user_id"]
    assert "is_sender" not in second.json


def test_a_new_relation_is_noticed_hours_later(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "users")
    desk.invite(STRANGER)
    desk.admin.post(f"/people/{STRANGER}/accept", account=ME)
    (waiting,) = idle(desk)
    early = len(hook.told)
    before = desk.admin.get("/unipile/office")
    desk.admin.post("/clock", advance_s=8 * 3600)

    (told,) = hook.wait(1)

    assert (early, waiting["state"]) == (0, "waiting")
    assert before == {"is_idle": True, "attempts": 0, "next_at": waiting["due_at"]}
    assert desk.admin.get("/unipile/office")["attempts"] == 1
    assert (told.json["event"], told.json["user_provider_id"]) == ("new_relation", desk.id_of(STRANGER))
    assert told.json["user_public_identifier"] == STRANGER
    assert "timestamp" not in told.json


def test_a_note_that_was_accepted_is_told_at_once_as_an_own_message(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    desk.invite(STRANGER, message="My note")
    desk.admin.post(f"/people/{STRANGER}/accept", account=ME)

    (told,) = hook.wait(1)

    assert (told.json["message_type"], told.json["is_sender"]) == ("INVITATION", True)
    assert told.json["message"] == "My note"


def test_relations_made_by_hand_are_told_as_well(desk: Desk, hook: Receiver) -> None:
    desk.settings(new_relation_max_s=0)
    listen(desk, hook, "users")
    desk.admin.post(f"/people/{FAR}/invite", account=ME)
    (got,) = desk.get("/users/invite/received").json["items"]
    desk.post(
        f"/users/invite/received/{got['id']}",
        action="accept",
        provider="LINKEDIN",
        shared_secret=got["specifics"]["shared_secret"],
    )

    (told,) = hook.wait(1)

    assert told.json["user_provider_id"] == desk.id_of(FAR)


def test_a_declined_invitation_is_told_to_nobody(desk: Desk, hook: Receiver) -> None:
    desk.settings(new_relation_max_s=0)
    listen(desk, hook, "users")
    listen(desk, hook, "messaging")
    desk.admin.post(f"/people/{ASKED}/decline", account=ME)

    assert idle(desk) == []


def test_what_is_not_taken_is_tried_five_times_more(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    hook.statuses = [500] * 10
    desk.write(FRIEND, "Hello")
    hook.wait(6)
    limit = time.monotonic() + 15
    while (found := desk.admin.get("/unipile/deliveries")["deliveries"][0])["state"] == "waiting":
        assert time.monotonic() < limit

    assert (found["state"], len(found["attempts"]), len(hook.told)) == ("failed", 6, 6)
    assert len({one.raw for one in hook.told}) == 1


def test_who_answers_too_late_is_told_again(desk: Desk, hook: Receiver) -> None:
    desk.settings(answer_timeout_s=0.2)
    listen(desk, hook, "messaging")
    hook.thinks = threading.Event()
    desk.write(FRIEND, "Hello")
    hook.wait(2)
    hook.thinks.set()

    (delivery,) = idle(desk)
    assert delivery["attempts"][0]["error"] == "ReadTimeout"
    assert len(delivery["attempts"]) > 1


def test_what_is_taken_the_second_time_is_not_told_again(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    hook.statuses = [503]
    desk.write(FRIEND, "Hello")
    hook.wait(2)

    (delivery,) = idle(desk)
    assert (delivery["state"], [one["status"] for one in delivery["attempts"]]) == ("delivered", [503, 200])


def test_waiting_grows_with_every_try(desk: Desk, hook: Receiver) -> None:
    desk.settings(retry_delay_s=0.1, retry_scale=1.0)
    listen(desk, hook, "messaging")
    hook.statuses = [500, 500, 500]
    desk.write(FRIEND, "Hello")
    seen = []
    for count in range(1, 5):
        hook.wait(count)
        seen.append(time.monotonic())

    pauses = [later - earlier for earlier, later in pairwise(seen)]
    assert all(pause > 0.09 * times for times, pause in enumerate(pauses, start=1))


def test_events_can_be_lost_or_come_twice(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    desk.fault("lost", "webhook:message_received", times=1)
    desk.fault("duplicate", "webhook", times=1, skip=1)
    desk.write(FRIEND, "lost")
    desk.write(FRIEND, "twice")

    told = hook.wait(2)

    assert [one.json["message"] for one in told] == ["twice", "twice"]
    assert [one["state"] for one in idle(desk)] == ["lost", "delivered", "delivered"]


def test_events_can_come_in_the_wrong_order(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    desk.fault("reorder", "webhook", times=1)
    desk.write(FRIEND, "first")
    desk.write(FRIEND, "second")

    assert [one.json["message"] for one in hook.wait(2)] == ["second", "first"]


def test_events_can_be_late(desk: Desk, hook: Receiver) -> None:
    desk.admin.post("/clock", freeze=True)
    listen(desk, hook, "messaging")
    desk.fault("late", "webhook", times=1, seconds=600)
    desk.write(FRIEND, "late")
    desk.write(FRIEND, "at once")
    hook.wait(1)
    desk.admin.post("/clock", advance_s=601)

    assert [one.json["message"] for one in hook.wait(2)] == ["at once", "late"]


def test_fields_can_have_other_types(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    desk.fault("wrong_type", "webhook", times=1)
    desk.write(FRIEND, "Hello")

    body = hook.wait(1)[0].json

    assert (body["is_event"], body["is_sender"], body["subject"]) == ("0", "true", "")
    assert isinstance(body["attendees"], dict)
    assert isinstance(body["timestamp"], int)


def test_a_real_form_is_sent_when_it_is_wanted(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", format="form")
    desk.write(FRIEND, "Hello & more")

    told = hook.wait(1)[0]

    fields = parse_qs(told.raw.decode())
    assert (fields["message"], fields["is_sender"]) == (["Hello & more"], ["true"])


def test_what_was_missed_comes_in_a_burst_after_the_reconnection(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    for text in ("one", "two", "three"):
        desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text=text)
    before = (idle(desk), list(hook.told))
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="OK")

    assert before == ([], [])
    assert {one.json["message"] for one in hook.wait(3)} == {"one", "two", "three"}


def test_how_an_account_stands_is_told(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "account_status")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="OK")  # not told unless asked for
    desk.send("DELETE", f"/accounts/{desk.account}")

    told = hook.wait(2)

    assert [one.json for one in told] == [
        {"AccountStatus": {"account_id": desk.account, "account_type": "LINKEDIN", "message": word}}
        for word in ("CREDENTIALS", "DELETED")
    ]


def test_accounts_with_more_products_are_told_of_twice(desk: Desk, hook: Receiver) -> None:
    desk.connect(products=["sales_navigator"])
    listen(desk, hook, "account_status")
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")

    assert len(hook.wait(2)) == 2


def test_only_the_accounts_and_events_that_were_asked_for_are_told(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", account_ids=["another"])
    listen(desk, hook, "messaging", enabled=False)
    listen(desk, hook, "messaging", events=["message_read", "message_reaction"])
    desk.write(FRIEND, "Hello")
    desk.admin.post(f"/people/{FRIEND}/react", account=ME, sign="👍")
    desk.admin.post(f"/people/{FRIEND}/read", account=ME)

    reaction, read = (one.json for one in hook.wait(2))

    assert (reaction["event"], reaction["reaction"], read["event"]) == (
        "message_reaction",
        "👍",
        "message_read",
    )
    assert reaction["reaction_sender"]["attendee_provider_id"] == desk.id_of(FRIEND)
    assert len(idle(desk)) == 2


def test_changed_and_deleted_messages_are_told(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", events=["message_edited", "message_deleted", "message_delivered"])
    desk.write(FRIEND, "Hello")
    desk.admin.post(f"/people/{FRIEND}/reply", account=ME, text="Yes")
    desk.admin.post(f"/people/{FRIEND}/reword", account=ME, text="No")
    desk.admin.post(f"/people/{FRIEND}/unsay", account=ME)

    told = [(one.json["event"], one.json["message"]) for one in hook.wait(3)]

    assert told[0] == ("message_delivered", "Hello")
    assert [event for event, _ in told[1:]] == ["message_edited", "message_deleted"]


def test_the_newer_signature_is_only_sent_when_switched_on(desk: Desk, hook: Receiver) -> None:
    desk.settings(signature="v2", signature_key="k")
    listen(desk, hook, "messaging")
    desk.write(FRIEND, "Hello")

    told = hook.wait(1)[0]

    at, _, given = told.headers["unipile-signature"].partition(",v0=")
    signed = hmac.new(b"k", at.removeprefix("t=").encode() + b"." + told.raw, hashlib.sha256)
    assert hmac.compare_digest(given, signed.hexdigest())


def test_names_of_fields_can_be_chosen(desk: Desk, hook: Receiver) -> None:
    listen(desk, hook, "messaging", data=[{"name": "words", "key": "message"}])
    desk.write(FRIEND, "Hello")

    assert hook.wait(1)[0].json == {"words": "Hello"}


def test_webhooks_are_listed_without_their_source_and_deleted(desk: Desk, hook: Receiver) -> None:
    made = listen(desk, hook, "users", account_ids=[desk.account])
    (shown,) = desk.send("GET", "/webhooks").json["items"]
    gone = desk.send("DELETE", f"/webhooks/{made}")
    again = desk.send("DELETE", f"/webhooks/{made}")

    assert (shown["id"], shown["events"], shown["type"]) == (made, ["new_relation"], "AUTO")
    assert "source" not in shown
    assert shown["account_ids"] == [{"id": desk.account, "name": "Mira Oxbow", "type": "LINKEDIN"}]
    assert gone.json == {"object": "WebhookDeleted"}
    assert (again.status, again.json["detail"].splitlines()[1]) == (404, "Webhook not found")


@pytest.mark.parametrize(
    "body",
    [
        {"source": "users"},
        {"source": "weather", "request_url": "http://127.0.0.1:9/"},
        {"source": "users", "request_url": "ftp://127.0.0.1/"},
        {"source": "users", "request_url": "http://127.0.0.1:9/", "events": ["message_received"]},
        {"source": "users", "request_url": "http://127.0.0.1:9/", "headers": [{"key": "x"}]},
    ],
)
def test_webhooks_that_make_no_sense_are_refused(desk: Desk, body: dict[str, Any]) -> None:
    assert desk.post("/webhooks", **body).status == 400
