"""The next action works as printed: where a stop file lies, whom an answer still helps, a whole request."""

from uuid import UUID

import pytest
from test_system import a_switch, an_account, facts, stands

from overture.entrypoints.api.account_standing import NextAction, Standing, what_next
from overture.entrypoints.api.account_states import State


def test_a_stop_file_is_removed_where_it_lies() -> None:
    here = stands(facts(stop_file="the file is there", stop_path="/a folder/STOP"))
    elsewhere = stands(facts(switch=a_switch("file", "other:/data/STOP")))

    assert (here.next_action.cli, here.next_action.path) == ("rm '/a folder/STOP'", None)
    assert "other:/data/STOP" in str(elsewhere.what_is_wrong)
    assert (elsewhere.next_action.cli, elsewhere.next_action.path) == (None, None)


def test_a_check_that_takes_no_answer_more_asks_for_ones_own_session() -> None:
    waiting = an_account("needs_attention", "pin")
    states = {asked: stands(facts(account=waiting, challenge=asked)).state for asked in ("open", "refused")}

    assert states == {"open": State.NEEDS_PIN, "refused": State.NEEDS_CHALLENGE}


def test_the_request_that_turns_a_switch_off_is_told_whole() -> None:
    found = stands(facts(switch=a_switch("account", str(UUID(int=1))))).next_action

    assert found.body == {"scope": "account", "handle": "ada", "on": False}


UNIPILE = "/api/v1/accounts/unipile"


def at_unipile(reason: str, challenge: str | None = "open") -> Standing:
    """An account whose sign-in Unipile keeps, which needs a person."""
    waiting = an_account("needs_attention", reason)
    return stands(facts(account=waiting, challenge=challenge, signs_in_elsewhere=True))


@pytest.mark.parametrize(
    ("reason", "state", "given"),
    [
        ("pin", State.NEEDS_PIN, {"code": "CODE"}),
        ("totp", State.NEEDS_TOTP, {"code": "CODE"}),
        ("app_approval", State.NEEDS_APP_APPROVAL, {"approved": True}),
        ("contract_chooser", State.NEEDS_CHALLENGE, {"code": "CODE"}),
    ],
)
def test_a_check_at_unipile_is_answered_there(reason: str, state: State, given: dict[str, object]) -> None:
    """No command and no run of ours could carry the answer."""
    found = at_unipile(reason)

    assert found.state is state
    assert (found.next_action.method, found.next_action.path) == ("POST", f"{UNIPILE}/checkpoint")
    assert (found.next_action.cli, found.next_action.body) == (None, {"handle": "ada", **given})
    assert "five minutes" in found.next_action.text


@pytest.mark.parametrize(
    ("reason", "challenge"), [("captcha", "open"), ("pin", "expired"), ("login", None), ("challenge", None)]
)
def test_what_nobody_can_answer_at_unipile_is_signed_in_by_a_link(reason: str, challenge: str | None) -> None:
    """There are no cookies of ours to import."""
    found = at_unipile(reason, challenge)

    assert found.state is State.NOT_SIGNED_IN
    assert by_request(found.next_action) == (f"{UNIPILE}/connect-link", {"handle": "ada"})


@pytest.mark.parametrize(
    ("word", "route"),
    [
        ("credentials", "connect-link"),
        ("permissions", "connect-link"),
        ("deleted", "connect-link"),
        ("stopped", "restart"),
        ("error", "restart"),
    ],
)
def test_what_unipile_reports_is_mended_there(word: str, route: str) -> None:
    found = at_unipile(f"reported_{word}", None)

    assert found.state is State.NEEDS_RECONNECT
    assert by_request(found.next_action) == (f"{UNIPILE}/{route}", {"handle": "ada"})


def test_a_run_that_waits_for_such_an_account_says_the_same() -> None:
    account = an_account("needs_attention", "captcha")
    account.provider = "unipile"

    assert what_next(account) == at_unipile("captcha").next_action.text


def by_request(action: NextAction) -> tuple[str | None, object]:
    """Where it is sent, and what."""
    assert (action.method, action.cli) == ("POST", None)
    return action.path, action.body
