"""What is wrong with a sequence is said with where it is; nothing wrong is published."""

from typing import Any

import pytest

from overture.campaigns.library import starters
from overture.campaigns.sequence import sequence_of
from overture.campaigns.validate import Problem, SenderFacts, errors_of, validate

WRITE = {"channel": "linkedin", "touchpoint": {"type": "message", "message": "Hi {{ first_name }}"}}
KNOWN = frozenset({"custom.size"})


def message(text: Any, **more: Any) -> dict[str, Any]:
    return {"channel": "linkedin", "touchpoint": {"type": "message", "message": text}, **more}


def connect(**fields: Any) -> dict[str, Any]:
    return {"channel": "linkedin", "touchpoint": {"type": "connect", **fields}}


def branch(*arms: tuple[Any, str], **more: Any) -> dict[str, Any]:
    return {"branch": {"if": [{"if": condition, "then": then} for condition, then in arms], **more}}


def wait(**changes: Any) -> dict[str, Any]:
    return {"wait_for": {"condition": "connected", "timeout": "3 days", "on_timeout": "end", **changes}}


def problems(*steps: dict[str, Any], accounts: Any = None, **more: Any) -> list[Problem]:
    named = [{"id": chr(97 + number), **step} for number, step in enumerate(steps)]
    return validate(sequence_of({"name": "x", "steps": named, **more}), KNOWN, accounts)


def test_every_starter_is_without_any_problem() -> None:
    known = frozenset({"custom.post_url"})
    found = {key: validate(one.sequence, known) for key, one in starters().items()}

    assert set(found) >= {"invite-and-follow-up", "message-connections", "email-linkedin-form"}
    assert {key: several for key, several in found.items() if several} == {}


def test_a_sequence_without_steps_is_refused() -> None:
    assert problems() == [Problem("/steps", "no_steps", "a sequence has at least one step")]


LONG = "x" * 301
CASES: list[tuple[str, list[dict[str, Any]], list[tuple[str, str]]]] = [
    ("two of one name", [{**WRITE}, {**WRITE, "id": "a"}], [("/steps/0/id", "duplicate_step")]),
    ("a name with a meaning", [{**WRITE, "id": "end"}], [("/steps/0/id", "reserved_id")]),
    ("next to nowhere", [{**WRITE, "next": "zzz"}], [("/steps/0/next", "unknown_step")]),
    ("failure to nowhere", [{**WRITE, "on_failure": "zzz"}], [("/steps/0/on_failure", "unknown_step")]),
    ("never come to", [{**WRITE, "next": "end"}, {**WRITE}], [("/steps/1", "unreachable_step")]),
    ("no else", [branch(("connected", "end"))], [("/steps/0/branch/else", "missing_branch")]),
    (
        "arm to nowhere",
        [branch(("connected", "zzz"), **{"else": "end"})],
        [("/steps/0/branch/if/0/then", "unknown_step")],
    ),
    ("no timeout's way", [wait(on_timeout=None)], [("/steps/0/wait_for/on_timeout", "missing_branch")]),
    ("itself at once", [{**WRITE, "next": "a"}], [("/steps/0/next", "cycle_without_delay")]),
    (
        "a circle of two",
        [{**WRITE}, branch(("connected", "a"), **{"else": "end"})],
        [("/steps/1/branch/if/0/then", "cycle_without_delay")],
    ),
    ("a circle with time", [{**WRITE, "delay": "1h"}, branch(("connected", "a"), **{"else": "end"})], []),
    ("a circle by a timeout", [wait(on_timeout="a")], []),
    (
        "no such touchpoint",
        [{"channel": "linkedin", "touchpoint": {"type": "poke"}}],
        [("/steps/0/touchpoint/type", "unknown_touchpoint")],
    ),
    (
        "not of the channel",
        [{"channel": "email", "touchpoint": {"type": "message", "message": "x"}}],
        [("/steps/0/touchpoint/type", "wrong_channel")],
    ),
    (
        "about the account",
        [{"channel": "linkedin", "touchpoint": {"type": "sync_inbox"}}],
        [("/steps/0/touchpoint/type", "wrong_channel")],
    ),
    (
        "a person written in",
        [connect(public_identifier="ada")],
        [("/steps/0/touchpoint/public_identifier", "target_given")],
    ),
    (
        "no such input",
        [connect(colour="red")],
        [("/steps/0/touchpoint/colour", "invalid_touchpoint")],
    ),
    (
        "no text",
        [{"channel": "linkedin", "touchpoint": {"type": "message"}}],
        [("/steps/0/touchpoint/message", "invalid_touchpoint")],
    ),
    ("a note too long", [connect(note=LONG)], [("/steps/0/touchpoint/note", "too_long")]),
    (
        "too long before any name",
        [connect(note=LONG + "{{ first_name }}")],
        [("/steps/0/touchpoint/note", "too_long")],
    ),
    ("tags are not text", [connect(note="x" * 250 + "{% comment %}" + "y" * 200 + "{% endcomment %}")], []),
    (
        "a subject too long",
        [{"channel": "linkedin", "touchpoint": {"type": "inmail", "subject": "s" * 201, "body": "b"}}],
        [("/steps/0/touchpoint/subject", "too_long")],
    ),
    (
        "a choice that is short",
        [{**connect(note="{" + LONG + "|short} {{ first_name }}"), "spintax": True}],
        [],
    ),
    (
        "no such variable",
        [message("{{ frist_name }}")],
        [("/steps/0/touchpoint/message", "unknown_variable")],
    ),
    ("no such field", [message("{{ custom.shoe }}")], [("/steps/0/touchpoint/message", "unknown_variable")]),
    (
        "no such filter",
        [message("{{ company | shout }}")],
        [("/steps/0/touchpoint/message", "unknown_filter")],
    ),
    ("no template", [message("{% if %}")], [("/steps/0/touchpoint/message", "template_invalid")]),
    (
        "a prompt about nothing",
        [message({"ai_prompt": "{{ nothing }}"})],
        [("/steps/0/touchpoint/message/ai_prompt", "unknown_variable")],
    ),
    ("a prompt", [message({"ai_prompt": "Write to {{ first_name }}"})], []),
    (
        "a prompt misspelt",
        [message({"prompt": "Write"})],
        [("/steps/0/touchpoint/message", "invalid_touchpoint")],
    ),
    ("a retry at once", [{**WRITE, "retry_count": 1}], [("/steps/0/retry_delay", "retry_without_delay")]),
    (
        "a retry of a fallback at once",
        [{**WRITE, "fallback": [{**WRITE, "delay": "1h", "retry_count": 1}]}],
        [("/steps/0/fallback/0/retry_delay", "retry_without_delay")],
    ),
    ("more than a year", [{**WRITE, "delay": "400 days"}], [("/steps/0/delay", "delay_too_long")]),
    (
        "failed of nothing",
        [{**WRITE, "condition": "failed(zzz)"}],
        [("/steps/0/condition", "unknown_step")],
    ),
    (
        "deep inside",
        [{**WRITE, "condition": {"and": ["connected", {"not": "delivered(zzz)"}]}}],
        [("/steps/0/condition/and/1/not", "unknown_step")],
    ),
    (
        "opened of a message",
        [{**WRITE}, {**WRITE, "condition": "opened(a)"}],
        [("/steps/1/condition", "condition_never")],
    ),
    (
        "failed of a wait",
        [wait(), {**WRITE, "condition": "failed(a)"}],
        [("/steps/1/condition", "condition_never")],
    ),
    (
        "a field nobody has",
        [{**WRITE, "condition": {"field": {"name": "custom.shoe", "op": "is_set"}}}],
        [("/steps/0/condition", "unknown_field")],
    ),
    (
        "a variant's unknown variable",
        [
            {
                **WRITE,
                "variants": [
                    {"id": "v", "touchpoint": {"message": "{{ nope }}"}},
                    {"id": "w", "touchpoint": {}},
                ],
            }
        ],
        [("/steps/0/variants/0/touchpoint/message", "unknown_variable")],
    ),
]


