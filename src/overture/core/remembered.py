"""What is stored the same is read once: limits, hours and settings come with every act and seldom change."""

from collections.abc import Mapping
from typing import Final, TypeVar

from pydantic import BaseModel

Model = TypeVar("Model", bound=BaseModel)
MOST: Final = 4096

_read: Final[dict[tuple[type[BaseModel], str], BaseModel]] = {}


def remembered(kind: type[Model], stored: Mapping[str, object]) -> Model:
    """The stored form as a model, which must be a frozen one; checked the first time it is met."""
    spelled = kind, repr(stored)
    found = _read.get(spelled)
    if not isinstance(found, kind):
        found = kind.model_validate(stored)
        if len(_read) >= MOST:  # of accounts and campaigns that are gone
            _read.clear()
        _read[spelled] = found
    return found
