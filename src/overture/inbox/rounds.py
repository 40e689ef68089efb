"""Batches of rows for statements that may meet each row but once."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T")


def rounds(items: Iterable[T], key: Callable[[T], Hashable]) -> list[list[T]]:
    """The items in as few batches as can be, no two of one key in the same one."""
    batches: list[list[T]] = []
    met: dict[Hashable, int] = {}
    for item in items:
        place = met.get(key(item), 0)
        met[key(item)] = place + 1
        if place == len(batches):
            batches.append([])
        batches[place].append(item)
    return batches
