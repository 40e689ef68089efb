"""Conditions: as they are written, and whether they hold."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from overture.campaigns.conditions import Condition, Seen, holds
from overture.campaigns.facts import Facts, RelationshipFact, TouchFact
from overture.campaigns.sequence_channels import Channel

T0 = datetime(2026, 3, 2, 9, tzinfo=UTC)
CHANNELS: dict[str, tuple[Channel, ...]] = {"mail": ("email",), "both": ("email", "linkedin"), "wait": ()}
READ: TypeAdapter[Condition] = TypeAdapter(Condition)


def is_so(condition: object, **changes: Any) -> bool:
    facts = Facts(**{"enrolled_at": T0, "keys": frozenset({"email", "linkedin"}), **changes})
    return holds(READ.validate_python(condition), Seen(facts, CHANNELS))


def related(state: Any) -> dict[str, Any]:
    return {"relationship": RelationshipFact(state, T0)}


def touched(step: str, state: Any, fallback: int = 0) -> dict[str, Any]:
    return {"touches": (TouchFact(step, 0, fallback, state, planned_at=T0, ended_at=T0),)}


@pytest.mark.parametrize(
    ("condition", "given", "expected"),
    [
        ("connected", related("connected"), True),
        ("connected", related("invited"), False),
        ("not_connected", {}, True),
        ("invited", related("invited"), True),
        ("replied", {"replied_at": T0}, True),
        ("email_known", {}, True),
        ("email_known", {"keys": frozenset({"linkedin"})}, False),
        ("email_known", {"bounced_at": T0}, False),
        ("linkedin_known", {"keys": frozenset({"linkedin_profile_id"})}, True),
        ("failed(mail)", touched("mail", "failed"), True),
        ("failed(mail)", touched("mail", "submitted"), False),
        ("failed(mail)", touched("mail", "unknown"), False),
        ("failed(mail)", touched("mail", "delivered"), False),
        ("failed(mail)", {**touched("mail", "delivered"), "bounced_at": T0}, True),
        ("failed(mail)", {"keys": frozenset({"linkedin"})}, True),
        ("failed(mail)", {}, False),
        ("failed(both)", {"keys": frozenset({"linkedin"})}, False),
        ("delivered(mail)", touched("mail", "noop"), True),
        ("delivered(both)", {**touched("both", "delivered", 1), "bounced_at": T0}, True),
        ("delivered(both)", {**touched("both", "delivered", 0), "bounced_at": T0}, False),
        ("opened(mail)", {"opened": {"mail": T0}}, True),
        ("score_above(0.5)", {"score": 0.6}, True),
        ("score_above(0.5)", {"score": 0.5}, False),
        ("score_above(0.5)", {}, False),
        ({"not": "connected"}, {}, True),
        ({"and": ["always", {"or": ["connected", "email_known"]}]}, {}, True),
        ({"and": ["always", {"not": "always"}]}, {}, False),
    ],
)
def test_conditions_about_people_and_steps(condition: object, given: dict[str, Any], expected: bool) -> None:
    assert is_so(condition, **given) is expected


@pytest.mark.parametrize(
    ("op", "value", "found", "expected"),
    [
        ("eq", "northbeam", "Northbeam ", True),
        ("ne", "northbeam", "Other", True),
        ("ne", "northbeam", None, True),
        ("gt", 10, "40", True),
        ("gt", 10, "9", False),
        ("le", 40, 40, True),
        ("lt", 10, None, False),
        ("lt", "b", "a", True),
        ("gt", 10, "many", False),
        ("in", ["CTO", "CEO"], "cto", True),
        ("in", ["CTO"], None, False),
        ("contains", "beam", "NorthBeam", True),
        ("contains", "a", ["A", "b"], True),
        ("contains", "a", None, False),
        ("is_set", None, "x", True),
        ("is_set", None, "  ", False),
        ("is_set", None, 0, True),
        ("is_empty", None, None, True),
    ],
)
def test_conditions_about_fields(op: str, value: object, found: object, expected: bool) -> None:
    condition = {"field": {"name": "custom.x", "op": op, "value": value}}

    assert is_so(condition, fields={"custom.x": found}) is expected


@pytest.mark.parametrize(
    "wrong",
    [
        "conected",
        "failed",
        "failed()",
        {"and": []},
        {"not": "x"},
        {},
        {"is": "connected", "not": "x"},
        3,
        None,
    ],
)
def test_anything_else_is_refused(wrong: object) -> None:
    with pytest.raises(ValidationError):
        READ.validate_python(wrong)


def test_a_condition_is_the_same_written_again() -> None:
    written: list[Any] = [
        "connected",
        "failed(mail)",
        {"and": [{"not": "opened(mail)"}, "score_above(0.25)"]},
    ]

    for one in written:
        read = READ.validate_python(one)
        assert READ.validate_python(READ.dump_python(read, mode="json", by_alias=True)) == read
