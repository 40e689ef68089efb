"""Liquid as sequences have it: few tags and filters, bounded, and nothing unknown or empty put out.

A field the lead does not have, or has nothing in, is unknown: putting it out is an error, `default` gives it
a value, and `{% if … %}` may ask for it. Text goes out byte for byte as it stands in the template.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from io import StringIO
from typing import Any, ClassVar, Final, TextIO

from liquid import BoundTemplate, Environment, RenderContext
from liquid.ast import Node
from liquid.builtin.content import ContentNode
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.output import Output, OutputNode
from liquid.exceptions import LiquidError, UndefinedError
from liquid.output import LimitedStringIO
from liquid.static_analysis import Variable
from liquid.stringify import to_liquid_string
from liquid.undefined import FalsyStrictUndefined, is_undefined

TAGS: Final = ("if", "unless", "case", "for", "break", "continue", "assign", "capture", "comment", "#")
FILTERS: Final = (
    *("default", "upcase", "downcase", "capitalize", "strip", "squish", "truncate", "truncatewords"),
    *("append", "prepend", "replace", "replace_first", "remove", "slice", "split", "join"),
    *("first", "last", "size", "sort", "uniq", "map", "where", "compact"),
    *("plus", "minus", "times", "divided_by", "round", "url_encode", "newline_to_br"),
)
"""What a template may use. None of them asks for the time, a file or anything outside the text."""
LONGEST_OUTPUT: Final = 200_000  # bytes; the longest text any channel takes is half of that
LONGEST_SOURCE: Final = 100_000


class StrictOutputNode(OutputNode):
    """`{{ … }}`: puts out a value, and never nothing."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        """Write the value, or raise UndefinedError naming what is unknown or empty."""
        value = self.expression.evaluate(context)
        text = "" if is_undefined(value) else to_liquid_string(value, autoescape=False)
        if not text.strip() and not self.may_be_empty:
            raise UndefinedError(str(self.expression), token=self.token)
        is_fenced = isinstance(context.env, SequenceLiquid) and context.env.fences
        return buffer.write(fenced(text) if is_fenced else text)

    @property
    def may_be_empty(self) -> bool:
        """Whether the author said what stands for nothing, be it nothing."""
        filters = self.expression.filters if isinstance(self.expression, FilteredExpression) else None
        return any(one.name == "default" for one in filters or ())


class StrictOutput(Output):
    """Registers the strict `{{ … }}`."""

    node_class = StrictOutputNode


class ExactText(LimitedStringIO):
    """Takes text down as it is; the library's own would turn CR LF into LF."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit, newline="")


class ExactContext(RenderContext):
    """Captures text as it is."""

    def get_buffer(self, buf: TextIO | None = None) -> StringIO:
        """A buffer for a block, counting what was written before it."""
        inner = ExactText(LONGEST_OUTPUT)
        inner.size = buf.size if isinstance(buf, LimitedStringIO) else 0
        return inner


class ExactTemplate(BoundTemplate):
    """A template whose text is put out as it is."""

    context_class = ExactContext

    def _get_buffer(self) -> StringIO:
        return ExactText(LONGEST_OUTPUT)


class SequenceLiquid(Environment):
    """The Liquid of sequences."""

    template_class = ExactTemplate
    fences: ClassVar[bool] = False
    """Whether what is put out is marked as data."""

    loop_iteration_limit: ClassVar[int | None] = 1000
    output_stream_limit: ClassVar[int | None] = LONGEST_OUTPUT
    local_namespace_limit: ClassVar[int | None] = 1_000_000
    block_nesting_limit: ClassVar[int] = 10
    suppress_blank_control_flow_blocks: bool = False  # a line break in a block is text like any other

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """Only the tags and filters listed here, and the strict output."""
        super().setup_tags_and_filters(extra=extra)
        inner = ("content", "output", "illegal")
        self.tags = {name: tag for name, tag in self.tags.items() if name in (*TAGS, *inner)}
        self.filters = {name: self.filters[name] for name in FILTERS}
        self.add_tag(StrictOutput)


