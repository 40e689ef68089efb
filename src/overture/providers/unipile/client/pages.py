"""Lists that come in pages, and walks through all of them."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

T = TypeVar("T")
Ended = Literal["end", "max_items", "stopped", "repeated_cursor"]


@dataclass(frozen=True)
class Page(Generic[T]):
    """One page of a list; the cursor leads to the next, None says there is none."""

    items: tuple[T, ...]
    cursor: str | None = None
    total: int | None = None
    unreadable: int = 0  # items left out because not even their key could be read

    def __len__(self) -> int:
        return len(self.items)


@dataclass(frozen=True)
class Bounds(Generic[T]):
    """How far a walk goes: so many items, and not beyond the first one that says stop (which is left out)."""

    max_items: int | None = None
    stop_when: Callable[[T], bool] | None = None


@dataclass
class Walk(AsyncIterator[T]):
    """Goes through a list item by item, page by page, and says afterwards how it ended."""

    fetch: Callable[[str | None], Awaitable[Page[T]]] = field(repr=False)
    bounds: Bounds[T] = field(default_factory=Bounds)
    ended: Ended | None = None
    pages: int = 0
    unreadable: int = 0

    def __post_init__(self) -> None:
        self._items = self._walk()

    @property
    def is_complete(self) -> bool:
        """Whether everything there is has been seen and understood."""
        return self.ended == "end" and not self.unreadable

    def __aiter__(self) -> "Walk[T]":
        return self

    async def __anext__(self) -> T:
        return await anext(self._items)

    async def all(self) -> list[T]:
        """What is left of the list."""
        return [item async for item in self]

    async def _walk(self) -> AsyncIterator[T]:
        seen: set[str] = set()
        cursor: str | None = None
        given, limit = 0, self.bounds.max_items
        while True:
            if limit is not None and given >= limit:
                self.ended = "max_items"
                return
            page = await self.fetch(cursor)
            self.pages += 1
            self.unreadable += page.unreadable
            for item in page.items:
                if limit is not None and given >= limit:
                    self.ended = "max_items"
                    return
                if self.bounds.stop_when and self.bounds.stop_when(item):
                    self.ended = "stopped"
                    return
                given += 1
                yield item
            if not page.cursor:
                self.ended = "end"
                return
            if page.cursor in seen:
                self.ended = "repeated_cursor"
                return
            seen.add(page.cursor)
            cursor = page.cursor
