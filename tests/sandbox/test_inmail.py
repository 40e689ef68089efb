"""InMail: what it costs, who may send it to whom, and what the site refuses."""

from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import quote

import pytest
from visitor import ME, PLAIN, Answer, Visitor

MIRA, JONAS, PRISCA = "mira-oxbow-sbx", "jonas-fernweh-sbx", "prisca-hollowell-sbx"
TEXT = "Dear Prisca,\r\n\r\nquick question\u00a0about 🚚.\n\n  M.  "


@pytest.fixture
def premium(mira: Visitor) -> Visitor:
    mira.sandbox.admin.patch(f"/members/{MIRA}", {"premium": True})
    mira.sandbox.admin.patch(f"/logins/{ME}", {"inmail_credits": 2})
    return mira


def inmail(visitor: Visitor, slug: str, text: str = TEXT, subject: str | None = "Freight") -> Answer:
    message: dict[str, Any] = {
        "body": {"attributes": [], "text": text},
        "renderContentUnions": [],
        "originToken": "t-9",
        "subtype": "INMAIL",
    }
    return visitor.message(slug, text, changes={"message": {**message, "subject": subject}})


def left(visitor: Visitor) -> int:
    [login] = visitor.sandbox.admin.get("/logins")
    found: int = login["inmail_credits"]
    return found


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["data"]["code"]


def option(visitor: Visitor, slug: str) -> dict[str, Any]:
    urn = f"urn:li:fsd_composeOption:({visitor.id_of(slug)},NON_SELF_PROFILE_VIEW,EMPTY_CONTEXT_ENTITY_URN)"
    path = f"/voyager/api/voyagerMessagingDashComposeOptions/{quote(urn, safe='')}"
    found: dict[str, Any] = visitor.get(path, PLAIN).json
    return found


def test_it_arrives_byte_for_byte_and_costs_a_credit(premium: Visitor) -> None:
    answer = inmail(premium, PRISCA)

    [entry] = premium.sandbox.admin.ledger(kind="inmail")
    assert (entry["text"], entry["subject"], entry["cost"]) == (TEXT, "Freight", 1)
    assert answer.json["value"]["originToken"] == entry["origin_token"] == "t-9"
    assert left(premium) == 1


def test_the_thread_is_an_inmail_with_its_subject(premium: Visitor) -> None:
    inmail(premium, PRISCA)

    [thread] = premium.conversations().json["data"]["messengerConversationsBySyncToken"]["elements"]
    assert "INMAIL" in thread["categories"]
    assert thread["conversationTypeText"] == "InMail"
    assert thread["messages"]["elements"][0]["subject"] == "Freight"


def test_an_open_profile_costs_nothing(premium: Visitor) -> None:
    premium.sandbox.admin.patch(f"/members/{PRISCA}", {"open_link": True})
    assert option(premium, PRISCA)["composeNavigationContext"]["paidInMail"] is False
    inmail(premium, PRISCA)

    assert [entry["cost"] for entry in premium.sandbox.admin.ledger(kind="inmail")] == [0]
    assert left(premium) == 2


def test_before_an_answer_nothing_more_can_be_said(premium: Visitor) -> None:
    inmail(premium, PRISCA)
    refused = (422, "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY")

    assert code(inmail(premium, PRISCA)) == refused
    assert code(premium.message(PRISCA, "And another thing")) == refused
    assert left(premium) == 1


def test_an_answer_gives_the_credit_back_and_opens_the_thread(premium: Visitor) -> None:
    inmail(premium, PRISCA)
    premium.sandbox.admin.post(f"/people/{PRISCA}/reply", account=ME, text="Tell me more")

    assert left(premium) == 2
    assert option(premium, PRISCA)["composeOptionType"] == "REPLY"


@pytest.mark.parametrize(
    ("arranged", "refused"),
    [
        ({"inmail_restricted": True}, (422, "INMAIL_RECIPIENT_RESTRICTED")),
        ({}, (422, "INSUFFICIENT_INMAIL_CREDITS")),
    ],
)
def test_what_is_refused_costs_nothing(
    premium: Visitor, arranged: dict[str, Any], refused: tuple[int, str]
) -> None:
    if arranged:
        premium.sandbox.admin.patch(f"/members/{PRISCA}", arranged)
    else:
        premium.sandbox.admin.patch(f"/logins/{ME}", {"inmail_credits": 0})
    before = left(premium)

    assert code(inmail(premium, PRISCA)) == refused
    assert left(premium) == before
    assert premium.sandbox.admin.ledger(kind="inmail") == []


def test_without_premium_there_is_none(mira: Visitor) -> None:
    assert option(mira, PRISCA)["composeOptionType"] == "UPSELL"
    assert code(inmail(mira, PRISCA)) == (422, "NOT_ALLOWED_PREMIUM_INMAIL")


def test_a_plain_message_to_a_stranger_never_costs(premium: Visitor) -> None:
    assert option(premium, PRISCA)["composeOptionType"] == "PREMIUM_INMAIL"
    assert code(premium.message(PRISCA, "hello")) == (422, "NOT_ALLOWED_PREMIUM_INMAIL")
    assert left(premium) == 2


def test_connections_are_not_sent_inmail(premium: Visitor) -> None:
    assert code(inmail(premium, JONAS)) == (422, "INMAIL_TO_CONNECTION")


def test_the_counters_of_the_site_count_utf16(premium: Visitor) -> None:
    premium.sandbox.admin.patch(f"/logins/{ME}", {"inmail_subject_limit": 3})
    assert code(inmail(premium, PRISCA, subject="🚚🚚")) == (400, "SUBJECT_TOO_LONG")
    assert code(inmail(premium, PRISCA, subject=None, text="x" * 1901)) == (400, "BODY_TOO_LONG")


def test_a_lost_answer_has_cost_its_credit(premium: Visitor) -> None:
    premium.sandbox.admin.fault("drop_after_commit", "send_message", times=1)
    with pytest.raises(RemoteDisconnected):
        inmail(premium, PRISCA)

    assert len(premium.sandbox.admin.ledger(kind="inmail")) == 1
    assert left(premium) == 1
