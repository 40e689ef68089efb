"""Waiting for a condition instead of for a time."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 45.0  # seconds; a slow machine is given time, a broken product is not waited for
LOOK_EVERY, MOST_PAUSE = 0.02, 0.25
WAITED_SHARE = 4
"""A pause is this fraction of what was waited so far: looking costs the time of what is waited for."""


async def eventually(look: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """What `look` returns once it is neither None nor False; fails after `patience` seconds."""
    began = time.monotonic()
    while True:
        found = await look()
        if found is not None and found is not False:
            return found
        waited = time.monotonic() - began
        if waited > patience:
            raise AssertionError(f"did not come about within {patience} s; last seen: {found!r}")
        await asyncio.sleep(min(MOST_PAUSE, max(LOOK_EVERY, waited / WAITED_SHARE)))
