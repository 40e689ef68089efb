"""No field takes a value of another JSON type: `false` is not Monday, and 0 is no day of 1970."""

from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ValidationError

from overture.entrypoints.api.build import describe_api
from overture.entrypoints.api.outreach import ROUTERS
from overture.touchpoints import REGISTRY


def bodies() -> list[type[BaseModel]]:
    """What the routes take as their bodies, each once."""
    contexts = iter_route_contexts(describe_api(ROUTERS).routes)
    taken = [
        parameter.field_info.annotation
        for context in contexts
        for parameter in getattr(getattr(context, "dependant", None), "body_params", ())
    ]
    kinds = {kind: None for annotation in taken for kind in (annotation, *get_args(annotation))}
    return [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]


BODIES = bodies()
OF_ANOTHER_TYPE: dict[str, tuple[object, ...]] = {
    "integer": (True, "1", 0.5),
    "number": (True, "1"),
    "boolean": (1, "true"),
    "string": (1, True),
    "array": ("x", {"0": 1}),
}
Wrong = tuple[tuple[str, ...], object, object]


def wrong_values(schema: dict[str, Any], whole: dict[str, Any]) -> Iterator[Wrong]:
    """Every place in a document, a value that does not belong there, and the document up to that place."""
    schema = whole["$defs"][schema["$ref"].rsplit("/", 1)[-1]] if "$ref" in schema else schema
    choices = schema.get("anyOf", [schema]) if "properties" not in schema else [schema]
    yield from (((), value, value) for value in wrong_here({choice.get("type") for choice in choices}))
    for choice in choices:
        if "$ref" in choice:
            yield from wrong_values(choice, whole)
        if "items" in choice:
            yield from ((path, value, [inner]) for path, value, inner in wrong_values(choice["items"], whole))
        others = choice.get("additionalProperties")
        named_ones = {"any": others} if isinstance(others, dict) and others else {}
        for name, field in (named_ones | choice.get("properties", {})).items():
            for path, value, inner in wrong_values(field, whole):
                yield (name, *path), value, {name: inner}


def wrong_here(allowed: set[str | None]) -> Iterator[object]:
    """Values of none of the types that are allowed in one place."""
    for kind in allowed & set(OF_ANOTHER_TYPE):
        yield from (value for value in OF_ANOTHER_TYPE[str(kind)] if not fits(value, allowed))


def fits(value: object, allowed: set[str | None]) -> bool:
    """Whether another type the field allows takes the value."""
    types = {bool: "boolean", str: "string", int: "integer", float: "number", dict: "object"}
    return types[type(value)] in allowed or (isinstance(value, str) and None in allowed)


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__name__)
def test_no_field_of_a_body_takes_a_value_of_another_type(model: type[BaseModel]) -> None:
    assert list(taken(model)) == []


@pytest.mark.parametrize("model", REGISTRY.values(), ids=REGISTRY)
def test_no_field_of_a_touchpoint_takes_a_value_of_another_type(model: type[BaseModel]) -> None:
    assert list(taken(model)) == []


def taken(model: type[BaseModel]) -> Iterator[Wrong]:
    """The wrong values the model lets pass: none of its complaints is about their place."""
    schema = model.model_json_schema()
    tried = 0
    for path, value, document in wrong_values(schema, schema):
        tried += 1
        try:
            model.model_validate(document)
        except ValidationError as error:
            if any(path == named(found["loc"])[: len(path)] for found in error.errors()):
                continue
        yield path, value, document
    assert tried > 0


def named(location: tuple[int | str, ...]) -> tuple[str, ...]:
    """The names in an error's place, without positions in lists and names of a union's branches."""
    return tuple(str(part) for part in location if isinstance(part, str))


def test_what_is_lax_is_found() -> None:
    class Lax(BaseModel):
        days: list[int] = []

    assert (("days",), True, {"days": [True]}) in list(taken(Lax))
