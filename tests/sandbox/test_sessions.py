"""Logging in, the CSRF check, and what a dead session is told."""

from urllib.parse import urlencode

from visitor import ME, Visitor

from overture_sandbox.testing import SandboxServer

VISITOR_ID = "00000000-0000-4000-8000-000000000001"


def submit(sandbox: SandboxServer, password: str, csrf: str = VISITOR_ID) -> tuple[int, str, list[str]]:
    form = {"session_key": ME, "session_password": password, "loginCsrfParam": csrf}
    visitor = Visitor(sandbox, {"bcookie": f'"v=2&{VISITOR_ID}"'})
    answer = visitor.send("POST", "/checkpoint/lg/login-submit", urlencode(form).encode())
    return answer.status, answer.headers.get("location", ""), answer.cookies


def test_the_right_password_opens_a_session(sandbox: SandboxServer) -> None:
    status, location, cookies = submit(sandbox, "sandbox-pass")

    assert (status, location) == (303, "/feed/")
    names = {one.split("=", 1)[0]: one.split("=", 1)[1].split(";")[0] for one in cookies}
    assert names["JSESSIONID"].startswith('"ajax:')
    assert len(names["JSESSIONID"]) == len('"ajax:"') + 19
    visitor = Visitor(sandbox, {"li_at": names["li_at"], "JSESSIONID": names["JSESSIONID"]})
    assert visitor.get("/voyager/api/me").status == 200
    assert [one["kind"] for one in sandbox.admin.ledger()] == ["login"]


def test_a_wrong_password_is_on_record_and_gives_nothing(sandbox: SandboxServer) -> None:
    _, location, cookies = submit(sandbox, "guess")

    assert "errorKey=password" in location
    assert not [one for one in cookies if one.startswith("li_at")]
    [entry] = sandbox.admin.ledger()
    assert (entry["kind"], entry["account"]) == ("login_failed", ME)


def test_a_form_from_elsewhere_is_not_taken(sandbox: SandboxServer) -> None:
    _, location, _ = submit(sandbox, "sandbox-pass", csrf="something-else")

    assert "errorKey=csrf" in location
    assert sandbox.admin.ledger() == []


def test_a_missing_or_wrong_token_is_refused_everywhere(mira: Visitor) -> None:
    for token in ("", "ajax:1234567890123456789"):
        answer = mira.send("GET", "/voyager/api/me", csrf_token=token)
        assert (answer.status, answer.text) == (403, "CSRF check failed.")


def test_a_rotated_token_is_refused(mira: Visitor) -> None:
    mira.sandbox.admin.post("/sessions/rotate_csrf", account=ME)

    assert mira.get("/voyager/api/me").status == 403


def test_a_dead_session_gets_401(mira: Visitor) -> None:
    assert mira.sandbox.admin.post("/sessions/expire", account=ME) == {"expired": 1}

    assert mira.get("/voyager/api/me").status == 401
    assert mira.sandbox.admin.ledger(kind="session_expired")[0]["account"] == ME


def test_a_session_that_dies_with_a_request(mira: Visitor) -> None:
    mira.sandbox.admin.fault("expire_session", "invite", times=1)

    answer = mira.invite("prisca-hollowell-sbx")

    assert answer.status == 302
    assert answer.headers["location"].startswith("/uas/login")
    assert any(one.startswith("li_at=delete me") for one in answer.cookies)
    assert mira.get("/voyager/api/me").status == 401
    assert mira.sandbox.admin.ledger(kind="invite") == []
