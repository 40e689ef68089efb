"""A sequence: the steps of a campaign as they are written (YAML or JSON), and its published JSON Schema.

Every step does one thing: act (`touchpoint`), wait for something (`wait_for`), or choose a way (`branch`).
A step begins when the one before it is over; then its delay passes, then its condition is looked at.
"""

from functools import cached_property
from typing import Annotated, Any, Final, Self

import yaml  # type: ignore[import-untyped]
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError

from overture.campaigns.calendar import NO_DELAY, Delay, WrittenDelay
from overture.campaigns.conditions import CONDITION_SCHEMA, PLACEHOLDER, Condition
from overture.campaigns.sequence_channels import Channel
from overture.core.errors import Invalid

END: Final = "end"
NEXT: Final = "next"
STEP_ID: Final = r"^[a-z][a-z0-9_-]{0,39}$"
RESERVED: Final = (END, NEXT)

StepId = Annotated[str, StringConstraints(pattern=STEP_ID)]
Target = Annotated[str, StringConstraints(pattern=STEP_ID)]
"""A step's id, `next` (the one below) or `end`."""
Template = str | dict[str, JsonValue]
"""A Liquid text, or `{"ai_prompt": "…"}`."""


class Written(BaseModel):
    """A part of a sequence as its author wrote it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Way(Written):
    """A way to reach somebody: a channel, a touchpoint with its texts as templates, and how often to try."""

    channel: Channel
    touchpoint: dict[str, JsonValue] = Field(
        description="`type` and the fields of that touchpoint; text is Liquid, or {ai_prompt: …}. Whom it "
        "is about is filled in by the campaign.",
        examples=[{"type": "message", "message": "Hi {{ first_name }}!"}],
    )
    retry_count: int = Field(default=0, ge=0, le=10, description="Further tries after a passing failure.")
    retry_delay: WrittenDelay | None = Field(default=None, description="Time between tries.")

    @property
    def kind(self) -> str:
        """The touchpoint's type; empty when none is given."""
        found = self.touchpoint.get("type")
        return found if isinstance(found, str) else ""


class Fallback(Way):
    """Another way, taken when the one before it failed for good: never sooner than its own delay."""

    delay: WrittenDelay = Field(
        description="From the failure on. Must be said, so that it is never at once by accident."
    )
    condition: Condition | None = None


class Variant(Written):
    """One of several texts; a lead stays with the one it was dealt."""

    id: StepId
    weight: int = Field(default=1, ge=1, le=1000)
    touchpoint: dict[str, JsonValue] = Field(description="Fields that differ from the step's own.")


class WaitFor(Written):
    """A wait until something holds, for at most `timeout`."""

    condition: Condition
    timeout: WrittenDelay
    on_timeout: Target | None = Field(default=None, description="A step, `next` or `end`. Must be said.")
    then: Target = NEXT


class Arm(Written):
    """One arm of a branch."""

    condition: Condition = Field(alias="if")
    then: Target

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Branch(Written):
    """The first arm whose condition holds is taken, else `otherwise` (written `else`)."""

    arms: tuple[Arm, ...] = Field(alias="if", min_length=1)
    otherwise: Target | None = Field(default=None, alias="else", description="Must be said.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Step(Written):
    """One step: it acts, waits for something, or branches."""

    id: StepId
    delay: WrittenDelay = Field(default=NO_DELAY, description="From the end of the step before.")
    condition: Condition | None = Field(
        default=None, description="Looked at after the delay; the step is passed over when it does not hold."
    )
    channel: Channel | None = None
    touchpoint: dict[str, JsonValue] | None = None
    retry_count: int = Field(default=0, ge=0, le=10, description="Further tries after a passing failure.")
    retry_delay: WrittenDelay | None = None
    fallback: tuple[Fallback, ...] = Field(default=(), max_length=5)
    on_failure: Target | None = Field(
        default=None,
        description="Where to go when no way reached them: a step, `next` or `end`. When it is not given: "
        "the next step after a failure, and a wait with the reason when the lead lacks the address.",
    )
    variants: tuple[Variant, ...] = Field(default=(), max_length=10)
    spintax: bool = Field(default=False, description="Read {one|other} in texts as a choice.")
    booking_link: bool = Field(default=True, description="Append the booking link when there is one.")
    wait_for: WaitFor | None = None
    branch: Branch | None = None
    next: Target = Field(default=NEXT, description="Where to go from here: a step, `next` or `end`.")

    @model_validator(mode="after")
    def does_one_thing(self) -> Self:
        """Refuse a step that does nothing, or two things."""
        does = [self.touchpoint is not None, self.wait_for is not None, self.branch is not None]
        if sum(does) != 1:
            raise PydanticCustomError(
                "not_one_thing", "a step has one of touchpoint, wait_for and branch; this one has {count}",
                {"count": sum(does)},
            )  # fmt: skip
        if (self.touchpoint is None) != (self.channel is None):
            raise PydanticCustomError("no_channel", "channel and touchpoint go together")
        if self.touchpoint is None and (self.fallback or self.variants or self.retry_count):
            raise PydanticCustomError("nothing_to_try", "fallback, variants and retries need a touchpoint")
        return self

    @cached_property
    def ways(self) -> tuple[Way, ...]:
        """How it may reach them: its own way, then its fallbacks; none when it does not act."""
        if self.touchpoint is None or self.channel is None:
            return ()
        own = Way(
            channel=self.channel,
            touchpoint=self.touchpoint,
            retry_count=self.retry_count,
            retry_delay=self.retry_delay,
        )
        return (own, *self.fallback)


class Sequence(Written):
    """The plan of a campaign: steps, and where it begins."""

    name: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=2000)
    steps: tuple[Step, ...] = Field(max_length=100)
    start: StepId | None = Field(default=None, description="The first step; the top one when not given.")

    @cached_property
    def by_id(self) -> dict[str, Step]:
        """The steps by id; of two of one name, the first."""
        return {step.id: step for step in reversed(self.steps)}

    @cached_property
    def channels(self) -> dict[str, tuple[Channel, ...]]:
        """The channels of each step's ways, in their order."""
        return {step.id: tuple(way.channel for way in step.ways) for step in self.steps}

    @property
    def first(self) -> str:
        """The id of the step it begins with."""
        return self.start or self.steps[0].id

    def target(self, step: str, wanted: str) -> str:
        """The step that a step's `next`, `then` … means: an id, or `end`."""
        if wanted != NEXT:
            return wanted
        ids = [one.id for one in self.steps]
        below = ids.index(step) + 1
        return ids[below] if below < len(ids) else END


