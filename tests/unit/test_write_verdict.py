"""What LinkedIn's answer to a write means: a yes by what it says, a no only where nothing was sent."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

import pytest

from overture.core.errors import Failure, NeedsHuman, NotPossible, Throttled, Transient, Uncertain
from overture.providers.linkedin_browser.desk import Desk, Standing
from overture.providers.linkedin_browser.fuse import Answer
from overture.providers.linkedin_browser.fuse_rules import WriteKind
from overture.providers.linkedin_browser.verdict import accepted_value

KINDS: tuple[WriteKind, ...] = (
    "invite",
    "accept",
    "withdraw",
    "message",
    "inmail",
    "reaction",
    "comment",
    "follow",
)
LOGIN_PAGE = "<!doctype html><title>LinkedIn Login</title><form></form>"
MADE = {"entityUrn": "urn:li:msg_message:1", "invitationUrn": "urn:li:fsd_invitation:1"}


@dataclass
class Clock:
    """A clock that stands still."""

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)


@dataclass
class Judge:
    """The part of a desk that judging takes: whether the session lives, and the time."""

    standing: Standing = field(default_factory=lambda: Standing(has_credentials=True))
    clock: Clock = field(default_factory=Clock)


def answer(
    body: object = "", status: int = 200, kind: str = "application/json", location: str = ""
) -> Answer:
    return Answer(status, kind, "", body if isinstance(body, str) else json.dumps(body), location)


def failure(kind: WriteKind, said: Answer, judge: Judge | None = None) -> Failure:
    with pytest.raises(Failure) as caught:
        accepted_value(cast(Desk, judge or Judge()), kind, said)
    return caught.value


def errors(status: int | None = None, **more: object) -> dict[str, object]:
    extensions = {} if status is None else {"extensions": {"status": status}}
    return {"errors": [{"message": "No", **extensions, **more}]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "said",
    [
        answer(LOGIN_PAGE, kind="text/html; charset=utf-8"),
        answer("", kind="text/html"),
        answer(LOGIN_PAGE),
        answer(LOGIN_PAGE, kind=""),
        answer("[]"),
        answer('"ok"'),
        answer("{", kind="application/vnd.linkedin.normalized+json+2.1"),
        answer(LOGIN_PAGE, kind="text/x-component"),
    ],
)
def test_a_page_where_json_is_expected_may_hide_a_sent_request(kind: WriteKind, said: Answer) -> None:
    assert isinstance(failure(kind, said), Uncertain)


def test_after_a_page_the_next_session_begins_anew() -> None:
    judge = Judge()
    failure("message", answer(LOGIN_PAGE, kind="text/html"), judge)
    assert judge.standing.is_dead


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("path", ["/login", "/uas/login", "/authwall"])
def test_who_is_sent_to_the_login_was_not_logged_in(kind: WriteKind, status: int, path: str) -> None:
    """The reference: not logged in; the write did not happen."""
    for location in (f"{path}?session_redirect=%2Ffeed%2F", f"https://www.linkedin.com{path}"):
        ended = failure(kind, answer(status=status, location=location))
        assert isinstance(ended, Transient)
        assert ended.code == "session_expired"


def test_who_is_sent_to_a_check_never_logs_in_again_by_itself() -> None:
    judge = Judge()
    asked = failure("invite", answer(status=302, location="/checkpoint/challenge/AQ1"), judge)

    assert isinstance(asked, NeedsHuman)
    assert asked.code == "challenge_required"
    assert judge.standing.waiting is not None
    assert judge.standing.waiting.address == "/checkpoint/challenge/AQ1"


@pytest.mark.parametrize("location", ["", "/feed/", "https://www.linkedin.com/in/somebody/", "/loginx"])
def test_sent_anywhere_else_it_is_anybodys_guess(location: str) -> None:
    assert isinstance(failure("message", answer(status=302, location=location)), Uncertain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["top", "data"])
def test_errors_inside_a_yes_are_a_no(kind: WriteKind, where: str) -> None:
    for body in (errors(422), errors(), {"data": None, **errors()}, {"data": {"data": None, **errors()}}):
        refusal = failure(kind, answer(body if where == "top" else {"data": body}))
        assert isinstance(refusal, NotPossible)
        assert refusal.code == ("not_persisted" if kind == "comment" else "rejected")


@pytest.mark.parametrize("kind", KINDS)
def test_errors_beside_what_was_made_are_anybodys_guess(kind: WriteKind) -> None:
    for body in (
        {"value": MADE, **errors()},
        {"data": {"value": MADE, **errors(400)}},
        {"data": {"data": {"createSocialDashReactions": MADE}, **errors()}},
    ):
        assert isinstance(failure(kind, answer(body)), Uncertain)


@pytest.mark.parametrize("status", [500, 503, 408])
def test_a_breakdown_told_inside_a_yes_is_still_a_breakdown(status: int) -> None:
    both = {"errors": [*errors(400)["errors"], *errors(status)["errors"]]}  # type: ignore[misc]
    for body in (errors(status), {"data": errors(status)}, both):
        assert isinstance(failure("message", answer(body)), Uncertain)


def test_a_known_refusal_inside_a_yes_keeps_its_name() -> None:
    limit = failure("invite", answer({"data": errors(429, code="FUSE_LIMIT_EXCEEDED")}))
    slower = failure("reaction", answer({"data": errors(429)}))
    quota = errors(extensions={"status": 400, "code": "PERSONALIZED_INVITATION_QUOTA_EXCEEDED"})

    assert isinstance(limit, Throttled)
    assert isinstance(slower, Throttled)
    assert (limit.code, slower.code) == ("weekly_limit", "rate_limited")
    assert failure("invite", answer(quota)).code == "note_quota"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [{"status": 400}, {"status": 500, "code": "X"}, {"data": {"code": "NO"}}])
def test_a_no_under_the_status_of_a_yes_is_no_success(kind: WriteKind, body: object) -> None:
    assert isinstance(failure(kind, answer(body)), Uncertain)


@pytest.mark.parametrize("kind", ["reaction", "comment", "follow", "accept", "withdraw"])
def test_a_write_that_names_itself_may_be_taken_without_a_word(kind: WriteKind) -> None:
    for said in (answer(status=201, kind=""), answer(status=204, kind=""), answer({})):
        assert accepted_value(cast(Desk, Judge()), kind, said) == {}


def test_what_was_made_is_told_by_both_shapes() -> None:
    for body in ({"value": MADE}, {"data": {"value": MADE}}):
        assert accepted_value(cast(Desk, Judge()), "message", answer(body)) == MADE
