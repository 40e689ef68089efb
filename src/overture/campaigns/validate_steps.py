"""Faults of single steps: touchpoints, texts, conditions, delays and retries."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import JsonValue, ValidationError

from overture.campaigns.conditions import (
    Condition,
    Delivered,
    Failed,
    FieldTest,
    Is,
    Opened,
    Part,
    parts_of,
)
from overture.campaigns.sequence import AI_PROMPT, Fallback, Sequence, Step, Way
from overture.campaigns.sequence_channels import (
    CHANNEL_TOUCHPOINTS,
    TARGET_FIELDS,
    TEXT_FIELDS,
    input_of,
)
from overture.campaigns.templates import NOBODY, check, is_known, least_length, limit_of, prompt_in
from overture.campaigns.templates_liquid import BadTemplate, uses
from overture.campaigns.validate_problems import Problem

SAMPLE_POST: Final = "urn:li:activity:7400000000000000001"
NEARLY: Final = 0.85  # of a limit: with names filled in, such a text often breaks it


@dataclass(frozen=True)
class Written:
    """The fields of a touchpoint as a step, a fallback or a variant has them, and where."""

    way: Way
    fields: dict[str, JsonValue]
    pointer: str
    spintax: bool


def step_problems(sequence: Sequence, known: frozenset[str] | None) -> Iterator[Problem]:
    """Every fault of every step by itself."""
    for index, step in enumerate(sequence.steps):
        base = f"/steps/{index}"
        for written in touchpoints_of(step, base):
            yield from touchpoint_problems(written)
            yield from text_problems(written, known)
        yield from time_problems(step, base)
        yield from variant_problems(step, base)
        for pointer, condition in conditions_of(step, base):
            for where, part in parts_of(condition, pointer):
                yield from condition_problems(sequence, part, where, known)


def touchpoints_of(step: Step, base: str) -> Iterator[Written]:
    """A step's own touchpoint, those of its fallbacks, and its own as each variant has it."""
    for number, way in enumerate(step.ways):
        place = base if number == 0 else f"{base}/fallback/{number - 1}"
        yield Written(way, way.touchpoint, f"{place}/touchpoint", step.spintax)
    for number, variant in enumerate(step.variants if step.ways else ()):
        own = step.ways[0]
        whole = {**own.touchpoint, **variant.touchpoint}
        yield Written(own, whole, f"{base}/variants/{number}/touchpoint", step.spintax)


def touchpoint_problems(written: Written) -> Iterator[Problem]:
    """A touchpoint there is none of, not on this channel, or with input it does not take."""
    kind, channel = written.fields.get("type"), written.way.channel
    model = input_of(kind) if isinstance(kind, str) else None
    if model is None:
        yield Problem(f"{written.pointer}/type", "unknown_touchpoint", f"there is no touchpoint {kind!r}")
        return
    if kind not in CHANNEL_TOUCHPOINTS[channel]:
        allowed = ", ".join(CHANNEL_TOUCHPOINTS[channel])
        yield Problem(f"{written.pointer}/type", "wrong_channel", f"{channel} has {allowed}; not {kind!r}")
    given = [name for name in TARGET_FIELDS if name in written.fields]
    for name in given:
        yield Problem(f"{written.pointer}/{name}", "target_given", "the campaign fills in whom it is about")
    sample = {name: sample_of(name, value) for name, value in written.fields.items() if name not in given}
    nobody = {name: value for name, value in NOBODY.items() if name in model.model_fields}
    if "public_identifier" in nobody:
        nobody.pop("url", None)
    try:
        model.model_validate({**sample, **nobody})
    except ValidationError as error:
        yield from (input_problem(written, fault) for fault in error.errors())


def input_problem(written: Written, fault: Any) -> Problem:
    """A fault the touchpoint's own rules found."""
    place = "".join(f"/{part}" for part in fault["loc"])
    is_length = "too_long" in fault["type"]
    return Problem(
        f"{written.pointer}{place}", "too_long" if is_length else "invalid_touchpoint", fault["msg"]
    )


def sample_of(name: str, value: JsonValue) -> JsonValue:
    """A field as it could come out of its template."""
    if prompt_in(value) is not None:
        return "text"
    if isinstance(value, str) and ("{{" in value or "{%" in value):
        return SAMPLE_POST if name == "post_url" else "text"
    return value


def text_problems(written: Written, known: frozenset[str] | None) -> Iterator[Problem]:
    """Templates that are none, ask for what nobody has, or cannot fit."""
    for name, value in written.fields.items():
        if name == "type" or name in TARGET_FIELDS:
            continue
        prompt = prompt_in(value)
        source = prompt if prompt is not None else value
        pointer = f"{written.pointer}/{name}" + (f"/{AI_PROMPT}" if prompt is not None else "")
        if not isinstance(source, str):
            continue
        spins = written.spintax and prompt is None and name in TEXT_FIELDS
        everything = known if known is not None else custom_in(source)
        for problem in check(source, everything, spintax=spins):
            yield Problem(pointer, problem.code, problem.detail)
        if prompt is None:
            yield from length_problems(written, name, source, pointer)


def unwritten(sequence: Sequence) -> Iterator[Problem]:
    """The texts a language model is to write, where none is set up: their steps would wait for it."""
    detail = "no language model is set up to write this: set OVERTURE_LLM_URL and OVERTURE_LLM_MODEL"
    for index, step in enumerate(sequence.steps):
        for written in touchpoints_of(step, f"/steps/{index}"):
            for name, value in written.fields.items():
                if prompt_in(value) is not None:
                    pointer = f"{written.pointer}/{name}/{AI_PROMPT}"
                    yield Problem(pointer, "llm_not_set_up", detail, "warning")


