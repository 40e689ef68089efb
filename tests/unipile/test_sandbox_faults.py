"""What can be made to go wrong, for whom and how often, and what has really happened then."""

from http.client import HTTPException

import pytest
from unipile_desk import FAR, FRIEND, ME, STRANGER, Desk

from overture_sandbox.testing import AdminError


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


def test_a_connection_cut_before_leaves_nothing_behind(desk: Desk) -> None:
    desk.fault("drop_before_commit", "invite", times=1)

    with pytest.raises((HTTPException, OSError)):
        desk.invite(STRANGER)
    assert desk.kinds() == []
    assert desk.invite(STRANGER).status == 200


def test_a_connection_cut_after_hides_what_was_done(desk: Desk) -> None:
    desk.fault("drop_after_commit", "invite", times=1)
    desk.fault("drop_after_commit", "chat.start", times=1)

    with pytest.raises((HTTPException, OSError)):
        desk.invite(STRANGER)
    with pytest.raises((HTTPException, OSError)):
        desk.write(FRIEND, "Hello")
    assert desk.kinds() == ["invite", "message"]
    assert desk.invite(STRANGER).kind == "already_invited_recently"
    assert [one["status"] for one in desk.admin.get("/unipile/journal")[:2]] == [None, None]


def test_a_timeout_may_be_told_after_it_was_done(desk: Desk) -> None:
    desk.fault("status_after_commit", "invite", times=1, status=504)

    answer = desk.invite(STRANGER)

    assert (answer.status, answer.kind) == (504, "request_timeout")
    assert desk.kinds() == ["invite"]
    assert desk.get(f"/users/{STRANGER}").json["invitation"]["status"] == "PENDING"


def test_a_proxy_answers_with_a_page(desk: Desk) -> None:
    desk.fault("html_502", "message.send", times=1)
    chat = desk.write(FRIEND, "Hello").json["chat_id"]

    answer = desk.post(f"/chats/{chat}/messages", text="More")

    assert (answer.status, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert b"502 Bad Gateway" in answer.raw
    assert desk.kinds() == ["message"]


def test_half_an_answer_is_no_json(desk: Desk) -> None:
    desk.fault("truncated_json", "invite", times=1)

    answer = desk.invite(STRANGER)

    assert (answer.status, desk.kinds()) == (200, ["invite"])
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json  # noqa: B018


@pytest.mark.parametrize(
    ("rule", "status", "kind", "detail"),
    [
        (
            {"status": 429},
            429,
            "too_many_requests",
            "The provider cannot accept any more requests at the moment.",
        ),
        ({"status": 503}, 503, "no_client_session", "No client session is currently running."),
        ({"body": {"type": "limit_exceeded"}}, 422, "limit_exceeded", "You have reached a provider limit."),
        ({"body": {"type": "errors/invalid_recipient", "detail": "x"}}, 422, "invalid_recipient", "x"),
    ],
)
def test_any_error_can_be_ordered_by_status_or_by_type(
    desk: Desk, rule: dict[str, object], status: int, kind: str, detail: str
) -> None:
    desk.fault("status", "invite", times=1, **rule)

    answer = desk.invite(STRANGER)

    assert (answer.status, answer.kind) == (status, kind)
    assert answer.json["detail"].startswith(detail)
    assert desk.kinds() == []


def test_a_page_may_come_twice(desk: Desk) -> None:
    desk.admin.post("/populate", count=5, connected_to=ME)
    desk.fault("duplicate_page", "relations", skip=1, times=1)
    first = desk.get("/users/relations", limit=2).json
    second = desk.get("/users/relations", cursor=first["cursor"]).json
    third = desk.get("/users/relations", cursor=second["cursor"]).json

    assert second["items"] == first["items"]
    assert not {one["member_id"] for one in third["items"]} & {one["member_id"] for one in first["items"]}


def test_a_cursor_may_lead_back_to_its_own_page(desk: Desk) -> None:
    desk.admin.post("/populate", count=5, connected_to=ME)
    desk.fault("repeat_cursor", "relations", skip=1, times=2)
    first = desk.get("/users/relations", limit=2).json
    second = desk.get("/users/relations", cursor=first["cursor"]).json

    assert second["cursor"] == first["cursor"]


def test_a_switch_can_mean_one_account_or_one_person(desk: Desk) -> None:
    desk.admin.post("/logins", username="other@sandbox.test", password="pw", slug=FAR)
    other = desk.admin.post("/unipile/accounts", account="other@sandbox.test")["id"]
    desk.fault("status", "*", account=other, status=500)
    desk.fault("status", "invite", target=STRANGER, status=429)

    assert desk.get("/users/me").status == 200
    assert desk.get("/users/me", account_id=other).kind == "provider_error"
    assert desk.invite(STRANGER).status == 429
    assert desk.invite(FAR).status == 200


def test_a_session_may_end_with_a_request(desk: Desk) -> None:
    desk.fault("expire_session", "invite", times=1)

    assert desk.invite(STRANGER).kind == "disconnected_account"
    assert desk.get(f"/accounts/{desk.account}").json["sources"][0]["status"] == "CREDENTIALS"
    assert desk.kinds() == []


def test_one_list_may_lag_behind(desk: Desk) -> None:
    desk.fault("read_lag", "invite.sent", seconds=60)
    desk.invite(STRANGER)
    early = desk.get("/users/invite/sent").json["items"]
    desk.admin.post("/clock", advance_s=61)
    late = desk.get("/users/invite/sent").json["items"]

    assert (len(early), len(late)) == (1, 2)


def test_unknown_routes_cannot_be_switched(desk: Desk) -> None:
    with pytest.raises(AdminError, match="endpoint"):
        desk.fault("status", "nowhere")


def test_the_operator_is_told_of_what_may_never_happen(desk: Desk) -> None:
    fine = desk.admin.get("/unipile/invariants")
    for _ in range(2):
        desk.write(FRIEND, "The same")
    broken = desk.admin.get("/unipile/invariants")

    assert fine == {"same_text_twice": [], "invited_twice": []}
    assert broken["same_text_twice"] == [{"account": ME, "target": FRIEND}]
