"""The demo's judgement finds every kind of lie: it must not agree with a report that is not so."""

from dataclasses import replace
from typing import Any

import pytest

from overture.entrypoints.demo.lineup import username
from overture.entrypoints.demo.people import REPLIES, SILENT, Manner, Person, read_people
from overture.entrypoints.demo.verdict import Reported, Stage, Verdict, judge
from overture.entrypoints.demo.world import SAYS

ADA, BALINT = read_people()[:2]
NOTE, HELLO, AGAIN = "May I ask you one thing?", "Hello Ada", "Hello again, Ada"
Json = dict[str, Any]


def entry(kind: str, text: str | None = None, person: Person = ADA, handle: str = "anna") -> Json:
    """A ledger entry: ours towards them, or theirs towards us."""
    ours, theirs = username(handle), person.slug
    is_ours = kind in ("invite", "message")
    account, actor, target = (ours, "anna-sender", theirs) if is_ours else (theirs, theirs, "anna-sender")
    return {"kind": kind, "account": account, "actor": actor, "target": target, "text": text}


INVITE, ACCEPT, MESSAGE = entry("invite", NOTE), entry("accept"), entry("message", HELLO)
REPLY, DECLINE = entry("reply", SAYS["reply"]), entry("decline")
ALL_WELL = [INVITE, ACCEPT, MESSAGE, REPLY]


def run(kind: str = "connect", text: str = NOTE, **changes: Any) -> Json:
    words = {"connect": "note", "message": "message"}[kind]
    given = {"public_identifier": ADA.slug, words: text}
    told = {"handle": "anna", "status": "completed", "effect": "confirmed"}
    return {"touchpoint_type": kind, "touchpoint_input": given, **told, **changes}


BOTH = [run(), run("message", HELLO)]


def kept(ledger: list[Json]) -> list[Json]:
    """The inbox that holds what was said."""
    whose = {"message": "own", "reply": "theirs"}
    said = [one for one in ledger if one["kind"] in whose and ADA.slug in (one["actor"], one["target"])]
    return [{"direction": whose[one["kind"]], "text": one["text"], "kind": "own"} for one in said]


def verdict(
    ledger: list[Json],
    runs: list[Json],
    reason: str = "replied",
    inbox: list[Json] | None = None,
    **funnel: int,
) -> Verdict:
    """The verdict on a world with Ada alone."""
    counts = {"enrolled": 1, "invited": 1, "accepted": 1, "messaged": 1, "completed": 0}
    counts |= {"replied": 1, "opted_out": 0, "declined": 0} | funnel
    state = "active" if reason == "waiting_accept" else "replied"
    enrollment = {"name": ADA.name, "handle": "anna", "state": state, "reason": reason, "lead_id": "lead_1"}
    manners: dict[str, Manner] = {ADA.slug: REPLIES, BALINT.slug: SILENT}
    messages = {"lead_1": kept(ledger) if inbox is None else inbox}
    told = Reported({"funnel": counts}, {ADA.name: enrollment}, runs, {"anna": "unipile"}, messages)
    return judge([ADA], manners, told, ledger)


def wrongs(found: Verdict) -> tuple[str, ...]:
    [line] = found.lines
    return line.wrongs


def test_what_is_so_agrees() -> None:
    found = verdict(ALL_WELL, BOTH)
    assert (wrongs(found), found.unexplained) == ((), [])
    assert found.agrees


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param([ACCEPT, MESSAGE, REPLY], id="no invitation"),
        pytest.param([entry("invite", NOTE + " "), ACCEPT, MESSAGE, REPLY], id="other words"),
        pytest.param([entry("invite"), ACCEPT, MESSAGE, REPLY], id="no words"),
        pytest.param([entry("invite", NOTE, handle="ben"), ACCEPT, MESSAGE, REPLY], id="another account"),
        pytest.param([INVITE, ACCEPT, MESSAGE, MESSAGE, REPLY], id="more messages"),
    ],
)
def test_a_report_that_is_not_so_disagrees(ledger: list[Json]) -> None:
    found = verdict(ledger, BOTH)
    assert "reported and sent differ" in wrongs(found)
    assert not found.agrees


