"""Which touchpoints a provider carries out: a handler registers itself by the type in its annotation."""

from collections.abc import Awaitable, Callable
from typing import Any, Generic, Protocol, TypeVar, get_type_hints
from uuid import UUID

from overture.core.errors import NotPossible
from overture.touchpoints import Outcome, Touchpoint, Write

D = TypeVar("D")
D_contra = TypeVar("D_contra", contravariant=True)
R = TypeVar("R", bound=Callable[..., Awaitable[Outcome]])
W = TypeVar("W", bound=Callable[..., Write])


class Reader(Protocol[D_contra]):
    """Carries out one type of read; it is only handed touchpoints of its own type."""

    def __call__(self, desk: D_contra, touchpoint: Any, /) -> Awaitable[Outcome]:
        """Read."""
        ...


class Writer(Protocol[D_contra]):
    """Makes the write of one type of touchpoint."""

    def __call__(self, desk: D_contra, touchpoint: Any, token: UUID) -> Write:
        """Begin it."""
        ...


class Handlers(Generic[D]):
    """The handlers of one provider, whose sessions do their work at a desk of type `D`."""

    def __init__(self, provider: str) -> None:
        self.provider = provider
        self.readers: dict[str, Reader[D]] = {}
        self.writers: dict[str, Writer[D]] = {}

    def reader(self, touchpoint: Touchpoint) -> Reader[D]:
        """What carries out a read; refused where there is nothing."""
        found = self.readers.get(touchpoint.kind())
        if found is None:
            raise NotPossible("unsupported", f"{self.provider} has no read called {touchpoint.kind()}")
        return found

    def writer(self, touchpoint: Touchpoint) -> Writer[D]:
        """What makes a write; refused where there is nothing."""
        found = self.writers.get(touchpoint.kind())
        if found is None:
            raise NotPossible("unsupported", f"{self.provider} has no write called {touchpoint.kind()}")
        return found

    def reads(self, handler: R) -> R:
        """Register a reading handler, `async def enrich(desk: Desk, touchpoint: Enrich)`."""
        self.readers[kind_of(handler)] = handler
        return handler

    def writes(self, handler: W) -> W:
        """Register a writing handler, a class whose `__init__` takes `touchpoint: Connect`."""
        self.writers[kind_of(vars(handler)["__init__"])] = handler
        return handler


def kind_of(handler: object) -> str:
    """The type of touchpoint a handler says it carries out."""
    touchpoint = get_type_hints(handler)["touchpoint"]
    if not (isinstance(touchpoint, type) and issubclass(touchpoint, Touchpoint)):
        raise TypeError(f"{handler!r} does not say which touchpoint it carries out")
    return touchpoint.kind()
