"""Logging in at the sandbox: every way in, every check on the way, and that the password is given once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from linkedin_stage import USERNAME, Stage, as_dict

from overture.core.errors import Failure, NeedsHuman, Restricted, Throttled, Transient
from overture.providers.linkedin_browser.session import LinkedInSession
from overture.touchpoints import APPROVED, Enrich, LoggedIn, LogIn

pytestmark = pytest.mark.browser

PRISCA = "prisca-hollowell-sbx"
SUBMITS = ("login", "login_failed", "login_challenged")
CODES = {"email_pin": "pin", "sms_pin": "pin", "totp": "totp"}


def submits(stage: Stage) -> list[str]:
    """Every time the password was given, and what became of it."""
    return [entry["kind"] for entry in stage.admin.ledger() if entry["kind"] in SUBMITS]


def count(stage: Stage, kind: str) -> int:
    return len(stage.ledger(kind))


@asynccontextmanager
async def at_the_door(stage: Stage) -> AsyncIterator[LinkedInSession]:
    """A session still to be entered; what it leaves is remembered, as the runs layer does it."""
    async with stage.provider.open(stage.sender, stage.trace) as session:
        assert isinstance(session, LinkedInSession)
        try:
            yield session
        finally:
            left = await session.state()
            if left is not None:
                stage.remembers(left, stage.sender.secrets.session_version + 1)


async def refused(stage: Stage) -> Failure:
    """What entering ends with, when not well."""
    async with at_the_door(stage) as session:
        with pytest.raises(Failure) as caught:
            await session.enter()
    failure = caught.value
    assert isinstance(failure, Failure)
    return failure


async def logged_in(stage: Stage, answer: str | None = None) -> LoggedIn:
    """The outcome of a login, with an answer if there is one."""
    plain = stage.sender
    stage.sender = replace(plain, secrets=replace(plain.secrets, answer=answer))
    try:
        async with at_the_door(stage) as session:
            await session.enter()
            outcome = await session.read(LogIn())
    finally:
        stage.sender = replace(stage.sender, secrets=replace(stage.sender.secrets, answer=None))
    assert isinstance(outcome, LoggedIn)
    return outcome


def code_of(stage: Stage) -> str:
    """The code the site sent last."""
    return str(stage.admin.get("/checkpoints", account=USERNAME)[-1]["code"])


async def test_a_login_is_proved_by_who_the_site_says_it_is(on_both: Stage) -> None:
    first = await logged_in(on_both)
    again = await logged_in(on_both)

    assert (first.how, again.how) == ("login", "kept")
    assert first.public_identifier == "mira-oxbow-sbx"
    assert first.profile_id.startswith("ACoAA")
    assert submits(on_both) == ["login"]


async def test_a_wrong_password_is_given_once(on_both: Stage) -> None:
    on_both.look(password="another one")

    failure = await refused(on_both)

    assert isinstance(failure, NeedsHuman)
    assert (failure.code, failure.kind) == ("account_needs_login", "login")
    assert submits(on_both) == ["login_failed"]


@pytest.mark.parametrize("kind", sorted(CODES))
async def test_a_code_that_was_asked_for_is_entered_where_it_was_asked(on_both: Stage, kind: str) -> None:
    on_both.look(checkpoint=kind)
    failure = await refused(on_both)
    assert isinstance(failure, NeedsHuman)
    assert (failure.code, failure.kind) == ("challenge_required", CODES[kind])
    assert ("m•••@sandbox.test" in str(failure.facts["asked"])) == (kind == "email_pin")
    assert failure.facts["path"] == "/checkpoint/challenge"

    outcome = await logged_in(on_both, code_of(on_both))

    assert outcome.how == "answered"
    assert submits(on_both) == ["login_challenged"]
    assert (count(on_both, "challenge_passed"), count(on_both, "challenge_failed")) == (1, 0)
    assert (await logged_in(on_both)).how in ("kept", "stored")


async def test_another_browser_goes_on_with_what_was_remembered(on_both: Stage) -> None:
    on_both.look(checkpoint="email_pin")
    await refused(on_both)
    state = on_both.sender.secrets.session
    assert state is not None
    assert as_dict(state)["waiting"]["kind"] == "pin"

    on_both.sender = replace(
        on_both.sender, account_id=Stage(on_both.sandbox, on_both.provider).sender.account_id
    )
    assert (await logged_in(on_both, code_of(on_both))).how == "answered"
    left = on_both.sender.secrets.session
    assert left is not None
    assert "waiting" not in as_dict(left)


async def test_a_wrong_code_is_tried_once_and_asked_for_again(on_both: Stage) -> None:
    on_both.look(checkpoint="email_pin")
    await refused(on_both)
    with pytest.raises(NeedsHuman) as caught:
        await logged_in(on_both, "000000" if code_of(on_both) != "000000" else "111111")

    assert caught.value.kind == "pin"
    assert "right code" in str(caught.value.facts["said"])
    assert count(on_both, "challenge_failed") == 1
    assert (await logged_in(on_both, code_of(on_both))).how == "answered"
    assert submits(on_both) == ["login_challenged"]


async def test_a_check_that_takes_no_more_answers_is_over(on_both: Stage) -> None:
    on_both.look(checkpoint="email_pin")
    await refused(on_both)
    wrong = "000000" if code_of(on_both) != "000000" else "111111"
    for _ in range(3):
        with pytest.raises(NeedsHuman) as caught:
            await logged_in(on_both, wrong)

    assert caught.value.facts["is_final"] is True
    assert submits(on_both) == ["login_challenged"]


async def test_without_an_answer_nothing_is_given_to_the_check(on_both: Stage) -> None:
    on_both.look(checkpoint="totp")
    await refused(on_both)

    again = await refused(on_both)

    assert isinstance(again, NeedsHuman)
    assert again.kind == "totp"
    assert submits(on_both) == ["login_challenged"]
    assert count(on_both, "challenge_failed") == 0


async def test_a_check_that_ran_out_never_leads_to_the_password_by_itself(on_both: Stage) -> None:
    on_both.look(checkpoint="email_pin")
    await refused(on_both)
    on_both.admin.post("/checkpoints/expire", account=USERNAME)

    with pytest.raises(NeedsHuman) as caught:
        await logged_in(on_both, "123456")

    assert caught.value.code == "account_needs_login"
    assert submits(on_both) == ["login_challenged"]
    on_both.look(checkpoint=None)
    assert (await logged_in(on_both)).how == "login"  # a person let it begin again


async def test_a_yes_on_the_phone_lets_the_waiting_page_in(on_both: Stage) -> None:
    on_both.look(checkpoint="app_approval")
    failure = await refused(on_both)
    assert isinstance(failure, NeedsHuman)
    assert failure.kind == "app_approval"
    on_both.admin.post("/checkpoints/approve", account=USERNAME)

    assert (await logged_in(on_both, APPROVED)).how == "answered"
    assert submits(on_both) == ["login_challenged"]


@pytest.mark.parametrize(("kind", "told"), [("captcha", "captcha"), ("other", "challenge")])
async def test_what_only_a_person_can_do_is_left_alone(on_both: Stage, kind: str, told: str) -> None:
    on_both.look(checkpoint=kind)
    failure = await refused(on_both)
    assert isinstance(failure, NeedsHuman)
    assert (failure.code, failure.kind) == ("challenge_required", told)

    with pytest.raises(NeedsHuman):
        await logged_in(on_both, "123456")
    assert count(on_both, "challenge_failed") == 0


@pytest.mark.parametrize("returning", ["form", "hidden_email", "chooser", "chooser_password"])
async def test_a_browser_that_was_here_before_is_greeted_and_let_in(on_both: Stage, returning: str) -> None:
    await logged_in(on_both)
    on_both.look(returning=returning, cookie_banner=returning != "chooser", locale="de_DE")
    on_both.admin.post("/sessions/expire", account=USERNAME)

    assert (await logged_in(on_both)).how == "login"
    assert on_both.trace.all("remembered_account") == ([{}] if "chooser" in returning else [])
    assert len(on_both.trace.all("cookies_denied")) == (0 if returning == "chooser" else 1)
    assert submits(on_both) == (["login"] if returning == "chooser" else ["login", "login"])


async def test_agreeing_to_comply_is_the_last_thing_before_the_site(on_both: Stage) -> None:
    on_both.look(agree_to_comply=True)

    assert (await logged_in(on_both)).how == "login"
    await on_both.read(Enrich(public_identifier=PRISCA))
    assert on_both.trace.all("agreed_to_comply") == [{}]


@pytest.mark.parametrize(
    ("trouble", "kind", "code"),
    [
        ("restricted", Restricted, "blocked_by_provider"),
        ("unusual_activity", Restricted, "blocked_by_provider"),
        ("bot_wall", Restricted, "bot_wall"),
        ("empty_shell", Restricted, "bot_wall"),
        ("api_401", Transient, "session_suspect"),
        ("rate_limited", Throttled, "rate_limited"),
    ],
)
async def test_trouble_with_the_whole_account_is_told_apart(
    on_both: Stage, trouble: str, kind: type[Failure], code: str
) -> None:
    await logged_in(on_both)
    on_both.look(trouble=trouble)

    failure = await refused(on_both)

    assert (type(failure), failure.code) == (kind, code)
    assert submits(on_both) == ["login"]
    if isinstance(failure, Throttled):
        assert failure.facts["scope"] == "account"
    on_both.look(trouble="none")


async def test_an_empty_feed_is_no_proof_of_anything(on_both: Stage) -> None:
    empty = "<!DOCTYPE html><html lang=en><head><title></title></head><body></body></html>"
    await logged_in(on_both)
    on_both.remembers(on_both.sender.secrets.session or b"", 99)  # as another worker would begin
    on_both.sender = replace(
        on_both.sender, account_id=Stage(on_both.sandbox, on_both.provider).sender.account_id
    )
    on_both.admin.fault("status", "page:feed", status=200, body=empty, headers={"content-type": "text/html"})

    failure = await refused(on_both)

    assert (type(failure), failure.code) == (Transient, "session_suspect")
    assert submits(on_both) == ["login"]


async def test_a_dead_session_that_leads_in_circles_ends_at_the_form(on_both: Stage) -> None:
    await logged_in(on_both)
    on_both.look(dead_session="loop")
    on_both.admin.post("/sessions/expire", account=USERNAME)

    assert (await logged_in(on_both)).how == "login"
    assert submits(on_both) == ["login", "login"]


async def test_a_token_that_is_rotated_under_way_is_renewed_in_silence(on_both: Stage) -> None:
    async with at_the_door(on_both) as session:
        await session.enter()
        on_both.admin.post("/sessions/rotate_csrf", account=USERNAME)
        outcome = await session.read(LogIn())

    assert isinstance(outcome, LoggedIn)
    assert submits(on_both) == ["login"]


async def test_a_rotated_token_is_read_anew_with_a_page(on_both: Stage) -> None:
    await logged_in(on_both)
    on_both.admin.post("/sessions/rotate_csrf", account=USERNAME)

    await on_both.read(Enrich(public_identifier=PRISCA))
    assert submits(on_both) == ["login"]