def test_somebody_else_was_written_to() -> None:
    found = verdict([*ALL_WELL, entry("message", HELLO, BALINT)], BOTH)
    assert [one["target"] for one in found.unexplained] == [BALINT.slug]
    assert not found.agrees


def test_a_failure_that_sent_something_disagrees() -> None:
    failed = run(status="failed", effect="none")
    assert "reported and sent differ" in wrongs(verdict(ALL_WELL, [failed, BOTH[1]]))


def test_a_run_that_is_not_over_disagrees() -> None:
    held = run("message", AGAIN, status="held", effect="unknown")
    assert wrongs(verdict(ALL_WELL, [*BOTH, held])) == ("a run is not over",)


@pytest.mark.parametrize(
    ("ledger", "reason"),
    [
        pytest.param([INVITE, ACCEPT, REPLY, MESSAGE], "replied", id="answer"),
        pytest.param([INVITE, DECLINE, MESSAGE], "waiting_accept", id="no to the invitation"),
    ],
)
def test_a_word_after_an_answer_disagrees(ledger: list[Json], reason: str) -> None:
    """Even when it was reported as truly as can be."""
    assert wrongs(verdict(ledger, BOTH, reason)) == ("contacted after an answer",)


def test_two_invitations_and_the_same_text_twice_disagree() -> None:
    twice = [INVITE, INVITE, ACCEPT, MESSAGE, MESSAGE, REPLY]
    found = verdict(twice, [*BOTH, *BOTH])
    assert wrongs(found) == ("invited twice", "the same text twice")


@pytest.mark.parametrize("reason", ["declined", "opted_out", "completed"])
def test_an_ending_that_is_not_theirs_disagrees(reason: str) -> None:
    assert wrongs(verdict(ALL_WELL, BOTH, reason)) == ("the reported ending is not theirs",)


def test_an_answer_nobody_gave_disagrees() -> None:
    found = verdict([INVITE, ACCEPT, MESSAGE], BOTH, replied=0)
    assert wrongs(found) == ("the reported ending is not theirs",)


@pytest.mark.parametrize(
    "inbox",
    [
        pytest.param([], id="nothing"),
        pytest.param(kept([MESSAGE]), id="no reply"),
        pytest.param(kept([MESSAGE, REPLY, REPLY]), id="the reply twice"),
        pytest.param(
            [{**one, "direction": "own"} for one in kept([MESSAGE, REPLY])], id="their reply as ours"
        ),
        pytest.param(kept([MESSAGE, entry("reply", "Something else")]), id="other words"),
    ],
)
def test_an_inbox_that_is_not_so_disagrees(inbox: list[Json]) -> None:
    found = verdict(ALL_WELL, BOTH, inbox=inbox)
    assert wrongs(found) == ("the inbox says something else",)
    assert not found.agrees


def test_the_note_of_an_invitation_is_no_message() -> None:
    note = {"direction": "own", "text": NOTE, "kind": "note"}
    assert verdict(ALL_WELL, BOTH, inbox=[note, *kept(ALL_WELL)]).agrees


def test_each_provider_is_told_of_by_the_ledger() -> None:
    assert verdict(ALL_WELL, BOTH).shares == {"unipile": {"people": 1, "invites": 1, "messages": 1}}


@pytest.mark.parametrize("stage", ["invited", "accepted", "messaged", "replied", "opted_out", "declined"])
def test_a_funnel_that_counts_wrong_disagrees(stage: str) -> None:
    found = verdict(ALL_WELL, BOTH, "replied", None, **{stage: 7})
    assert wrongs(found) == ()
    assert not found.agrees
    assert replace(found, funnel=[one for one in found.funnel if one.told != 7]).agrees


def test_what_the_world_cannot_know_is_not_judged() -> None:
    assert Stage("came to the end without an answer", 3, None).agrees
