"""Invitations: every refusal in its exact words, and one world with the site."""

from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from unipile_desk import ASKED, FAR, FRIEND, ME, STRANGER, Answer, Desk

from overture_sandbox.unipile.ids import id_in


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


def said(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.kind


def page_of(desk: Desk, slug: str) -> str:
    """The profile page of somebody as the account's own browser gets it."""
    cookie = desk.admin.post("/sessions", account=ME)["li_at"]
    address = urlsplit(desk.sandbox.url)
    connection = HTTPConnection(address.hostname or "", address.port or 0, timeout=20)
    connection.request("GET", f"/in/{slug}/", headers={"cookie": f"li_at={cookie}"})
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def test_an_invitation_is_one_on_both_faces(desk: Desk) -> None:
    before = page_of(desk, STRANGER)
    made = desk.invite(STRANGER, message="Hello there")
    after = page_of(desk, STRANGER)

    assert made.status == 200
    assert made.json["object"] == "UserInvitationSent"
    assert "<span>Pending</span>" not in before
    assert "<span>Pending</span>" in after
    (entry,) = desk.admin.ledger(kind="invite")
    assert (entry["target"], entry["text"], entry["via"]) == (STRANGER, "Hello there", "unipile")


def test_what_was_asked_on_the_site_is_listed(desk: Desk) -> None:
    (listed,) = desk.get("/users/invite/sent").json["items"]

    assert listed["invited_user_id"] == desk.id_of(ASKED)
    assert listed["object"] == "InvitationSent"
    assert listed["date"] == "Sent today"


def test_only_the_classic_internal_id_can_be_invited(desk: Desk) -> None:
    sales = id_in("sales_navigator", desk.id_of(STRANGER))
    answers = [
        desk.post("/users/invite", provider_id=one) for one in (STRANGER, "ACoAAnobody", sales, f"{sales},x")
    ]

    assert [said(one) for one in answers] == [(422, "invalid_recipient")] * 4
    assert answers[0].json["title"] == "Recipient cannot be reached"
    assert desk.kinds() == []


@pytest.mark.parametrize(
    ("premium", "length", "code"), [(False, 200, 200), (False, 201, 400), (True, 300, 200), (True, 301, 400)]
)
def test_notes_are_longer_with_premium(desk: Desk, premium: bool, length: int, code: int) -> None:
    desk.connect(premium=premium)

    answer = desk.invite(STRANGER, message="x" * length)

    assert answer.status == code
    if code == 400:
        assert answer.json["detail"] == "The provided content exceeds the character limit."


def test_who_is_connected_or_asked_cannot_be_asked(desk: Desk) -> None:
    connected, asked = desk.invite(FRIEND), desk.invite(ASKED)

    assert said(connected) == (422, "already_connected")
    assert said(asked) == (422, "already_invited_recently")
    assert asked.json["detail"] == "Should delay new invitation to this recipient"


def test_after_a_withdrawal_one_has_to_wait(desk: Desk) -> None:
    number = desk.invite(STRANGER).json["invitation_id"]
    gone = desk.send("DELETE", f"/users/invite/sent/{number}", account_id=desk.account)
    again = desk.invite(STRANGER)
    desk.admin.post("/clock", advance_s=22 * 86400)
    later = desk.invite(STRANGER)

    assert (gone.status, gone.json) == (200, {"object": "InvitationCanceled"})
    assert said(again) == (422, "already_invited_recently")
    assert later.status == 200


@pytest.mark.parametrize("cap", ["week", "day"])
def test_limits_are_refused_ambiguously(desk: Desk, cap: str) -> None:
    if cap == "week":
        desk.admin.patch(f"/logins/{ME}", invites_per_week=2)  # one is out already
    else:
        desk.admin.patch(f"/unipile/accounts/{desk.account}", invites_per_day=2)
    first, second = desk.invite(STRANGER), desk.invite(FAR)

    assert first.status == 200
    assert second.json == {
        "status": 422,
        "type": "errors/cannot_resend_yet",
        "title": "Cannot resend yet",
        "detail": "You have reached a temporary provider limit. Please try again later.",
    }


def test_usage_is_told_when_a_mark_is_crossed(desk: Desk) -> None:
    people = [one["slug"] for one in desk.admin.post("/populate", count=9)]
    desk.admin.patch(f"/logins/{ME}", invites_per_week=10)

    usages = [desk.invite(slug).json.get("usage") for slug in people]

    assert usages == [None, None, None, 50, None, None, 75, 90, 95]


def test_some_want_their_address_with_it(desk: Desk) -> None:
    desk.admin.patch(f"/members/{STRANGER}", email_required=True, email="prisca@people.test")

    without, with_it = desk.invite(STRANGER), desk.invite(STRANGER, user_email="prisca@people.test")

    assert said(without) == (422, "cannot_invite_attendee")
    assert with_it.status == 200


def test_locked_profiles_cannot_be_asked(desk: Desk) -> None:
    desk.admin.patch(f"/members/{STRANGER}", unavailable=True)

    assert said(desk.invite(STRANGER)) == (422, "invalid_recipient")


def test_invitations_of_others_are_answered_with_their_secret(desk: Desk) -> None:
    desk.admin.post(f"/people/{STRANGER}/invite", account=ME, text="Let us talk")
    (got,) = desk.get("/users/invite/received").json["items"]
    path = f"/users/invite/received/{got['id']}"
    body = {"provider": "LINKEDIN", "action": "accept"}

    wrong = desk.post(path, shared_secret="guess", **body)
    right = desk.post(path, shared_secret=got["specifics"]["shared_secret"], **body)

    assert got["object"] == "InvitationReceived"
    assert got["inviter"]["inviter_id"] == desk.id_of(STRANGER)
    assert said(wrong) == (400, "invalid_invitation_id")
    assert right.json == {"object": "UserInvitationHandled", "status": "ACCEPTED"}
    assert desk.get(f"/users/{STRANGER}").json["network_distance"] == "FIRST_DEGREE"


def test_bad_numbers_cannot_be_withdrawn(desk: Desk) -> None:
    wordy = desk.send("DELETE", "/users/invite/sent/abc", account_id=desk.account)
    unknown = desk.send("DELETE", "/users/invite/sent/123", account_id=desk.account)

    assert said(wordy) == (400, "invalid_invitation_id")
    assert said(unknown) == (404, "resource_not_found")


def test_sent_invitations_are_paged_by_a_cursor(desk: Desk) -> None:
    slugs = [one["slug"] for one in desk.admin.post("/populate", count=4)]
    for slug in slugs:
        desk.invite(slug)
    seen, cursor = [], None
    while True:
        page = desk.get("/users/invite/sent", limit=2, **({"cursor": cursor} if cursor else {})).json
        seen += [one["invited_user_public_id"] for one in page["items"]]
        cursor = page["cursor"]
        if cursor is None:
            break

    assert seen == [*reversed(slugs), ASKED]


def test_profiles_say_how_one_stands(desk: Desk) -> None:
    desk.invite(STRANGER)
    desk.admin.post(f"/people/{FAR}/invite", account=ME)

    asked, asking, friend = (desk.get(f"/users/{slug}").json for slug in (STRANGER, FAR, FRIEND))

    assert asked["invitation"] == {"type": "SENT", "status": "PENDING"}
    assert asking["invitation"] == {"type": "RECEIVED", "status": "PENDING"}
    assert friend["is_relationship"] is True
    assert "invitation" not in friend
