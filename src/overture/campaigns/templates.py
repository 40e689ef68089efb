"""Texts: from a step's template and what is known of a lead to the exact touchpoint, or why there is none.

`render` gives `Rendered` (ready to be submitted), `ToBeWritten` (a model writes part of it; `with_texts` then
completes it) or `Unrenderable`. A text goes out byte for byte as template and values have it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from pydantic import JsonValue, ValidationError

from overture.campaigns.sequence import AI_PROMPT, Step
from overture.campaigns.sequence_channels import (
    LINKED_FIELDS,
    TARGET_FIELDS,
    TEXT_FIELDS,
    input_of,
    text_fields,
)
from overture.campaigns.templates_liquid import FILTERS, PROMPTS, BadTemplate, MissingVariable, fill, uses
from overture.campaigns.templates_spintax import SpintaxError, shortest, spin
from overture.core.rng import Rng

PERSON: Final = (
    *("first_name", "last_name", "full_name", "headline", "title", "company", "location", "country"),
    *("website", "email", "phone"),
)
"""What a template may say of a lead by its bare name, and as `lead.<name>`."""
SENDER: Final = ("handle", "booking_link")
"""What is known of an account."""
OPEN_ROOTS: Final = ("profile",)
"""Variables whose parts are not known beforehand: the profile as the service gives it."""
BLANK: Final = re.compile(r"\{%[^%]*?(==|!=|<>)\s*(blank|empty)\b")
LINK_APART: Final = "\n\n"
NOBODY: Final = {"public_identifier": "somebody", "to": "somebody@example.com", "url": "https://example.com/"}
"""Stands for the person in a preview without one, so that everything else can be checked."""


@dataclass(frozen=True)
class Context:
    """What is known when a text is made.

    `values`: the variables (`first_name`, `lead`, `profile`, `sender`, `custom`, …). `target`: the fields of
    the touchpoint that say whom it is about; empty for a preview. `key`: what choices of spintax hang on, the
    enrollment and the step, so that they are the same each time.
    """

    values: Mapping[str, object]
    target: Mapping[str, str] = field(default_factory=dict)
    booking_link: str | None = None
    key: str = "preview"
    rng: Rng = field(default_factory=lambda: Rng(b"preview"), compare=False)


@dataclass(frozen=True)
class Rendered:
    """A touchpoint ready to be submitted, and its prose in one piece (for hashes, previews, approval)."""

    touchpoint: Mapping[str, JsonValue]
    text: str


@dataclass(frozen=True)
class ToBeWritten:
    """A touchpoint of which a model writes some fields first: the prompt for each."""

    touchpoint: Mapping[str, JsonValue]
    prompts: Mapping[str, str]


@dataclass(frozen=True)
class Unrenderable:
    """There is no text for this lead: a reason of campaigns/reasons.py and one sentence."""

    reason: str
    detail: str


def render(
    step: Step, way: int, variant: str | None, context: Context
) -> Rendered | ToBeWritten | Unrenderable:
    """The touchpoint of a step's way for one lead."""
    fields: dict[str, JsonValue] = {}
    prompts: dict[str, str] = {}
    for name, value in template_of(step, way, variant).items():
        try:
            if (prompt := prompt_in(value)) is not None:
                prompts[name] = fill(prompt, context.values, PROMPTS)
            else:
                fields[name] = filled(name, value, step, context)
        except MissingVariable as error:
            return Unrenderable("missing_variable", f"{name} needs {error.name}, which is not known")
        except (BadTemplate, SpintaxError) as error:
            return Unrenderable("template_invalid", f"{name}: {error}")
    if prompts:
        return ToBeWritten(fields, prompts)
    return complete(step, fields, context)


def with_texts(
    step: Step, draft: ToBeWritten, texts: Mapping[str, str], context: Context
) -> Rendered | Unrenderable:
    """A touchpoint with the texts a model wrote; they are taken as they are, and no template any more."""
    missing = sorted(set(draft.prompts) - set(texts))
    if missing:
        return Unrenderable("template_invalid", f"{missing[0]} was not written")
    return complete(step, {**draft.touchpoint, **{name: texts[name] for name in draft.prompts}}, context)


def template_of(step: Step, way: int, variant: str | None) -> dict[str, JsonValue]:
    """The fields of a step's way as they are written, with those of the variant over them."""
    fields = dict(step.ways[way].touchpoint)
    if way == 0 and variant is not None:
        for one in step.variants:
            if one.id == variant:
                fields |= one.touchpoint
    return fields


def prompt_in(value: JsonValue) -> str | None:
    """The prompt of a field that a model writes; None of any other."""
    if isinstance(value, dict) and set(value) == {AI_PROMPT}:
        prompt = value[AI_PROMPT]
        return prompt if isinstance(prompt, str) else None
    return None


def filled(name: str, value: JsonValue, step: Step, context: Context) -> JsonValue:
    """A field with its template filled in; what is no text is taken as it is."""
    if not isinstance(value, str) or name == "type":
        return value
    if step.spintax and name in TEXT_FIELDS:
        chance = context.rng.stream("spintax", context.key, step.id, name)
        value = spin(value, chance.choice)
    return fill(value, context.values)


