"""Sequences as documents: read, refused with places, written back, and their published schema."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from overture.campaigns.library import starter, starters
from overture.campaigns.sequence import body_of, json_schema, read_sequence, sequence_of
from overture.campaigns.templates_liquid import FILTERS
from overture.campaigns.validate import validate
from overture.core.errors import Invalid, NotFound

SCHEMA = Path(__file__).parents[2] / "docs" / "reference" / "sequence.schema.json"


def faults(body: object) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        sequence_of(body)
    errors: Any = caught.value.facts["errors"]
    return {one["pointer"]: one["code"] for one in errors}


@pytest.mark.parametrize("key", sorted(starters()))
def test_a_sequence_is_the_same_read_back_from_what_a_version_stores(key: str) -> None:
    sequence = starter(key).sequence
    stored = json.loads(json.dumps(body_of(sequence)))

    assert sequence_of(stored) == sequence
    assert body_of(sequence_of(stored)) == stored


def test_yaml_and_json_are_the_same_document() -> None:
    step = {"id": "a", "channel": "linkedin", "touchpoint": {"type": "visit"}, "delay": "2h"}

    assert read_sequence(json.dumps({"name": "x", "steps": [step]})) == read_sequence(
        "name: x\nsteps:\n- {id: a, channel: linkedin, touchpoint: {type: visit}, delay: 120min}\n"
    ).model_copy(update={"steps": sequence_of({"name": "x", "steps": [step]}).steps})


def test_what_is_no_yaml_is_refused_with_what_to_check() -> None:
    with pytest.raises(Invalid) as caught:
        read_sequence("name: [x")

    assert "quotes" in caught.value.fix


def test_yaml_builds_nothing_but_plain_data() -> None:
    with pytest.raises(Invalid):
        read_sequence("!!python/object/apply:os.system ['true']")


def test_every_fault_has_its_place() -> None:
    act = {"channel": "linkedin", "touchpoint": {"type": "visit"}}
    body = {
        "name": "x",
        "steps": [
            {"id": "Bad Id", **act},
            {"id": "b", **act, "delay": "2 fortnights"},
            {"id": "c", **act, "condition": {"and": ["conected"]}},
            {"id": "d", **act, "fallback": [{**act}]},
            {"id": "e", "wait_for": {"condition": "connected"}},
            {"id": "f"},
            {"id": "g", **act, "wait_for": {"condition": "connected", "timeout": "1h"}},
            {"id": "h", "touchpoint": {"type": "visit"}},
            {"id": "i", **act, "colour": "red"},
            {"id": "j", "branch": {"if": [], "else": "end"}},
        ],
    }

    assert faults(body) == {
        "/steps/0/id": "string_pattern_mismatch",
        "/steps/1/delay": "value_error",
        "/steps/2/condition/and/0": "literal_error",
        "/steps/3/fallback/0/delay": "missing",
        "/steps/4/wait_for/timeout": "missing",
        "/steps/5": "not_one_thing",
        "/steps/6": "not_one_thing",
        "/steps/7": "no_channel",
        "/steps/8/colour": "extra_forbidden",
        "/steps/9/branch/if": "too_short",
    }


@pytest.mark.parametrize("body", [None, [], "x", {}, {"name": "", "steps": []}])
def test_what_is_no_sequence_is_refused(body: object) -> None:
    assert faults(body)


def test_next_is_the_step_below_and_after_the_last_one_the_end() -> None:
    sequence = starter("invite-and-follow-up").sequence

    assert sequence.first == "read"
    assert sequence.target("read", "next") == "invite"
    assert sequence.target("follow_up", "next") == "end"
    assert sequence.target("read", "hello") == "hello"


def test_a_starter_that_is_not_there_is_not_found_and_the_others_named() -> None:
    with pytest.raises(NotFound) as caught:
        starter("nope")

    assert "email-linkedin-form" in caught.value.fix


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema()


def test_the_schema_refers_to_nothing_that_is_not_in_it() -> None:
    schema = json_schema()
    named = {f"#/$defs/{name}" for name in schema["$defs"]}

    assert set(references(schema)) <= named
    assert "#/$defs/Condition" in references(schema)
    assert "x-condition" not in json.dumps(schema)


def references(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return own + [one for value in part.values() for one in references(value)]
    return [one for value in part for one in references(value)] if isinstance(part, list) else []


HOW_TO = Path(__file__).parents[2] / "docs" / "how-to"
EXAMPLES = [
    (page.name, number, found[1])
    for page in sorted(HOW_TO.glob("write-a-*.md"))
    for number, found in enumerate(re.finditer(r"```yaml\n(.*?)```", page.read_text(), re.DOTALL))
]


@pytest.mark.parametrize(("page", "number", "text"), EXAMPLES)
def test_every_example_of_the_guides_can_be_published(page: str, number: int, text: str) -> None:
    assert validate(read_sequence(text)) == []


def test_the_guides_name_every_filter_and_every_code_there_is() -> None:
    templates, sequences = ((HOW_TO / f"write-a-{name}.md").read_text() for name in ("template", "sequence"))
    sources = Path(__file__).parents[2] / "src" / "overture" / "campaigns"
    source = "".join(one.read_text() for one in (*sources.glob("validate*.py"), sources / "templates.py"))
    codes = set(re.findall(r'Problem\(\s*(?:[^,()]+,\s*)?"([a-z]+_[a-z_]+)"', source))

    assert len(codes) > 20
    assert [code for code in sorted(codes) if f"`{code}`" not in sequences] == []
    listed = re.findall(r"[a-z_]+", templates.partition("**Filters**: `")[2].partition("`")[0])
    assert sorted(listed) == sorted(FILTERS)
