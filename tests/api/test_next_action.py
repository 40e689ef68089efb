"""The next action works as printed: where a stop file lies, whom an answer still helps, a whole request."""

from uuid import UUID

from test_system import a_switch, an_account, facts, stands

from overture.entrypoints.api.account_standing import State


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