def complete(step: Step, fields: Mapping[str, JsonValue], context: Context) -> Rendered | Unrenderable:
    """The finished touchpoint, with the booking link, checked by the touchpoint's own rules."""
    kind = str(fields.get("type"))
    model = input_of(kind)
    if model is None:
        return Unrenderable("config_invalid", f"there is no touchpoint {kind!r}")
    whole: dict[str, JsonValue] = {**fields}
    linked = LINKED_FIELDS.get(kind, "")
    if step.booking_link and context.booking_link and isinstance(text := whole.get(linked), str):
        whole[linked] = with_link(text, context.booking_link)
    whole |= {name: key for name, key in context.target.items() if name in model.model_fields}
    for_whom = {} if context.target else {n: v for n, v in NOBODY.items() if n in model.model_fields}
    if "public_identifier" in for_whom:
        for_whom.pop("url", None)  # a person is named in one way
    try:
        model.model_validate({**whole, **for_whom})
    except ValidationError as error:
        return refused(error)
    prose = [whole[name] for name in text_fields(kind) if isinstance(whole.get(name), str)]
    return Rendered(whole, "\n\n".join(str(one) for one in prose))


def with_link(text: str, link: str) -> str:
    """The text with the booking link below it, unless it is in it already."""
    return text if link in text else f"{text}{LINK_APART}{link}"


def refused(error: ValidationError) -> Unrenderable:
    """Why the touchpoint's own rules do not take the text."""
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    if name == "subject" and first["type"] in ("missing", "blank"):
        return Unrenderable("missing_subject", "the text has no subject")
    return Unrenderable("template_invalid", f"{name or 'the touchpoint'}: {first['msg']}")


def room_for(kind: str, name: str, booking_link: str | None) -> int | None:
    """How many characters a model may write into a field of a touchpoint; None: as many as it likes."""
    limit = limit_of(kind, name)
    if limit is None or name != LINKED_FIELDS.get(kind) or not booking_link:
        return limit
    return max(0, limit - len(LINK_APART) - len(booking_link))


@lru_cache(maxsize=200)
def limit_of(kind: str, name: str) -> int | None:
    """The most characters a field of a touchpoint may have."""
    model = input_of(kind)
    if model is None or name not in model.model_fields:
        return None
    shape = model.model_json_schema()["properties"][name]
    found = [one["maxLength"] for one in (shape, *shape.get("anyOf", ())) if "maxLength" in one]
    return min(found, default=None)


@dataclass(frozen=True)
class TemplateProblem:
    """What is wrong with a template."""

    code: str
    detail: str


def check(template: str, known: frozenset[str], *, spintax: bool = False) -> list[TemplateProblem]:
    """What is wrong with a template, `known` being the lead's own fields (`custom.size`, …)."""
    found: list[TemplateProblem] = []
    try:
        if spintax:
            shortest(template)
        used = uses(template)
    except (BadTemplate, SpintaxError) as error:
        return [TemplateProblem("template_invalid", str(error))]
    if BLANK.search(template):
        found.append(
            TemplateProblem("compares_blank", "what is empty counts as missing: write {% if field %}")
        )
    found += [
        TemplateProblem("unknown_filter", f"there is no filter {name!r}; there are {', '.join(FILTERS)}")
        for name in used.filters
        if name not in FILTERS
    ]
    found += [
        TemplateProblem("unknown_variable", f"there is no variable {name!r}")
        for name in used.variables
        if not is_known(name, known)
    ]
    return found


def is_known(path: str, known: frozenset[str]) -> bool:
    """Whether a variable can have a value for some lead."""
    root, _, rest = path.partition(".")
    if root.partition("[")[0] in OPEN_ROOTS or is_in(path, known):
        return True
    match root:
        case "lead":
            return rest in PERSON or is_in(rest, known) or f"custom.{rest}" in known
        case "sender":
            return rest in SENDER
        case _:
            return not rest and (root in PERSON or root == "booking_link")


def is_in(path: str, known: frozenset[str]) -> bool:
    """Whether a variable is a field, or a part of one: a field may hold a list, or an object."""
    return path in known or any(path.startswith((f"{one}.", f"{one}[")) for one in known)


def least_length(template: str, *, spintax: bool = False) -> int:
    """How many characters the text has at least; 0 of what is no template."""
    try:
        return uses(shortest(template) if spintax else template).least_length
    except (BadTemplate, SpintaxError):
        return 0


def variables_of(step: Step) -> Sequence[str]:
    """Every variable the texts of a step use, whatever the way and variant."""
    sources = [
        prompt_in(value) or value
        for fields in (*(way.touchpoint for way in step.ways), *(one.touchpoint for one in step.variants))
        for name, value in fields.items()
        if name not in ("type", *TARGET_FIELDS)
    ]
    return sorted({name for source in sources if isinstance(source, str) for name in uses(source).variables})
