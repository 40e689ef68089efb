"""What holds of the profile parser for every answer, not only for those somebody thought of."""

import copy
import json
from collections.abc import Callable
from random import Random
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from profile_builder import SECTIONS, Json, Person, a_graphql_answer, a_rest_answer

from overture.providers.linkedin_browser.voyager import (
    ProfileUnavailable,
    UnknownShape,
    parse_profile,
    parse_profile_json,
)
from overture.touchpoints.profile import Profile

people = st.builds(
    Person,
    member=st.integers(1, 2**40),
    first_name=st.text("Ada Öé", min_size=1).filter(str.strip),
    situation=st.sampled_from(["none", "connected", "pending", "incoming", "self", "absent"]),
    distance=st.sampled_from(["DISTANCE_2", "DISTANCE_3", "OUT_OF_NETWORK"]),
    skills=st.integers(0, 3),
    jobs=st.integers(0, 3),
)
answers = st.sampled_from([a_rest_answer, a_graphql_answer])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


KINDS: tuple[object, ...] = (
    *(None, True, -1, 10**30, 1.5, "", "x", "urn:li:fsd_profile:x"),
    *([], [None], [[]], [5], {}, {"a": 1}, {"entityUrn": 3}),
)


def included(answer: Json) -> list[Json]:
    return cast("list[Json]", answer["included"])


@given(people, answers, st.randoms(use_true_random=False))
def test_the_order_of_included_decides_nothing(
    person: Person, answer: Callable[[Person], Json], rng: Random
) -> None:
    payload = answer(person)
    expected = parse_profile(payload)
    rng.shuffle(included(payload))

    assert parse_profile(payload) == expected


@given(people, answers)
def test_the_viewers_own_profile_in_front_changes_nothing(
    person: Person, answer: Callable[[Person], Json]
) -> None:
    payload = answer(person)
    expected = parse_profile(payload)
    viewer = included(payload).pop()
    assert parse_profile(payload) == expected

    included(payload).insert(0, viewer)

    assert parse_profile(payload) == expected


@given(people, st.sets(st.sampled_from(sorted(SECTIONS))), st.booleans())
def test_a_section_that_is_gone_is_empty_and_said_to_be_gone(
    person: Person, gone: set[str], by_null: bool
) -> None:
    payload = a_rest_answer(person)
    profile = next(entity for entity in included(payload) if entity["entityUrn"] == person.urn)
    for section in gone:
        if by_null:
            profile["*" + SECTIONS[section]] = None
        else:
            profile.pop("*" + SECTIONS[section])

    read = parse_profile(payload)

    assert set(read.absent_sections) - {"relationship"} == gone
    assert read.missing_sections == ()
    assert all(getattr(read, section) == () for section in gone)


@given(people, st.sets(st.sampled_from(sorted(SECTIONS))))
def test_a_section_referred_to_but_not_delivered_is_missing_not_empty(person: Person, lost: set[str]) -> None:
    payload = a_rest_answer(person)
    urns = {f"urn:li:collectionResponse:{person.id}-{SECTIONS[section]}" for section in lost}
    payload["included"] = [entity for entity in included(payload) if entity["entityUrn"] not in urns]

    read = parse_profile(payload)

    assert set(read.missing_sections) == lost
    assert all(getattr(read, section) == () for section in lost)


@given(people, answers, st.data())
def test_any_entities_may_be_left_out(
    person: Person, answer: Callable[[Person], Json], data: st.DataObject
) -> None:
    payload = answer(person)
    others = [entity for entity in included(payload) if entity["entityUrn"] != person.urn]
    profile = next(entity for entity in included(payload) if entity["entityUrn"] == person.urn)
    payload["included"] = [profile, *data.draw(st.lists(st.sampled_from(others), unique_by=id))]

    assert parse_profile(payload).profile_id == person.id


def read_or_refused(payload: object) -> Profile | None:
    try:
        return parse_profile(cast("Json", payload))
    except (UnknownShape, ProfileUnavailable):
        return None  # anything else it raises fails the test


@given(json_values)
def test_no_json_value_breaks_the_parser(payload: object) -> None:
    assert read_or_refused(payload) is None


@given(people, answers, st.data(), json_values)
def test_a_real_answer_with_anything_put_anywhere_is_read_or_refused(
    person: Person, answer: Callable[[Person], Json], data: st.DataObject, anything: object
) -> None:
    payload = copy.deepcopy(answer(person))
    place: object = payload
    while True:
        assert isinstance(place, (dict, list))
        keys = sorted(place) if isinstance(place, dict) else list(range(len(place)))
        key = data.draw(st.sampled_from(keys))
        inner = place[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.integers(0, 4)) == 0:
            place[key] = anything
            break
        place = inner

    read_or_refused(payload)


@pytest.mark.parametrize("answer", [a_rest_answer, a_graphql_answer])
def test_every_single_value_of_an_answer_may_be_of_any_kind(answer: Callable[[Person], Json]) -> None:
    """Not left to chance: each value in turn becomes each kind of JSON."""
    whole = json.dumps(answer(Person(situation="incoming", jobs=2, skills=1)))
    for number in range(len(list(_places(json.loads(whole))))):
        for anything in KINDS:
            payload = json.loads(whole)
            place, key = list(_places(payload))[number]
            place[key] = anything
            read_or_refused(payload)


def _places(tree: object) -> "list[tuple[Json, str]]":
    found: list[tuple[Json, str]] = []
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in pairs:
        found.append((cast("Json", tree), cast("str", key)))
        found += _places(inner)
    return found


@given(people, answers)
def test_bytes_and_tree_read_the_same(person: Person, answer: Callable[[Person], Json]) -> None:
    payload = answer(person)

    assert parse_profile_json(json.dumps(payload).encode()) == parse_profile(payload)
