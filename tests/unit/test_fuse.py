"""The fuse's rules: what a request would do, and whether it is the one that was meant."""

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from overture.providers.linkedin_browser.fuse_rules import (
    ROUTED,
    Charge,
    is_write,
    mismatch,
    read_write,
    rewritten,
)
from overture.providers.linkedin_browser.text import canonical, lines, units

HOST = "https://www.linkedin.com"
INVITE = f"{HOST}/voyager/api/voyagerRelationshipsDashMemberRelationships?action=verifyQuotaAndCreateV2"
SDUI = f"{HOST}/flagship-web/rsc-action/actions/server-request?sduiid=com.linkedin.sdui.requests.mynetwork."
MESSAGE = f"{HOST}/voyager/api/voyagerMessagingDashMessengerMessages?action=createMessage"
TARGET, OTHER = "ACoAATarget", "ACoAAOther"
THREAD = "urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAMe,2-abc)"
TOKEN = UUID("5f0c0000-0000-4000-8000-000000000001")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def an_invite(profile_id: str = TARGET, note: str | None = None) -> str:
    body: dict[str, object] = {
        "invitee": {"inviteeUnion": {"memberProfile": f"urn:li:fsd_profile:{profile_id}"}}
    }
    return json.dumps(body if note is None else {**body, "customMessage": note})


def an_sdui_invite(member_id: str = "417", profile_id: str = TARGET) -> str:
    payload = {"inviteeUrn": {"memberId": member_id}, "nonIterableProfileId": profile_id}
    return json.dumps({"serverRequest": {"requestedArguments": {"payload": payload}}})


def a_message(
    text: str = "Hello", conversation: str | None = None, recipients: list[str] | None = None
) -> str:
    message: dict[str, object] = {"body": {"attributes": [], "text": text}, "originToken": "the-page's-own"}
    if conversation:
        message["conversationUrn"] = conversation
    body: dict[str, object] = {
        "message": message,
        "trackingId": "ÿ\u0001" * 8,
        "dedupeByClientGeneratedToken": False,
    }
    if recipients is not None:
        body["hostRecipientUrns"] = [f"urn:li:fsd_profile:{one}" for one in recipients]
    return json.dumps(body)


def invite_charge(note: str | None = None) -> Charge:
    return Charge("invite", TARGET, 417, note, TOKEN, LATER)


def message_charge(text: str = "Hello", threads: frozenset[str] = frozenset({THREAD})) -> Charge:
    return Charge("message", TARGET, 417, text, TOKEN, LATER, threads)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("POST", INVITE),
        ("POST", MESSAGE),
        ("POST", f"{SDUI}addaAddConnection"),
        ("POST", f"{SDUI}addaUpdateFollowState"),
        ("POST", f"{HOST}/voyager/api/growth/normInvitations"),
        ("POST", f"{HOST}/voyager/api/voyagerSocialDashReactions?threadUrn=x"),
        ("DELETE", f"{HOST}/voyager/api/feed/comments/urn"),
        ("PUT", f"{HOST}/voyager/api/anything/at/all"),
        ("POST", f"{HOST}/voyager/api/graphql?action=execute&queryId=voyagerSocialDashReactions.1"),
    ],
)
def test_everything_that_changes_something_is_held(method: str, url: str) -> None:
    assert ROUTED.match(url)
    assert is_write(method, url, {})


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", INVITE),
        ("POST", f"{HOST}/voyager/api/voyagerMessagingDashMessengerConversations?action=typing"),
        ("POST", f"{HOST}/voyager/api/voyagerMessagingDashMessengerConversations?ids=List(urn)"),
        ("POST", f"{HOST}/flagship-web/rsc-action/actions/pagination?sduiid=x"),
    ],
)
def test_reading_and_typing_pass(method: str, url: str) -> None:
    assert not is_write(method, url, {})


def test_a_read_dressed_as_post_passes_by_its_header() -> None:
    url = f"{HOST}/voyager/api/graphql"
    assert is_write("POST", url, {})
    assert not is_write("POST", url, {"x-http-method-override": "GET"})


@pytest.mark.parametrize(
    "path", ["/in/somebody/", "/static/app.js", "/li/track", "/feed/?next=/voyager/api/x"]
)
def test_pages_and_scripts_are_not_routed(path: str) -> None:
    assert ROUTED.match(HOST + path) is None


def test_the_meant_invite_passes_in_both_forms() -> None:
    assert mismatch(invite_charge(), read_write(INVITE, an_invite())) is None
    assert mismatch(invite_charge(), read_write(f"{SDUI}addaAddConnection", an_sdui_invite())) is None


