"""Conditions of steps and branches: how they are written, what they refer to, and whether they hold."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema

from overture.campaigns.facts import ARRIVED, UNDER_WAY, Facts
from overture.campaigns.sequence_channels import NEEDS, Channel

Simple = Literal[
    "connected", "not_connected", "invited", "replied", "email_known", "linkedin_known", "always"
]
OfStep = Literal["failed", "delivered", "opened"]
Operator = Literal["eq", "ne", "lt", "le", "gt", "ge", "in", "contains", "is_set", "is_empty"]
ORDERED: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
}
PLACEHOLDER: Final = "x-condition"
"""Stands for `#/$defs/Condition` in the JSON Schema of a model, until the document is put together."""
CALLED: Final = re.compile(r"\s*(failed|delivered|opened|score_above)\s*\(\s*([^()\s]+)\s*\)\s*")


class Part(BaseModel):
    """One kind of condition."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Is(Part):
    """Something that is so or not: `connected`, `email_known`, …"""

    is_: Simple = Field(alias="is")


class Failed(Part):
    """No way of that step reached them, and none will: `failed(email)`."""

    failed: str


class Delivered(Part):
    """That step did its work: `delivered(hello)`."""

    delivered: str


class Opened(Part):
    """The e-mail of that step was opened: `opened(intro)`."""

    opened: str


class ScoreAbove(Part):
    """The lead's score is above a number: `score_above(0.6)`."""

    score_above: float


class FieldTest(Part):
    """A field of the lead compares so: `{field: {name: company, op: eq, value: Northbeam}}`."""

    class Comparison(Part):
        """A field, an operator and, unless it is `is_set` or `is_empty`, a value."""

        name: str
        op: Operator
        value: str | float | bool | tuple[str, ...] | None = None

    field: Comparison


class And(Part):
    """All of these hold."""

    and_: tuple["Condition", ...] = Field(alias="and", min_length=1)


class Or(Part):
    """One of these holds."""

    or_: tuple["Condition", ...] = Field(alias="or", min_length=1)


class Not(Part):
    """This does not hold."""

    not_: "Condition" = Field(alias="not")


def written_condition(value: object) -> object:
    """A condition as sequences have it (`connected`, `failed(email)`) as one of the parts."""
    if not isinstance(value, str):
        return value
    called = CALLED.fullmatch(value)
    return {called[1]: called[2]} if called else {"is": value.strip()}


def part_of(value: object) -> str | None:
    """Which part a condition is, by its only key."""
    if isinstance(value, Part):
        return next(field.alias or name for name, field in type(value).model_fields.items())
    return next(iter(value)) if isinstance(value, dict) and len(value) == 1 else None


Condition = Annotated[
    Annotated[Is, Tag("is")]
    | Annotated[Failed, Tag("failed")]
    | Annotated[Delivered, Tag("delivered")]
    | Annotated[Opened, Tag("opened")]
    | Annotated[ScoreAbove, Tag("score_above")]
    | Annotated[FieldTest, Tag("field")]
    | Annotated[And, Tag("and")]
    | Annotated[Or, Tag("or")]
    | Annotated[Not, Tag("not")],
    Discriminator(
        part_of,
        custom_error_type="unknown_condition",
        custom_error_message="a condition is one of: "
        + ", ".join(get_args(Simple))
        + ", failed(step), delivered(step), opened(step), score_above(x), {field: …}, {and: […]}, {or: […]}, "
        "{not: …}",
    ),
    BeforeValidator(written_condition),
    WithJsonSchema({PLACEHOLDER: True}),
]
for _part in (And, Or, Not):
    _part.model_rebuild()

CONDITION_SCHEMA: Final[dict[str, object]] = {
    "title": "Condition",
    "description": "When a step is taken, a branch chosen or a wait over.",
    "anyOf": [
        {"enum": list(get_args(Simple))},
        {"type": "string", "pattern": r"^\s*(failed|delivered|opened|score_above)\s*\(\s*[^()\s]+\s*\)\s*$"},
        *(
            {
                "type": "object",
                "properties": {key: shape},
                "required": [key],
                "additionalProperties": False,
            }
            for key, shape in (
                ("is", {"enum": list(get_args(Simple))}),
                ("failed", {"type": "string"}),
                ("delivered", {"type": "string"}),
                ("opened", {"type": "string"}),
                ("score_above", {"type": "number"}),
                (
                    "field",
                    {
                        "type": "object",
                        "properties": {
                            "name": {"type": "string"},
                            "op": {"enum": list(get_args(Operator))},
                            "value": {},
                        },
                        "required": ["name", "op"],
                        "additionalProperties": False,
                    },
                ),
                ("and", {"type": "array", "items": {"$ref": "#/$defs/Condition"}, "minItems": 1}),
                ("or", {"type": "array", "items": {"$ref": "#/$defs/Condition"}, "minItems": 1}),
                ("not", {"$ref": "#/$defs/Condition"}),
            )
        ),
    ],
}
"""The published shape of a condition; `$defs/Condition` of the sequence's JSON Schema."""


