"""Threads and messages: what is read, what is sent, and what the site refuses to send."""

import json
from base64 import b64decode
from urllib.parse import quote

import pytest
from visitor import ME, NORMALIZED, PLAIN, Visitor

JONAS, PRISCA = "jonas-fernweh-sbx", "prisca-hollowell-sbx"
TEXT = "Hi Jonas,\r\n\r\nquick question\u00a0about 🚚 — route planning.\n\n  M."


def thread_of(mira: Visitor) -> str:
    [thread] = mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"]
    urn: str = thread["entityUrn"]
    return urn


def test_a_message_arrives_byte_for_byte(mira: Visitor) -> None:
    answer = mira.message(JONAS, TEXT, token="5f0c")

    [entry] = mira.sandbox.admin.ledger(kind="message")
    value = answer.json["value"]
    assert (entry["text"], entry["origin_token"], entry["target"]) == (TEXT, "5f0c", JONAS)
    assert (value["originToken"], value["body"]["text"]) == ("5f0c", TEXT)
    assert value["conversationUrn"] == thread_of(mira)


def test_one_token_twice_is_two_messages(mira: Visitor) -> None:
    mira.message(JONAS, "once", token="same")
    mira.message(JONAS, "once", token="same")

    assert len(mira.sandbox.admin.ledger(kind="message")) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"trackingId": "short"},
        {"trackingId": ...},
        {"dedupeByClientGeneratedToken": True},
        {"dedupeByClientGeneratedToken": ...},
    ],
)
def test_the_marks_of_a_real_client_are_required(mira: Visitor, change: dict[str, object]) -> None:
    assert mira.message(JONAS, "hello", changes=change).status == 400
    assert mira.sandbox.admin.ledger(kind="message") == []


def test_strangers_need_inmail(mira: Visitor) -> None:
    answer = mira.message(PRISCA, "hello")

    assert (answer.status, answer.json["data"]["code"]) == (422, "NOT_ALLOWED_PREMIUM_INMAIL")
    assert mira.sandbox.admin.ledger(kind="message") == []


def test_a_conversation_shows_its_last_message_and_what_is_unread(mira: Visitor) -> None:
    mira.message(JONAS, "Tuesday?")
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=ME, text="Sounds good. Tuesday?")

    [thread] = mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"]

    assert (thread["unreadCount"], thread["read"]) == (1, False)
    [last] = thread["messages"]["elements"]
    assert last["body"]["text"] == "Sounds good. Tuesday?"
    assert last["originToken"] is None
    assert last["sender"]["entityUrn"].endswith(mira.id_of(JONAS))
    distances = [one["participantType"]["member"]["distance"] for one in thread["conversationParticipants"]]
    assert distances == ["SELF", "DISTANCE_1"]
    encoded = thread["backendUrn"].split(":2-")[1]
    assert b64decode(encoded).endswith(b"_100")


def test_reading_does_not_mark_as_read_and_marking_does(mira: Visitor) -> None:
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=ME, text="Are you there?")
    urn = thread_of(mira)
    mira.messages(urn)
    assert (
        mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"][0]["unreadCount"]
        == 1
    )

    path = f"/voyager/api/voyagerMessagingDashMessengerConversations?ids=List({quote(urn, safe='')})"
    mira.post(path, {"entities": {urn: {"patch": {"$set": {"read": True}}}}})

    assert (
        mira.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"][0]["unreadCount"]
        == 0
    )


def test_messages_of_a_thread_carry_tokens_only_for_own_ones(mira: Visitor) -> None:
    mira.message(JONAS, "one", token="t-7")
    mira.sandbox.admin.post(f"/people/{JONAS}/reply", account=ME, text="two")

    answer = mira.messages(thread_of(mira))

    elements = answer.json["data"]["messengerMessagesBySyncToken"]["elements"]
    assert {one["body"]["text"]: one["originToken"] for one in elements} == {"one": "t-7", "two": None}
    assert elements[0]["_type"] == "com.linkedin.messenger.Message"
    assert answer.headers["content-type"].startswith("application/graphql")


def test_the_normalized_shape_hoists_threads(mira: Visitor) -> None:
    mira.message(JONAS, "one")

    answer = mira.conversations(accept=NORMALIZED).json

    [urn] = answer["data"]["data"]["messengerConversationsBySyncToken"]["*elements"]
    assert urn in {one["entityUrn"] for one in answer["included"]}


def test_threads_by_recipient_and_by_category(mira: Visitor) -> None:
    mira.message(JONAS, "one")
    me, jonas = (quote(mira.urn_of(one), safe="") for one in ("mira-oxbow-sbx", JONAS))
    nobody = quote(mira.urn_of(PRISCA), safe="")
    predicate = "predicateUnions:List((conversationCategoryPredicate:(category:PRIMARY_INBOX)))"

    found = mira.conversations(f"(mailboxUrn:{me},recipients:List({jonas}))").json["data"]
    none = mira.conversations(f"(mailboxUrn:{me},recipients:List({nobody}))").json["data"]
    paged = mira.conversations(f"(query:({predicate}),count:20,mailboxUrn:{me})").json["data"]

    assert len(found["messengerConversationsByRecipients"]["elements"]) == 1
    assert none["messengerConversationsByRecipients"]["elements"] == []
    assert paged["messengerConversationsByCategoryQuery"]["metadata"] == {"nextCursor": None}


def test_a_thread_outlives_the_connection(mira: Visitor) -> None:
    mira.message(JONAS, "one")
    urn = thread_of(mira)
    mira.sandbox.admin.put("/relationships", account=ME, member=JONAS, state="none")

    body = {"body": {"attributes": [], "text": "two"}, "conversationUrn": urn, "originToken": "t-2"}
    answer = mira.message(JONAS, "two", changes={"message": body, "hostRecipientUrns": ...})

    assert answer.status == 200
    assert [one["text"] for one in mira.sandbox.admin.ledger(kind="message")] == ["one", "two"]


def test_compose_options_tell_how_one_may_write(mira: Visitor) -> None:
    def option(slug: str) -> dict[str, object]:
        urn = f"urn:li:fsd_composeOption:({mira.id_of(slug)},NON_SELF_PROFILE_VIEW,EMPTY_CONTEXT_ENTITY_URN)"
        path = f"/voyager/api/voyagerMessagingDashComposeOptions/{quote(urn, safe='')}"
        answer: dict[str, object] = mira.get(path, PLAIN).json
        return answer

    assert option(JONAS)["composeOptionType"] == "CONNECTION_MESSAGE"
    mira.message(JONAS, "one")
    assert option(JONAS)["composeOptionType"] == "REPLY"
    assert json.dumps(option(JONAS)).count(thread_of(mira)) == 1
    assert option(PRISCA)["composeOptionType"] == "UPSELL"