@pytest.mark.parametrize(
    ("url", "body"),
    [
        (INVITE, an_invite(OTHER)),
        (f"{SDUI}addaAddConnection", an_sdui_invite(member_id="999")),
        (f"{SDUI}addaAddConnection", an_sdui_invite(profile_id=OTHER)),
        (INVITE, json.dumps({"invitee": {"inviteeUnion": {"email": {"email": "somebody@example.org"}}}})),
    ],
)
def test_an_invite_to_anybody_else_is_refused(url: str, body: str) -> None:
    assert mismatch(invite_charge(), read_write(url, body)) == "identity"


@pytest.mark.parametrize(("given", "sent"), [(None, "Hello"), ("Hello", None), ("Hello", "Hello again")])
def test_another_note_is_refused(given: str | None, sent: str | None) -> None:
    assert mismatch(invite_charge(given), read_write(INVITE, an_invite(note=sent))) == "text"


def test_a_note_cannot_be_dropped_by_sending_at_once() -> None:
    seen = read_write(f"{SDUI}addaAddConnection", an_sdui_invite())
    assert mismatch(invite_charge("Hello"), seen) == "text"


@pytest.mark.parametrize("body", [None, "", "not json", "[1]", '{"message": 3}', '{"message": {"body": {}}}'])
def test_what_cannot_be_read_never_passes(body: str | None) -> None:
    assert mismatch(message_charge(), read_write(MESSAGE, body)) is not None
    assert mismatch(invite_charge(), read_write(INVITE, body)) is not None


def test_a_message_is_known_by_its_thread_or_its_recipient() -> None:
    assert mismatch(message_charge(), read_write(MESSAGE, a_message(conversation=THREAD))) is None
    assert mismatch(message_charge(), read_write(MESSAGE, a_message(recipients=[TARGET]))) is None


@pytest.mark.parametrize(
    "body",
    [
        a_message(conversation="urn:li:msg_conversation:(urn:li:fsd_profile:ACoAAMe,2-xyz)"),
        a_message(recipients=[OTHER]),
        a_message(recipients=[TARGET, OTHER]),
        a_message(recipients=[]),
        a_message(),
        a_message(conversation=THREAD, recipients=[OTHER]),
    ],
)
def test_a_message_to_anybody_else_is_refused(body: str) -> None:
    assert mismatch(message_charge(), read_write(MESSAGE, body)) == "identity"


def test_a_first_message_does_not_pass_into_a_thread_nobody_looked_up() -> None:
    charge = message_charge(threads=frozenset())
    assert mismatch(charge, read_write(MESSAGE, a_message(conversation=THREAD))) == "identity"


def test_an_invite_does_not_pass_for_a_message() -> None:
    assert mismatch(message_charge(), read_write(INVITE, an_invite())) == "kind"
    assert mismatch(invite_charge(), read_write(f"{SDUI}addaUpdateFollowState", an_sdui_invite())) == "kind"


@pytest.mark.parametrize(
    "page_text", ["Grüße,\nMira\u00a0O. ", "Gru\u0308ße,\r\nMira\u202fO.\n", "Grüße,\n\nMira O."]
)
def test_what_pages_do_to_white_space_is_no_other_text(page_text: str) -> None:
    assert (
        mismatch(message_charge("Grüße,\r\nMira O."), read_write(MESSAGE, a_message(page_text, THREAD)))
        is None
    )


TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(TEXT)
def test_what_leaves_is_exactly_what_was_given(text: str) -> None:
    charge = message_charge(text)
    out = json.loads(rewritten(charge, a_message(canonical(text), THREAD)))

    assert out["message"]["body"]["text"] == text
    assert out["message"]["originToken"] == str(TOKEN)
    assert out["trackingId"] == "ÿ\u0001" * 8
    note = json.loads(rewritten(invite_charge(text), an_invite(note="as the page had it")))
    assert note["customMessage"] == text


def test_an_invite_without_a_note_leaves_as_the_page_made_it() -> None:
    assert json.loads(rewritten(invite_charge(), an_invite())) == json.loads(an_invite())


@given(TEXT, TEXT)
def test_different_words_are_different_texts(one: str, other: str) -> None:
    assert (canonical(one) == canonical(other)) == (canonical(one).split() == canonical(other).split())


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")), min_size=1))
def test_lines_are_the_same_whatever_ends_them(parts: list[str]) -> None:
    assert lines("\r\n".join(parts)) == lines("\n".join(parts)) == parts


def test_counters_count_utf16_units() -> None:
    assert [units(text) for text in ("abc", "é", "👩‍🚀")] == [3, 1, 5]