@pytest.mark.parametrize(("steps", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_fault_is_said_with_its_place(steps: list[dict[str, Any]], expected: list[tuple[str, str]]) -> None:
    found = [(one.pointer, one.code) for one in errors_of(problems(*steps))]

    assert [one for one in found if one in expected] == expected
    assert {code for _, code in found} == {code for _, code in expected}


def test_m15_a_missing_branch_cannot_be_published() -> None:
    """The known bug: a condition without its other way ends the lead without a word."""
    silent = [branch(("connected", "b")), {**WRITE}]
    spoken = [branch(("connected", "b"), **{"else": "end"}), {**WRITE}]

    assert [one.code for one in errors_of(problems(*silent))] == ["missing_branch"]
    assert not list(errors_of(problems(*spoken)))


def test_warnings_are_apart_from_errors_and_come_after_them() -> None:
    fallback = {**WRITE, "delay": "0h"}
    found = problems(
        {**WRITE, "fallback": [fallback]},
        connect(note="x" * 290 + "{{ first_name }}"),
        {**WRITE, "condition": "replied", "next": "zzz"},
        {**WRITE, "variants": [{"id": "v", "touchpoint": {}}]},
    )

    assert [one.code for one in found if one.severity == "error"] == ["unknown_step", "unreachable_step"]
    warned = {(one.pointer, one.code) for one in found if one.severity == "warning"}
    assert warned == {
        ("/steps/0/fallback/0/delay", "fallback_at_once"),
        ("/steps/1/touchpoint/note", "may_be_too_long"),
        ("/steps/2/condition", "condition_never"),
        ("/steps/3/variants", "single_variant"),
    }
    assert [one.severity for one in found] == sorted(one.severity for one in found)


def test_fields_are_not_called_unknown_before_they_are_known() -> None:
    sequence = sequence_of({"name": "x", "steps": [{"id": "a", **message("{{ custom.any }} {{ nope }}")}]})

    assert [one.detail for one in validate(sequence)] == ["there is no variable 'nope'"]


def test_accounts_must_be_able_and_may_at_some_time() -> None:
    ada = SenderFacts("ada", "linkedin", frozenset({"connect", "message"}), note_limit=200)
    grace = SenderFacts("grace", "linkedin", frozenset({"message"}), has_window=False)
    note = connect(note="x" * 201 + "{{ first_name }}")
    mail = {"channel": "email", "touchpoint": {"type": "email", "subject": "s", "body": "b"}}
    task = {"channel": "phone", "touchpoint": {"type": "manual_task", "title": "Call"}}

    assert [one.code for one in problems(WRITE, accounts=[])] == ["no_account"]
    assert problems(WRITE, task, accounts=[ada]) == []
    found = {(one.pointer, one.code) for one in problems(note, mail, accounts=[ada, grace])}
    assert found == {
        ("", "no_working_window"),
        ("/steps/0/touchpoint/note", "too_long"),
        ("/steps/1/touchpoint/type", "no_account"),
    }
