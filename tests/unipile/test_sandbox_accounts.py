"""Connecting accounts: by password, with checkpoints, through the hosted page; and letting them go."""

from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, build_opener, urlopen

import pytest
from hook_receiver import Receiver, open_receiver
from unipile_desk import FAR, FRIEND, ME, Answer, Desk

OTHER = {"username": "tomas@sandbox.test", "password": "pw"}


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    made = Desk(open_sandbox.sandbox).connect()
    made.admin.post("/logins", slug=FAR, **OTHER)
    return made


@pytest.fixture
def hook() -> Iterator[Receiver]:
    with open_receiver() as made:
        yield made


def connect(desk: Desk, path: str = "/accounts", **how: Any) -> Answer:
    return desk.post(path, **{"account_id": None, "provider": "LINKEDIN", **how})


def test_an_account_is_connected_by_its_password(desk: Desk) -> None:
    made = connect(desk, **OTHER)
    shown = desk.send("GET", f"/accounts/{made.json['account_id']}").json

    assert (made.status, made.json["object"]) == (201, "AccountCreated")
    assert shown["connection_params"]["im"]["id"] == desk.id_of(FAR)
    assert [one["status"] for one in shown["sources"]] == ["OK"]
    assert "status" not in shown


def test_a_wrong_password_connects_nothing(desk: Desk) -> None:
    refused = connect(desk, username=OTHER["username"], password="wrong")

    assert (refused.status, refused.kind) == (401, "invalid_credentials")
    assert len(desk.send("GET", "/accounts").json["items"]) == 1


def test_the_same_person_again_is_the_same_account(desk: Desk) -> None:
    again = connect(desk, username=ME, password="sandbox-pass")

    assert again.json == {"object": "AccountCreated", "account_id": desk.account}


def test_an_account_is_not_reconnected_by_somebody_else(desk: Desk) -> None:
    refused = connect(desk, f"/accounts/{desk.account}", **OTHER)

    assert (refused.status, refused.kind) == (401, "wrong_account")


@pytest.mark.parametrize(
    ("kind", "asked"),
    [
        ("email_pin", {"type": "OTP"}),
        ("sms_pin", {"type": "2FA", "source": "SMS"}),
        ("totp", {"type": "2FA", "source": "APP"}),
    ],
)
def test_a_checkpoint_is_passed_by_its_code(desk: Desk, kind: str, asked: dict[str, str]) -> None:
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint=kind)
    first = connect(desk, **OTHER)
    account = first.json["account_id"]
    unknown = desk.send("GET", f"/accounts/{account}").status
    wrong = connect(desk, "/accounts/checkpoint", account_id=account, code="x")
    sent = connect(desk, "/accounts/checkpoint/resend", account_id=account)
    code = desk.admin.get("/checkpoints")[-1]["code"]
    right = connect(desk, "/accounts/checkpoint", account_id=account, code=code)

    assert (first.status, first.json["object"], first.json["checkpoint"]) == (202, "Checkpoint", asked)
    assert (unknown, wrong.kind) == (404, "invalid_checkpoint_solution")
    assert sent.json == {"object": "CheckpointResend", "account_id": account, "success": True}
    assert right.json == {"object": "AccountCreated", "account_id": account}


def test_a_checkpoint_is_only_open_for_five_minutes(desk: Desk) -> None:
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="email_pin")
    account = connect(desk, **OTHER).json["account_id"]
    code = desk.admin.get("/checkpoints")[-1]["code"]
    desk.admin.post("/clock", advance_s=301)

    late = connect(desk, "/accounts/checkpoint", account_id=account, code=code)

    assert late.kind == "checkpoint_error"


def test_a_yes_on_the_phone_passes_the_checkpoint(desk: Desk) -> None:
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="app_approval")
    asked = connect(desk, **OTHER).json
    desk.admin.post("/checkpoints/approve", account=OTHER["username"])

    passed = connect(desk, "/accounts/checkpoint", account_id=asked["account_id"], code="TRY_ANOTHER_WAY")

    assert asked["checkpoint"] == {"type": "IN_APP_VALIDATION"}
    assert passed.json["object"] == "AccountCreated"


def test_a_stopped_account_is_started_again_but_not_one_without_a_session(desk: Desk) -> None:
    path = f"/accounts/{desk.account}/restart"
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="STOPPED")
    started = desk.send("POST", path)
    working = desk.get("/users/me").status
    desk.admin.post("/sessions/expire", account=ME)
    helpless = desk.send("POST", path)

    assert (started.json, working) == ({"object": "AccountRestarted"}, 200)
    assert helpless.json == {"object": "AccountFailedToRestart"}


def test_asking_after_a_resync_starts_it_anew(desk: Desk) -> None:
    steps = [desk.send("GET", f"/accounts/{desk.account}/sync").json["status"] for _ in range(4)]

    assert steps == ["SYNC_STARTED", "SYNC_RUNNING", "SYNC_DONE", "SYNC_STARTED"]


