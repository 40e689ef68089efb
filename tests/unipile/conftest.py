"""One running sandbox for the tests of a file, and an account of its workspace, anew for each test."""

from collections.abc import Iterator

import pytest
from unipile_desk import Desk, open_desk


@pytest.fixture(scope="module")
def open_sandbox() -> Iterator[Desk]:
    """A sandbox that runs."""
    with open_desk() as made:
        yield made


@pytest.fixture
def desk(open_sandbox: Desk) -> Desk:
    """The world as it begins, with one paid account connected."""
    open_sandbox.sandbox.reset()
    return Desk(open_sandbox.sandbox).connect(premium=True)