def read_sequence(text: str) -> Sequence:
    """The sequence in a YAML or JSON document, or Invalid naming each fault by JSON pointer."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise Invalid(
            "validation_error",
            f"The document is not YAML or JSON: {error}",
            fix="Check indentation and quotes; text with a colon or braces needs quotes.",
            errors=[{"pointer": "", "code": "not_yaml", "detail": str(error)}],
        ) from error
    return sequence_of(found)


def sequence_of(body: object) -> Sequence:
    """The sequence in a decoded document, or Invalid naming each fault by JSON pointer."""
    try:
        return Sequence.model_validate(body)
    except ValidationError as error:
        errors = faults_of(body, error)
        raise Invalid(
            "validation_error",
            f"The sequence is not valid: {errors[0]['pointer'] or '/'}: {errors[0]['detail']}.",
            fix="Mend each place named in errors; docs/reference/sequence.schema.json has the whole shape.",
            errors=errors,
        ) from error


def faults_of(body: object, error: ValidationError) -> list[dict[str, str]]:
    """Each fault by its pointer; a list is not called too short when only its items are faulty."""
    found = [
        {"pointer": pointer(body, fault["loc"]), "code": fault["type"], "detail": fault["msg"]}
        for fault in error.errors()
    ]
    places = [fault["pointer"] for fault in found]
    return [
        fault
        for fault in found
        if fault["code"] != "too_short" or not any(one.startswith(fault["pointer"] + "/") for one in places)
    ]


def pointer(body: object, loc: tuple[int | str, ...]) -> str:
    """The JSON pointer of a fault; names of union members in its location are left out."""
    parts: list[str] = []
    here: Any = body
    for part in loc:
        if holds_part(here, part):
            here = here[part]
        elif isinstance(here, dict) and part == loc[-1] and isinstance(part, str):
            here = None  # a key that is missing
        else:
            continue
        parts.append(str(part).replace("~", "~0").replace("/", "~1"))
    return "".join(f"/{part}" for part in parts)


def holds_part(here: object, part: int | str) -> bool:
    """Whether a decoded document has this key or index."""
    if isinstance(here, list | tuple):
        return isinstance(part, int) and part < len(here)
    return isinstance(here, dict) and part in here


def body_of(sequence: Sequence) -> dict[str, Any]:
    """The sequence as JSON, as a version stores it; read back, it is the same."""
    body: dict[str, Any] = sequence.model_dump(mode="json", by_alias=True, exclude_none=True)
    return body


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a sequence document."""
    schema = with_conditions(Sequence.model_json_schema(by_alias=True))
    schema["$defs"]["Condition"] = CONDITION_SCHEMA
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Overture sequence",
        **{key: value for key, value in schema.items() if key != "title"},
    }


def with_conditions(schema: Any) -> Any:
    """The schema with a reference wherever a condition stands."""
    if isinstance(schema, list):
        return [with_conditions(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: with_conditions(value) for key, value in schema.items() if key != PLACEHOLDER}
    return {"$ref": "#/$defs/Condition", **found} if PLACEHOLDER in schema else found


AI_PROMPT: Final = "ai_prompt"
__all__ = [
    "AI_PROMPT",
    "END",
    "NEXT",
    "Arm",
    "Branch",
    "Delay",
    "Fallback",
    "Sequence",
    "Step",
    "Variant",
    "WaitFor",
    "Way",
    "body_of",
    "json_schema",
    "read_sequence",
    "sequence_of",
]
