"""The demo's judgement finds every kind of lie: it must not agree with a report that is not so."""

from typing import Any

import pytest

from overture.entrypoints.demo.people import Person, read_people
from overture.entrypoints.demo.verdict import Seen
from overture.entrypoints.demo.world import member_of, username

ADA = read_people()[0]
Json = dict[str, Any]


def entry(kind: str = "invite", text: str | None = ADA.note, person: Person = ADA) -> Json:
    return {"kind": kind, "account": username(ADA.account), "target": person.slug, "text": text}


def run(kind: str = "connect", **changes: Any) -> Json:
    given = {"url": ADA.profile_url, "note": ADA.note}
    told = {"status": "completed", "effect": "confirmed", "error_code": None, "attempts_made": 1, "epoch": 1}
    return {
        "touchpoint_type": kind,
        "touchpoint_input": given,
        "result": {"state": "pending"},
        **told,
        **changes,
    }


def agrees(told: Json, *ledger: Json, state: str = "pending") -> bool:
    member = {**member_of(ADA), "relationships": {username(ADA.account): {"state": state}}}
    return Seen(ADA, member, ledger, [one for one in ledger if one["kind"] == "visit"]).line(told).agrees


def test_a_confirmed_invitation_that_is_there_agrees() -> None:
    assert agrees(run(), entry())


@pytest.mark.parametrize(
    "ledger",
    [
        pytest.param([], id="none"),
        pytest.param([entry(), entry()], id="twice"),
        pytest.param([entry(text=ADA.note + " ")], id="other words"),
        pytest.param([entry(text=None)], id="no words"),
        pytest.param([entry(person=read_people()[1])], id="somebody else"),
        pytest.param([entry(kind="message")], id="another kind"),
    ],
)
def test_a_confirmed_invitation_that_is_not_so_disagrees(ledger: list[Json]) -> None:
    assert not agrees(run(), *ledger)


def test_a_failure_that_sent_something_disagrees() -> None:
    told = run(status="failed", effect="none", error_code="not_connectable", result=None)
    assert agrees(told)
    assert not agrees(told, entry())


def test_a_run_that_is_not_over_disagrees() -> None:
    assert not agrees(run(status="held", effect="unknown", result=None))


def test_a_noop_must_be_so() -> None:
    told = run(effect="none", result={"state": "connected", "noop": True})
    assert agrees(told, state="connected")
    assert not agrees(told, state="none")


def test_a_visit_is_there_exactly_once() -> None:
    told = run("visit", result={})
    visit = entry(kind="visit", text=None)
    assert agrees(told, visit)
    assert not agrees(told)
    assert not agrees(told, visit, visit)


def test_a_profile_read_wrong_disagrees() -> None:
    right = {"first_name": ADA.first_name, "last_name": ADA.last_name, "headline": ADA.headline}
    assert agrees(run("enrich", effect="none", result={"profile": right}))
    assert not agrees(run("enrich", effect="none", result={"profile": {**right, "last_name": "Lovelace"}}))