def test_a_deleted_account_is_gone(desk: Desk) -> None:
    desk.write(FRIEND, "Hello")
    gone = desk.send("DELETE", f"/accounts/{desk.account}")

    assert gone.json == {"object": "AccountDeleted"}
    assert desk.send("GET", f"/accounts/{desk.account}").status == 404
    assert desk.get("/users/me").status == 404
    assert desk.get("/chats").json["items"] == []


def test_accounts_are_paged(desk: Desk) -> None:
    other = connect(desk, **OTHER).json["account_id"]
    first = desk.send("GET", "/accounts", limit=1).json
    second = desk.send("GET", "/accounts", cursor=first["cursor"]).json

    assert [one["id"] for one in first["items"] + second["items"]] == [desk.account, other]
    assert second["cursor"] is None


def link(desk: Desk, **more: Any) -> Answer:
    now = desk.admin.get("/clock")["now"]
    body = {
        "type": "create",
        "providers": ["LINKEDIN"],
        "api_url": desk.sandbox.url,
        "expiresOn": f"{int(now[:4]) + 1}{now[4:19]}.000Z",
        **more,
    }
    return desk.post("/hosted/accounts/link", account_id=None, **body)


class Staying(HTTPRedirectHandler):
    """Does not go where it is sent."""

    def redirect_request(self, *args: Any) -> None:  # noqa: ARG002
        return None


def submit(url: str, **fields: str) -> tuple[int, str, str]:
    """Status, page and the place a form leads to."""
    try:
        with build_opener(Staying).open(url, urlencode(fields).encode(), timeout=20) as answer:
            return answer.status, answer.read().decode(), ""
    except HTTPError as error:
        with error:
            return error.code, error.read().decode(), error.headers.get("location", "")


def test_the_hosted_page_connects_and_tells(desk: Desk, hook: Receiver) -> None:
    url = link(desk, notify_url=hook.url, name="user-42", success_redirect_url="https://app.test/ok").json[
        "url"
    ]
    with urlopen(url, timeout=20) as page:
        form = page.read().decode()
    wrong = submit(url, username=OTHER["username"], password="no")
    right = submit(url, **OTHER)
    (told,) = hook.wait(1)
    again = submit(url, **OTHER)

    assert 'name="password"' in form
    assert (wrong[0], "Invalid credentials" in wrong[1]) == (200, True)
    assert (right[0], right[2]) == (303, "https://app.test/ok")
    assert (told.json["status"], told.json["name"]) == ("CREATION_SUCCESS", "user-42")
    assert desk.send("GET", f"/accounts/{told.json['account_id']}").json["name"] == "Tomas Kettering"
    assert again[0] == 410


def test_the_hosted_page_asks_for_a_code(desk: Desk, hook: Receiver) -> None:
    desk.admin.patch(f"/logins/{OTHER['username']}", checkpoint="sms_pin")
    url = link(desk, notify_url=hook.url).json["url"]
    asked = submit(url, **OTHER)
    done = submit(url, code=desk.admin.get("/checkpoints")[-1]["code"])

    assert 'name="code"' in asked[1]
    assert "connected" in done[1]
    assert hook.wait(1)[0].json["status"] == "CREATION_SUCCESS"


def test_the_hosted_page_reconnects(desk: Desk, hook: Receiver) -> None:
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")
    wanted = {"type": "reconnect", "reconnect_account": desk.account, "providers": None}
    url = link(desk, notify_url=hook.url, **wanted).json["url"]
    other = submit(url, **OTHER)
    submit(url, username=ME, password="sandbox-pass")

    assert "Wrong account" in other[1]
    assert hook.wait(1)[0].json == {"status": "RECONNECTED", "account_id": desk.account, "name": None}
    assert desk.get("/users/me").status == 200


def test_who_gives_up_on_the_hosted_page_is_led_back(desk: Desk, hook: Receiver) -> None:
    back = "https://app.test/ko"
    url = link(desk, notify_url=hook.url, failure_redirect_url=back).json["url"]

    assert submit(url, cancel="true")[::2] == (303, back)
    assert (submit(url, **OTHER)[0], hook.told) == (410, [])


def test_a_link_dies_within_a_day_whatever_was_asked_for(desk: Desk) -> None:
    url = link(desk).json["url"]
    desk.admin.post("/clock", advance_s=25 * 3600)

    assert submit(url, **OTHER)[0] == 410


@pytest.mark.parametrize("more", [{"type": "other"}, {"expiresOn": "tomorrow"}, {"providers": []}])
def test_links_that_make_no_sense_are_refused(desk: Desk, more: dict[str, Any]) -> None:
    assert link(desk, **more).status == 400
