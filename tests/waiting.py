"""Waiting for a condition instead of for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 15.0  # seconds; a slow machine is given time, a broken product is not waited for
LOOK_EVERY = 0.02


async def eventually(look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """What `look` returns once it is neither None nor False; fails after `patience` seconds."""
    deadline = time.monotonic() + patience
    while True:
        found = await look()
        if found is not None and found is not False:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"did not come about within {patience} s; last seen: {found!r}")
        await asyncio.sleep(LOOK_EVERY)
