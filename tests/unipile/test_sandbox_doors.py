"""Who is let in, what is answered at the door, and what the operator can read afterwards."""

import json
import subprocess
import sys
from urllib.request import Request, urlopen

import pytest
from unipile_desk import FRIEND, STRANGER, Desk


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect()


@pytest.mark.parametrize("key", [None, "wrong"])
def test_without_the_key_nobody_gets_in(desk: Desk, key: str | None) -> None:
    desk.key = key

    answer = desk.get("/users/me")

    assert answer.status == 401
    assert answer.json == {
        "status": 401,
        "type": "errors/missing_credentials",
        "title": "Missing credentials",
    }


def test_an_unknown_account_is_not_found(desk: Desk) -> None:
    answer = desk.get("/users/me", account_id="nobody")

    assert answer.status == 404
    assert answer.json["detail"] == "The requested resource were not found.\nAccount not found"


def test_stored_lists_of_an_unknown_account_are_empty(desk: Desk) -> None:
    desk.write(FRIEND, "Hello")

    answers = [desk.get(path, account_id="nobody") for path in ("/chats", "/messages", "/chat_attendees")]

    assert [(one.status, one.json["items"], one.json["cursor"]) for one in answers] == [(200, [], None)] * 3


def test_live_routes_want_an_account(desk: Desk) -> None:
    answer = desk.send("GET", "/users/me")

    assert (answer.status, answer.kind) == (400, "missing_parameters")


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        ("CREDENTIALS", 401, "disconnected_account"),
        ("STOPPED", 503, "no_client_session"),
        ("CONNECTING", 503, "no_client_session"),
        ("PERMISSIONS", 403, "insufficient_permissions"),
    ],
)
def test_an_account_that_is_not_connected_can_only_be_read_from_the_store(
    desk: Desk, status: str, code: int, kind: str
) -> None:
    chat = desk.write(FRIEND, "Hello").json["chat_id"]
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status=status)

    live = [desk.get("/users/me"), desk.invite(STRANGER), desk.post(f"/chats/{chat}/messages", text="More")]
    stored = [desk.get("/chats"), desk.get(f"/chats/{chat}/messages")]

    assert [(one.status, one.kind) for one in live] == [(code, kind)] * 3
    assert [len(one.json["items"]) for one in stored] == [1, 1]
    assert desk.kinds() == ["message"]


def test_a_disconnected_account_says_so_in_the_words_of_the_service(desk: Desk) -> None:
    desk.admin.post(f"/unipile/accounts/{desk.account}/status", status="CREDENTIALS")

    assert desk.get("/users/me").json == {
        "status": 401,
        "type": "errors/disconnected_account",
        "title": "Disconnected account",
        "detail": "The account appears to be disconnected from the provider service.",
    }
    assert desk.get(f"/accounts/{desk.account}").json["sources"][0]["status"] == "CREDENTIALS"


def test_a_session_that_ends_on_the_site_disconnects_the_account(desk: Desk) -> None:
    desk.admin.post("/sessions/expire", account="mira@sandbox.test")

    assert desk.get("/users/me").kind == "disconnected_account"


def test_a_restricted_account_is_told_so(desk: Desk) -> None:
    desk.admin.patch("/logins/mira@sandbox.test", trouble="restricted")

    assert (desk.invite(STRANGER).status, desk.invite(STRANGER).kind) == (403, "account_restricted")


@pytest.mark.parametrize("limit", ["0", "-1", "251", "ten"])
def test_a_bad_limit_is_refused(desk: Desk, limit: str) -> None:
    answer = desk.get("/chats", limit=limit)

    assert (answer.status, answer.kind) == (400, "invalid_parameters")


@pytest.mark.parametrize("cursor", ["no-base64!", "bm90aGluZw==", "W10=", "eyJsaW1pdCI6MTB9"])
def test_a_bad_cursor_is_refused(desk: Desk, cursor: str) -> None:
    assert desk.get("/users/relations", cursor=cursor).kind == "invalid_parameters"


def test_a_body_that_is_no_json_is_refused(desk: Desk) -> None:
    answer = desk.send("POST", "/users/invite", b"{", "application/json")

    assert (answer.status, answer.kind) == (400, "malformed_request")


def test_a_slash_at_the_end_changes_nothing_unless_it_is_switched_on(desk: Desk) -> None:
    plain = desk.get("/users/me/").status
    desk.settings(redirects_slashes=True)
    redirected = desk.get("/users/me/")

    assert (plain, redirected.status) == (200, 301)
    assert "/api/v1/users/me?" in redirected.headers["location"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/users/invitations"), ("POST", "/accounts/linkedin"), ("PATCH", "/accounts"), ("GET", "/")],
)
def test_routes_that_were_only_ever_imagined_do_not_exist(desk: Desk, method: str, path: str) -> None:
    answer = desk.send(method, path, account_id=desk.account)

    assert (answer.status, answer.kind) == (404, "resource_not_found")


def test_the_journal_keeps_every_request_with_its_fields_but_no_secret(desk: Desk) -> None:
    desk.form("/chats", ("account_id", desk.account), ("attendees_ids", desk.id_of(FRIEND)), ("text", "Hi"))
    desk.post("/accounts", provider="LINKEDIN", username="mira@sandbox.test", password="sandbox-pass")

    started, connect = desk.admin.get("/unipile/journal")

    assert (started["endpoint"], started["status"], started["form"]["text"]) == ("chat.start", 201, "Hi")
    assert started["account_id"] == desk.account
    assert connect["form"]["password"] == "***"


def test_the_command_serves_it_with_the_key_it_is_given() -> None:
    command = [sys.executable, "-m", "overture_sandbox", "--unipile-key", "mine"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["url"]
        with urlopen(
            Request(f"{address}/api/v1/accounts", headers={"X-API-KEY": "mine"}), timeout=20
        ) as answer:
            listed = json.loads(answer.read())
        process.terminate()

    assert listed == {"object": "AccountList", "items": [], "cursor": None}


def test_beginning_again_forgets_accounts_webhooks_and_settings(desk: Desk) -> None:
    desk.settings(null_ids=True)
    desk.post("/webhooks", source="users", request_url="http://127.0.0.1:9/")
    desk.sandbox.reset()

    shown = desk.admin.get("/unipile")

    assert (shown["accounts"], shown["webhooks"], shown["settings"]["null_ids"]) == ([], [], False)