def custom_in(source: str) -> frozenset[str]:
    """The fields of the leads' own that a template asks for; none of what is no template."""
    try:
        names = uses(source).variables
    except BadTemplate:
        return frozenset()
    return frozenset(name.removeprefix("lead.") for name in names if "custom." in name)


def length_problems(written: Written, name: str, source: str, pointer: str) -> Iterator[Problem]:
    """A text that is too long whatever is filled in, or nearly."""
    limit = limit_of(str(written.fields.get("type")), name)
    least = least_length(source, spintax=written.spintax and name in TEXT_FIELDS)
    if limit is None or least == 0:
        return
    if least > limit and ("{{" in source or "{%" in source):  # the sample has told of others
        yield Problem(
            pointer, "too_long", f"at most {limit} characters; this has {least} before any name is filled in"
        )
    elif NEARLY * limit < least <= limit and "{{" in source:
        yield Problem(
            pointer,
            "may_be_too_long",
            f"{least} of {limit} characters before any name is filled in; with a long one it is not sent",
            "warning",
        )


def time_problems(step: Step, base: str) -> Iterator[Problem]:
    """Retries without a pause, fallbacks at once, delays of more than a year."""
    for number, way in enumerate(step.ways):
        place = base if number == 0 else f"{base}/fallback/{number - 1}"
        if way.retry_count and (way.retry_delay is None or way.retry_delay.is_none):
            detail = "say how long to wait before trying again, e.g. 24h"
            yield Problem(f"{place}/retry_delay", "retry_without_delay", detail)
        if isinstance(way, Fallback) and way.delay.is_none:
            detail = "the other way is tried at once after the failure"
            yield Problem(f"{place}/delay", "fallback_at_once", detail, "warning")
    fallbacks = [(f"fallback/{number}/delay", one.delay) for number, one in enumerate(step.fallback)]
    timeout = [("wait_for/timeout", step.wait_for.timeout)] if step.wait_for else []
    for name, delay in [("delay", step.delay), *fallbacks, *timeout]:
        if delay.is_too_long:
            yield Problem(f"{base}/{name}", "delay_too_long", "at most a year")


def variant_problems(step: Step, base: str) -> Iterator[Problem]:
    """Variants of one name, and one that is alone."""
    counts = Counter(one.id for one in step.variants)
    for number, variant in enumerate(step.variants):
        if counts[variant.id] > 1:
            yield Problem(f"{base}/variants/{number}/id", "duplicate_variant", f"two are {variant.id!r}")
        if "type" in variant.touchpoint:
            detail = "a variant changes texts, not what is done"
            yield Problem(f"{base}/variants/{number}/touchpoint/type", "variant_type", detail)
    if len(step.variants) == 1:
        yield Problem(f"{base}/variants", "single_variant", "everybody gets the only variant", "warning")


def conditions_of(step: Step, base: str) -> Iterator[tuple[str, Condition]]:
    """Every condition of a step, with where it stands."""
    if step.condition is not None:
        yield f"{base}/condition", step.condition
    for number, way in enumerate(step.fallback):
        if way.condition is not None:
            yield f"{base}/fallback/{number}/condition", way.condition
    if step.wait_for is not None:
        yield f"{base}/wait_for/condition", step.wait_for.condition
    for number, arm in enumerate(step.branch.arms if step.branch else ()):
        yield f"{base}/branch/if/{number}/if", arm.condition


def condition_problems(
    sequence: Sequence, part: Part, pointer: str, known: frozenset[str] | None
) -> Iterator[Problem]:
    """A condition about a step or field that is not there, or that can never hold."""
    match part:
        case Failed(failed=step) | Delivered(delivered=step):
            yield from of_step_problems(sequence, step, pointer)
        case Opened(opened=step):
            yield from of_step_problems(sequence, step, pointer)
            if "email" not in (sequence.channels.get(step) or ("email",)):
                yield Problem(pointer, "condition_never", f"the step {step!r} sends no e-mail")
        case FieldTest():
            yield from field_problems(part, pointer, known)
        case Is(is_="replied") if "/wait_for/" not in pointer:
            detail = "an answer ends the sequence, so this never holds here"
            yield Problem(pointer, "condition_never", detail, "warning")


def of_step_problems(sequence: Sequence, step: str, pointer: str) -> Iterator[Problem]:
    """A condition about a step that is not there, or does nothing that could fail or arrive."""
    if step not in sequence.by_id:
        yield Problem(pointer, "unknown_step", f"there is no step {step!r}")
    elif not sequence.channels[step]:
        yield Problem(pointer, "condition_never", f"the step {step!r} does not act")


def field_problems(part: FieldTest, pointer: str, known: frozenset[str] | None) -> Iterator[Problem]:
    """A condition about a field that no lead has, or without the value it compares with."""
    test = part.field
    is_custom = known is None and test.name.startswith("custom.")
    if not is_custom and not is_known(test.name, known or frozenset()):
        yield Problem(pointer, "unknown_field", f"leads have no field {test.name!r}")
    if test.value is None and test.op not in ("is_set", "is_empty"):
        yield Problem(pointer, "condition_never", f"{test.op} needs a value")
