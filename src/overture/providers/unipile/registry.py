"""Which touchpoints this provider carries out: a handler registers itself by the type in its annotation."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar, get_type_hints
from uuid import UUID

from overture.providers.unipile.desk import Desk
from overture.touchpoints import Outcome, Touchpoint, Write

Reader = Callable[[Desk, Any], Awaitable[Outcome]]
"""Carries out one type of read; the registry only hands it touchpoints of its own type."""


class Writer(Protocol):
    """Makes the write of one type of touchpoint."""

    def __call__(self, desk: Desk, touchpoint: Any, token: UUID) -> Write:
        """Begin it."""
        ...


READERS: Final[dict[str, Reader]] = {}
WRITERS: Final[dict[str, Writer]] = {}

R = TypeVar("R", bound=Reader)
W = TypeVar("W", bound=Writer)


def reads(handler: R) -> R:
    """Register a reading handler, `async def enrich(desk: Desk, touchpoint: Enrich)`."""
    READERS[_kind(handler)] = handler
    return handler


def writes(handler: W) -> W:
    """Register a writing handler, a class whose `__init__` takes `touchpoint: Connect`."""
    WRITERS[_kind(vars(handler)["__init__"])] = handler
    return handler


def _kind(handler: object) -> str:
    touchpoint = get_type_hints(handler)["touchpoint"]
    if not (isinstance(touchpoint, type) and issubclass(touchpoint, Touchpoint)):
        raise TypeError(f"{handler!r} does not say which touchpoint it carries out")
    return touchpoint.kind()
