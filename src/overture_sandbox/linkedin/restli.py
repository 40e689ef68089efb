"""Reads the list-and-record syntax in which the site writes query parameters."""

from urllib.parse import unquote

from starlette.requests import Request

Value = str | list["Value"] | dict[str, "Value"]


def variables(request: Request) -> dict[str, Value]:
    """The `variables=(…)` of a GraphQL request; empty when there are none or they cannot be read."""
    raw = _raw_parameter(request, "variables")
    if raw[:3].lower() == "%28":  # the client encoded the parentheses too: one layer more
        raw = unquote(raw)
    try:
        value, rest = _value(raw)
    except (ValueError, IndexError):
        return {}
    return value if isinstance(value, dict) and not rest else {}


def text(record: dict[str, Value], key: str) -> str | None:
    """A field of a record, if it is plain text."""
    value = record.get(key)
    return value if isinstance(value, str) else None


def _raw_parameter(request: Request, name: str) -> str:
    for part in request.url.query.split("&"):
        key, _, value = part.partition("=")
        if key == name:
            return value
    return ""


def _value(source: str) -> tuple[Value, str]:
    if source.startswith("List("):
        return _list(source[5:])
    if source.startswith("("):
        return _record(source[1:])
    end = next((index for index, char in enumerate(source) if char in ",)"), len(source))
    return unquote(source[:end]), source[end:]


def _list(source: str) -> tuple[Value, str]:
    items: list[Value] = []
    while source[0] != ")":
        item, source = _value(source)
        items.append(item)
        source = source.removeprefix(",")
    return items, source[1:]


def _record(source: str) -> tuple[Value, str]:
    record: dict[str, Value] = {}
    while source[0] != ")":
        key, colon, source = source.partition(":")
        if not colon:
            raise ValueError(key)
        record[key], source = _value(source)
        source = source.removeprefix(",")
    return record, source[1:]
