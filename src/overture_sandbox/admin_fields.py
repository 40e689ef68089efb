"""Turns JSON from an operator into the world's own dataclasses, and says which field is wrong."""

from dataclasses import MISSING, Field, fields, is_dataclass
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Built = TypeVar("Built")
Path = tuple[str, ...]


class FieldError(Exception):
    """A field of the request cannot be used, and why."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field, self.problem = field, problem


def built(kind: type[Built], body: dict[str, Any], path: Path = ()) -> Built:
    """A new object of this kind; unknown, missing and ill-typed fields are refused by name."""
    given = converted(kind, body, path)
    for one in _init_fields(kind):
        if one.name not in given and one.default is MISSING and one.default_factory is MISSING:
            raise FieldError(_named((*path, one.name)), "is required")
    return kind(**given)


def converted(kind: type[Any], body: dict[str, Any], path: Path = ()) -> dict[str, Any]:
    """The given fields of this kind, each in its proper type."""
    hints = get_type_hints(kind)
    known = {one.name for one in _init_fields(kind)}
    for name in body:
        if name not in known:
            raise FieldError(_named((*path, name)), f"is not one of {', '.join(sorted(known))}")
    return {name: _convert(hints[name], value, (*path, name)) for name, value in body.items()}


def text(body: dict[str, Any], name: str) -> str:
    """A field that must be a non-empty text."""
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise FieldError(name, "must be a non-empty text")
    return value


def whole_number(body: dict[str, Any], name: str, default: int | None = None) -> int:
    """A field that must be a whole number."""
    value = body.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise FieldError(name, "must be a whole number")
    return value


def one_of(body: dict[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """A field that must be one of a few words."""
    value = body.get(name)
    if value not in allowed:
        raise FieldError(name, f"must be one of {', '.join(allowed)}")
    return str(value)


def _init_fields(kind: type[Any]) -> list[Field[Any]]:
    return [one for one in fields(kind) if one.init]


def _named(path: Path) -> str:
    return ".".join(path)


def _convert(hint: Any, value: Any, path: Path) -> Any:
    origin = get_origin(hint)
    if hint is object:
        return value
    if origin is not None:
        return _convert_generic(hint, origin, value, path)
    if is_dataclass(hint) and isinstance(hint, type):
        return built(hint, _record(value, path), path)
    return _convert_plain(hint, value, path)


def _convert_generic(hint: Any, origin: Any, value: Any, path: Path) -> Any:
    if origin in (Union, UnionType):
        return _convert_optional(hint, value, path)
    if origin is list:
        return _convert_list(get_args(hint)[0], value, path)
    if origin is dict:
        return {str(key): str(one) for key, one in _record(value, path).items()}
    if origin is not Literal:
        raise TypeError(f"fields of type {hint} are not supported")
    if value not in get_args(hint):
        raise FieldError(_named(path), f"must be one of {', '.join(map(str, get_args(hint)))}")
    return value


def _convert_optional(hint: Any, value: Any, path: Path) -> Any:
    inner = [one for one in get_args(hint) if one is not type(None)]
    if value is None and len(inner) < len(get_args(hint)):
        return None
    return _convert(inner[0], value, path)


def _convert_list(hint: Any, value: Any, path: Path) -> list[Any]:
    if not isinstance(value, list):
        raise FieldError(_named(path), "must be a list")
    return [_convert(hint, one, (*path, str(index))) for index, one in enumerate(value)]


def _convert_plain(hint: Any, value: Any, path: Path) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise FieldError(_named(path), f"must be of type {hint.__name__}")
    return value


def _record(value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise FieldError(_named(path), "must be an object")
    return value
