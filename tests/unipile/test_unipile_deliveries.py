"""Deliveries are understood whatever they call themselves, known again, and believed only with the secret."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from overture.providers.unipile.client import (
    Delivery,
    UnreadableDelivery,
    dedup_key,
    has_secret,
    is_own_message,
    is_signed_legacy,
    is_signed_v2,
    parse_delivery,
)
from scripted_unipile import ACO

NOW = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
SECRET = "0123456789abcdef0123456789abcdef"
FORM = "application/x-www-form-urlencoded"
RELATION = {"event": "new_relation", "account_id": "a1", "account_type": "LINKEDIN", "user_provider_id": ACO}
MESSAGE: dict[str, object] = {
    "event": "message_received",
    "account_id": "a1",
    "account_info": {"type": "LINKEDIN", "feature": "classic", "user_id": "ACoSELF"},
    "message_id": "m1",
    "chat_id": "c1",
    "message": "Thanks!",
    "sender": {"attendee_id": "x", "attendee_provider_id": ACO},
    "is_event": 0,
}
STATUS = {"AccountStatus": {"account_id": "a1", "account_type": "LINKEDIN", "message": "CREDENTIALS"}}


def delivered(payload: object) -> Delivery:
    return parse_delivery(json.dumps(payload).encode(), FORM)


@pytest.mark.parametrize("content_type", ["application/json", FORM, "", "text/plain", "multipart/form-data"])
def test_json_is_read_as_json_whatever_it_calls_itself(content_type: str) -> None:
    delivery = parse_delivery(json.dumps(MESSAGE).encode(), content_type)

    assert (delivery.source, delivery.event, delivery.account_id) == ("messaging", "message_received", "a1")
    assert delivery.payload == MESSAGE


def test_a_form_of_json_texts_and_nested_names_says_the_same() -> None:
    nested = {
        name: json.dumps(value) if isinstance(value, dict) else value for name, value in MESSAGE.items()
    }
    dotted = {"AccountStatus[account_id]": "a1", "AccountStatus[message]": "OK"}

    assert dedup_key(parse_delivery(urlencode(nested).encode(), FORM), NOW) == dedup_key(
        delivered(MESSAGE), NOW
    )
    assert is_own_message(parse_delivery(urlencode(nested).encode(), FORM)) is False
    status = parse_delivery(urlencode(dotted).encode(), FORM)
    assert (status.source, status.event, status.account_id) == ("account_status", "OK", "a1")


def test_json_that_was_form_encoded_as_a_whole_is_found() -> None:
    text = json.dumps(RELATION)

    for body in (quote(text), quote(text) + "=", json.dumps(text)):
        assert parse_delivery(body.encode(), FORM).payload == RELATION


@pytest.mark.parametrize(
    ("payload", "source", "event"),
    [
        (RELATION, "users", "new_relation"),
        (STATUS, "account_status", "CREDENTIALS"),
        ({"event": "mail_received", "email_id": "e1"}, "email", "mail_received"),
        ({"event": "mail_opened", "event_id": "v1"}, "email_tracking", "mail_opened"),
        ({"status": "CREATION_SUCCESS", "account_id": "a1", "name": "user-42"}, "hosted", "CREATION_SUCCESS"),
        ({"event": "message_from_mars", "account_id": "a1"}, "unknown", "message_from_mars"),
        ({"event": "deleted", "account_id": "a1"}, "unknown", "deleted"),
        ({}, "unknown", ""),
    ],
)
def test_what_a_delivery_is_about(payload: object, source: str, event: str) -> None:
    delivery = delivered(payload)

    assert (delivery.source, delivery.event) == (source, event)


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[1,2]", b"42", b"hello world", b"\xff\xfe\x00", b'{"event":']
)
def test_what_cannot_be_read_is_said_to_be_so(body: bytes) -> None:
    with pytest.raises(UnreadableDelivery):
        parse_delivery(body, FORM)


@given(body=st.binary(max_size=300), content_type=st.sampled_from([FORM, "application/json", ""]))
def test_no_body_breaks_the_reader(body: bytes, content_type: str) -> None:
    try:
        delivery = parse_delivery(body, content_type)
    except UnreadableDelivery:
        return
    assert dedup_key(delivery, NOW)
    assert is_own_message(delivery) in (True, False, None)


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"a" + b"[x]" * 50_000 + b"=1"],
    ids=["list", "object", "form"],
)
def test_a_bottomless_body_breaks_nothing(body: bytes) -> None:
    try:
        delivery = parse_delivery(body, FORM)
    except UnreadableDelivery:
        return
    assert dedup_key(delivery, NOW)
    assert json.dumps(delivery.payload)  # what was let in can also be kept


@pytest.mark.parametrize(
    ("changes", "own"),
    [
        ({}, False),
        ({"is_sender": False}, False),
        ({"is_sender": True}, True),
        ({"is_sender": 1}, True),
        ({"is_sender": "true"}, True),
        ({"sender": {"attendee_provider_id": "ACoSELF"}}, True),
        ({"sender": {"attendee_provider_id": "ACoSELF"}, "is_sender": False}, True),
        ({"account_info": {}}, None),
        ({"account_info": None, "sender": None}, None),
        ({"account_info": {}, "is_sender": 0}, False),
        ({"sender": {"attendee_provider_id": None}}, None),
    ],
)
def test_own_messages_are_told_from_replies(changes: dict[str, object], own: bool | None) -> None:
    assert is_own_message(delivered({**MESSAGE, **changes})) is own


def test_keys_are_those_of_the_event_and_not_of_its_delivery() -> None:
    again = {**MESSAGE, "webhook_name": "another", "timestamp": "2026-03-01T12:00:00.000Z"}

    assert dedup_key(delivered(MESSAGE), NOW) == dedup_key(delivered(again), NOW + timedelta(hours=3))
    assert dedup_key(delivered(MESSAGE), NOW) == "message_received|a1|m1"
    assert dedup_key(delivered(RELATION), NOW) == f"new_relation|a1|{ACO}"
    assert dedup_key(delivered({"event": "mail_received", "email_id": "e1"}), NOW) == "mail_received|e1"
    assert dedup_key(delivered({"event": "mail_opened", "event_id": "v1"}), NOW) == "mail_opened|v1"


def test_keys_tell_different_events_about_one_message_apart() -> None:
    changes: list[dict[str, object]] = [
        {},
        {"account_id": "a2"},
        {"message_id": "m2"},
        {"event": "message_read"},
        {"event": "message_edited"},
        {"event": "message_edited", "message": "Thanks a lot!"},
        {"event": "message_reaction", "reaction": "👍", "reaction_sender": {"attendee_provider_id": ACO}},
        {"event": "message_reaction", "reaction": "👏", "reaction_sender": {"attendee_provider_id": ACO}},
        {
            "event": "message_reaction",
            "reaction": "👍",
            "reaction_sender": {"attendee_provider_id": "ACoSELF"},
        },
        {"message_id": None},
        {"message_id": None, "message": "else"},
    ]

    keys = {dedup_key(delivered({**MESSAGE, **change}), NOW) for change in changes}

    assert len(keys) == len(changes)


def test_an_account_state_is_known_again_within_its_minute() -> None:
    key = dedup_key(delivered(STATUS), NOW)

    assert dedup_key(delivered(STATUS), NOW + timedelta(seconds=20)) == key
    assert dedup_key(delivered(STATUS), NOW + timedelta(minutes=1)) != key
    assert dedup_key(delivered({"AccountStatus": {**STATUS["AccountStatus"], "message": "OK"}}), NOW) != key


@given(
    first=st.lists(st.text(max_size=5), min_size=2, max_size=2),
    second=st.lists(st.text(max_size=5), min_size=2, max_size=2),
)
@example(first=["|", ""], second=["%7C", ""])
@example(first=["a|m", "b"], second=["a", "m|mb"])
def test_no_two_events_share_a_key_by_accident_of_writing(first: list[str], second: list[str]) -> None:
    keys = [
        dedup_key(Delivery("messaging", "message_read", account, {"message_id": f"m{message}"}), NOW)
        for account, message in (first, second)
    ]

    assert (keys[0] == keys[1]) == (first == second)


def test_the_secret_header_is_the_only_pass() -> None:
    assert has_secret(SECRET, SECRET)
    for header in (None, "", SECRET[:-1], SECRET + " ", SECRET.upper(), "ü" * 32, "\udcff"):
        assert not has_secret(header, SECRET)


def test_without_a_secret_nothing_is_believed() -> None:
    signature = hmac.new(b"", b"body", hashlib.sha256).hexdigest()
    stamped = hmac.new(b"", f"{int(NOW.timestamp())}.body".encode(), hashlib.sha256).hexdigest()

    assert not has_secret("", "")
    assert not has_secret(None, "")
    assert not is_signed_legacy(signature, b"body", "")
    assert not is_signed_v2(f"t={int(NOW.timestamp())},v0={stamped}", b"body", "", NOW)


def v2(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    stamp = str(int(at.timestamp()))
    return (
        f"t={stamp},v0={hmac.new(secret.encode(), stamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"
    )


@given(body=st.binary(max_size=50), other=st.binary(max_size=50), late=st.integers(-300, 300))
def test_a_v2_signature_is_of_this_body_and_recent(body: bytes, other: bytes, late: int) -> None:
    then = NOW + timedelta(seconds=late)

    assert is_signed_v2(v2(body), body, SECRET, then)
    assert is_signed_v2(v2(body), other, SECRET, then) == (body == other)
    assert not is_signed_v2(v2(body), body, SECRET, NOW + timedelta(seconds=301))
    assert not is_signed_v2(v2(body), body, SECRET, NOW - timedelta(seconds=302))
    assert not is_signed_v2(v2(body, secret="x" * 32), body, SECRET, then)


@pytest.mark.parametrize(
    "header",
    [None, "", "t=1", "v0=aa", "t=x,v0=aa", "t=1,t=2,v0=aa", "t=٣,v0=aa", "=,=", f"t={'9' * 400},v0=a"],
)
def test_a_v2_signature_that_is_none_is_refused(header: str | None) -> None:
    assert not is_signed_v2(header, b"body", SECRET, NOW)


def test_a_second_signature_may_be_the_right_one() -> None:
    good = v2(b"body")

    assert is_signed_v2(good.replace("v0=", "v0=0000,v0="), b"body", SECRET, NOW)


@given(body=st.binary(max_size=50), other=st.binary(max_size=50))
def test_a_legacy_signature_is_of_this_body(body: bytes, other: bytes) -> None:
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    assert is_signed_legacy(signature, body, SECRET)
    assert is_signed_legacy(f"sha256={signature.upper()}", body, SECRET)
    assert is_signed_legacy(signature, other, SECRET) == (body == other)
    assert not is_signed_legacy(None, body, SECRET)
