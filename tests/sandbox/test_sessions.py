"""Logging in, the CSRF check, and what a dead session is told."""

from urllib.parse import urlencode

import pytest
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


def signed_in(sandbox: SandboxServer, **look: object) -> tuple[Visitor, str]:
    """Mira's password given by a browser of its own, for an account the site treats like this."""
    sandbox.admin.patch(f"/logins/{ME}", look)
    visitor = Visitor(sandbox, {"bcookie": f'"v=2&{VISITOR_ID}"'})
    form = {"session_key": ME, "session_password": "sandbox-pass", "loginCsrfParam": VISITOR_ID}
    answer = visitor.send("POST", "/checkpoint/lg/login-submit", urlencode(form).encode())
    visitor.cookies |= dict(one.split(";", 1)[0].split("=", 1) for one in answer.cookies)
    return visitor, answer.headers["location"]


def enter(visitor: Visitor, path: str, code: str) -> str:
    """Where a code leads."""
    form = {"challengeId": path.partition("?")[0].rpartition("/")[2], "pin": code}
    answer = visitor.send("POST", "/checkpoint/challenge/verify", urlencode(form).encode())
    visitor.cookies |= dict(one.split(";", 1)[0].split("=", 1) for one in answer.cookies)
    return answer.headers["location"]


def kinds(sandbox: SandboxServer) -> list[str]:
    return [str(one["kind"]) for one in sandbox.admin.ledger()]


@pytest.mark.parametrize("kind", ["email_pin", "sms_pin", "totp"])
def test_a_right_password_leads_to_a_check_and_its_code_lets_in(sandbox: SandboxServer, kind: str) -> None:
    visitor, path = signed_in(sandbox, checkpoint=kind)
    assert path.startswith("/checkpoint/challenge/")
    assert 'name="pin"' in visitor.get(path).text
    [asked] = sandbox.admin.get("/checkpoints", account=ME)

    assert enter(visitor, path, asked["code"]) == "/feed/"
    assert visitor.get("/feed/").status == 200
    assert kinds(sandbox) == ["login_challenged", "challenge_passed"]


def test_three_wrong_codes_end_a_check(sandbox: SandboxServer) -> None:
    visitor, path = signed_in(sandbox, checkpoint="email_pin")
    places = [enter(visitor, path, "wrong") for _ in range(3)]

    assert ["errorKey=wrong_pin" in place for place in places] == [True, True, False]
    assert "errorKey=challenge_global_internal_error" in places[-1]
    assert kinds(sandbox) == ["login_challenged", *["challenge_failed"] * 3]
    assert enter(visitor, path, sandbox.admin.get("/checkpoints")[0]["code"]) == "/uas/login"


def test_a_check_belongs_to_the_browser_it_was_put_to(sandbox: SandboxServer) -> None:
    visitor, path = signed_in(sandbox, checkpoint="email_pin")
    del visitor.cookies["chp_token"]

    assert visitor.get(path).headers["location"] == "/uas/login"


def test_a_yes_on_the_phone_is_seen_by_the_page_that_waits(sandbox: SandboxServer) -> None:
    visitor, path = signed_in(sandbox, checkpoint="app_approval")
    token = path.partition("?")[0].rpartition("/")[2]
    before = visitor.get("/checkpoint/challenge/poll", challengeId=token).json

    sandbox.admin.post("/checkpoints/approve", account=ME)

    assert (before, visitor.get("/checkpoint/challenge/poll", challengeId=token).json) == (
        {"approved": False},
        {"approved": True},
    )
    form = urlencode({"challengeId": token}).encode()
    assert visitor.send("POST", "/checkpoint/challenge/approved", form).headers["location"] == "/feed/"


@pytest.mark.parametrize(
    ("trouble", "page", "api"),
    [
        ("restricted", 302, 302),
        ("unusual_activity", 200, 302),
        ("bot_wall", 999, 999),
        ("empty_shell", 200, 200),
        ("rate_limited", 429, 429),
        ("api_401", 200, 401),
    ],
)
def test_an_account_in_trouble_sees_it_everywhere(mira: Visitor, trouble: str, page: int, api: int) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", {"trouble": trouble})

    shown, read = mira.get("/feed/"), mira.get("/voyager/api/me")

    assert (shown.status, read.status) == (page, api)
    if trouble == "rate_limited":
        assert (shown.headers["retry-after"], read.headers["retry-after"]) == ("600", "600")
    assert ("primary-nav" in shown.text) == (trouble == "api_401")


def test_some_dead_sessions_lead_in_circles(mira: Visitor) -> None:
    mira.sandbox.admin.patch(f"/logins/{ME}", {"dead_session": "loop"})
    mira.sandbox.admin.post("/sessions/expire", account=ME)

    assert mira.get("/feed/").headers["location"].endswith("/feed/")
    del mira.cookies["li_at"]
    assert mira.get("/feed/").headers["location"].startswith("/uas/login")


def test_who_has_to_agree_sees_nothing_else_until_then(sandbox: SandboxServer) -> None:
    visitor, _ = signed_in(sandbox, agree_to_comply=True)
    assert "content__button--primary--muted" in visitor.get("/feed/").text

    visitor.send("POST", "/legal/agree-to-comply", urlencode({"back": "/feed/"}).encode())

    assert "content__button--primary--muted" not in visitor.get("/feed/").text


@pytest.mark.parametrize("variant", ["A", "B"])
def test_a_browser_that_was_here_is_greeted_as_its_account_is(sandbox: SandboxServer, variant: str) -> None:
    visitor, _ = signed_in(sandbox, variant=variant, locale="de_DE", cookie_banner=True)
    sandbox.admin.post("/sessions/expire", account=ME)
    del visitor.cookies["li_at"]

    form = visitor.get("/login").text
    assert ('id="username"' in form) == (variant == "A")
    assert "Ablehnen" in form
    sandbox.admin.patch(f"/logins/{ME}", {"returning": "hidden_email"})
    assert f'type="hidden" name="session_key" value="{ME}"' in visitor.get("/login").text
    sandbox.admin.patch(f"/logins/{ME}", {"returning": "chooser"})
    assert 'id="rememberme-div"' in visitor.get("/login").text
    again = visitor.send("POST", "/checkpoint/lg/rememberme-login", b"session_redirect=%2Ffeed%2F")
    assert again.headers["location"] == "/feed/"
    assert kinds(sandbox)[-1] == "login_remembered"