@dataclass(frozen=True)
class Seen:
    """The facts of an enrollment, and the channels its sequence's steps use."""

    facts: Facts
    channels: Mapping[str, tuple[Channel, ...]]

    def is_bounced(self, step: str, fallback: int) -> bool:
        """Whether a touch that went out by e-mail never reached anybody."""
        used = self.channels.get(step, ())
        return self.facts.bounced_at is not None and fallback < len(used) and used[fallback] == "email"

    def is_delivered(self, step: str) -> bool:
        """Whether a way of this step did its work."""
        return any(
            touch.step == step and touch.state in ARRIVED and not self.is_bounced(step, touch.fallback)
            for touch in self.facts.touches
        )

    def is_failed(self, step: str) -> bool:
        """Whether the step was tried, or cannot be, and nothing of it arrived or still may."""
        touches = [touch for touch in self.facts.touches if touch.step == step]
        if self.is_delivered(step) or any(touch.state in UNDER_WAY for touch in touches):
            return False
        tried = any(touch.state != "cancelled" for touch in touches)
        return tried or all(lacking(channel, self.facts) for channel in self.channels.get(step, ()))


def lacking(channel: Channel, facts: Facts) -> str | None:
    """The reason when a channel cannot reach this lead at all, as far as we know them."""
    keys, reason = NEEDS[channel]
    if keys and not keys & facts.keys:
        return reason
    return "bounced" if channel == "email" and facts.bounced_at is not None else None


def holds(condition: "Condition", seen: Seen) -> bool:
    """Whether a condition holds."""
    match condition:
        case And(and_=parts):
            return all(holds(part, seen) for part in parts)
        case Or(or_=parts):
            return any(holds(part, seen) for part in parts)
        case Not(not_=part):
            return not holds(part, seen)
        case Failed() | Delivered() | Opened():
            return of_step(condition, seen)
        case _:
            return of_lead(condition, seen.facts)


def of_lead(condition: Is | FieldTest | ScoreAbove, facts: Facts) -> bool:
    """Whether a condition about the lead itself holds."""
    match condition:
        case Is(is_=name):
            return is_so(name, facts)
        case FieldTest(field=test):
            return compares(facts.fields.get(test.name), test.op, test.value)
        case ScoreAbove(score_above=least):
            return facts.score is not None and facts.score > least


def of_step(condition: Failed | Delivered | Opened, seen: Seen) -> bool:
    """Whether a condition about a step holds."""
    match condition:
        case Failed(failed=step):
            return seen.is_failed(step)
        case Delivered(delivered=step):
            return seen.is_delivered(step)
        case Opened(opened=step):
            return step in seen.facts.opened


def is_so(name: Simple, facts: Facts) -> bool:
    """Whether one of the simple conditions holds."""
    state = facts.relationship.state if facts.relationship else "none"
    answers: dict[Simple, bool] = {
        "connected": state == "connected",
        "not_connected": state != "connected",
        "invited": state == "invited",
        "replied": facts.replied_at is not None,
        "email_known": lacking("email", facts) is None,
        "linkedin_known": lacking("linkedin", facts) is None,
        "always": True,
    }
    return answers[name]


def compares(found: object, op: Operator, value: object) -> bool:
    """Whether a field's value stands so to the wanted one; text is compared without regard to case."""
    is_empty = found is None or found in ("", [], {}) or (isinstance(found, str) and not found.strip())
    if op in ("is_set", "is_empty"):
        return is_empty == (op == "is_empty")
    left, right = plain(found), plain(value)
    match op:
        case "eq" | "ne":
            return (left == right) == (op == "eq")
        case "in":
            return isinstance(right, tuple) and left in right
        case "contains":
            return isinstance(left, str | tuple) and isinstance(right, str) and right in left
        case _:
            return not is_empty and in_order(left, op, right)


def plain(value: object) -> object:
    """A value for comparing: text in one case, a list as a tuple, a number that came as text as a number."""
    if isinstance(value, str):
        return value.strip().casefold()
    return tuple(plain(one) for one in value) if isinstance(value, list | tuple) else value


def in_order(left: object, op: str, right: object) -> bool:
    """Whether two values stand in this order; as numbers when both can be read so."""
    numbers = number(left), number(right)
    if None not in numbers:
        return ORDERED[op](*numbers)
    return isinstance(left, str) and isinstance(right, str) and ORDERED[op](left, right)


def number(value: object) -> float | None:
    """The number a value is or spells, if it does."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except ValueError:
        return None


def parts_of(condition: "Condition", pointer: str) -> Iterator[tuple[str, Part]]:
    """Every part of a condition with its JSON pointer, the whole first."""
    yield pointer, condition
    match condition:
        case And(and_=parts):
            inner = [(f"{pointer}/and/{index}", part) for index, part in enumerate(parts)]
        case Or(or_=parts):
            inner = [(f"{pointer}/or/{index}", part) for index, part in enumerate(parts)]
        case Not(not_=part):
            inner = [(f"{pointer}/not", part)]
        case _:
            inner = []
    for where, part in inner:
        yield from parts_of(part, where)