class PromptLiquid(SequenceLiquid):
    """The Liquid of prompts: what strangers wrote stands between marks, so that a model can tell."""

    fences = True


LIQUID: Final = SequenceLiquid(undefined=FalsyStrictUndefined)
PROMPTS: Final = PromptLiquid(undefined=FalsyStrictUndefined)
OPENING, CLOSING = "<data>", "</data>"


def fenced(text: str) -> str:
    """A value between marks, with nothing in it that could end them."""
    return f"{OPENING}{text.replace('<', '‹').replace('>', '›')}{CLOSING}"


class MissingVariable(ValueError):
    """The text needs something that is unknown, or empty, for this lead."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is not known, or empty")
        self.name = name


class BadTemplate(ValueError):
    """The text is no template, or breaks a limit."""


@lru_cache(maxsize=2000)
def parse(source: str, liquid: SequenceLiquid = LIQUID) -> BoundTemplate:
    """The template of a source, or BadTemplate."""
    if len(source) > LONGEST_SOURCE:
        raise BadTemplate(f"a template has at most {LONGEST_SOURCE} characters")
    try:
        return liquid.from_string(source)
    except LiquidError as error:
        raise BadTemplate(spoken(error)) from error


def fill(source: str, values: Mapping[str, object], liquid: SequenceLiquid = LIQUID) -> str:
    """The text of a template for these values; MissingVariable or BadTemplate when there is none."""
    template = parse(source, liquid)
    roots = template_roots(source)
    known = {name: known_part(values[name]) for name in roots if name in values}
    try:
        return template.render(**{name: value for name, value in known.items() if value is not None})
    except UndefinedError as error:
        raise MissingVariable(name_in(error)) from error
    except (LiquidError, ArithmeticError) as error:
        raise BadTemplate(spoken(error)) from error


def known_part(value: object) -> Any:
    """A value without what is empty in it, so that empty and unknown are one; None when nothing is left."""
    if isinstance(value, Mapping):
        parts = {key: part for key, inner in value.items() if (part := known_part(inner)) is not None}
        return parts or None
    if isinstance(value, list | tuple):
        items = [part for inner in value if (part := known_part(inner)) is not None]
        return items or None
    return None if isinstance(value, str) and not value.strip() else value


def name_in(error: UndefinedError) -> str:
    """The name in an error about something unknown."""
    said = str(error.message).removesuffix(" is undefined").strip("'\" ")
    return said.split("|", 1)[0].strip() or "a variable"


def spoken(error: Exception) -> str:
    """An error of the library as one line."""
    said = error.message if isinstance(error, LiquidError) else error
    return " ".join(str(said).split())[:300]


@dataclass(frozen=True)
class Uses:
    """What a template uses of the outside: variables by their paths, and filters."""

    variables: tuple[str, ...]
    filters: tuple[str, ...]
    least_length: int
    """How long the text is at least: what stands in it outside of every tag."""


@lru_cache(maxsize=2000)
def uses(source: str) -> Uses:
    """What a template uses, or BadTemplate."""
    template = parse(source)
    found = template.analyze()
    variables = sorted({path_of(one) for several in found.globals.values() for one in several})
    least = sum(len(text) for text in literal_texts(template.nodes))
    return Uses(tuple(variables), tuple(sorted(found.filters)), least)


@lru_cache(maxsize=2000)
def template_roots(source: str) -> frozenset[str]:
    """The outermost names of the variables a template uses."""
    return frozenset(parse(source).analyze().globals)


def path_of(variable: Variable) -> str:
    """A variable as conditions and imports name it, `profile.positions[0].title`, `custom.Pain point`."""
    first, *rest = variable.segments
    return str(first) + "".join(f".{part}" if isinstance(part, str) else "[…]" for part in rest)


def literal_texts(nodes: list[Node]) -> Iterator[str]:
    """The texts that are always put out."""
    for node in nodes:
        if isinstance(node, ContentNode):
            yield node.text
