"""One nursery for all trials of a test run: importing the product is the slow part of a worker."""

from collections.abc import AsyncIterator

import pytest

from .keeper import Keeper


@pytest.fixture(scope="session")
async def keeper() -> AsyncIterator[Keeper]:
    """Starts, kills and buries workers."""
    async with Keeper() as made:
        yield made
