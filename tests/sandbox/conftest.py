"""One running sandbox for all tests here, reset before each, and a visitor logged in as Mira."""

from collections.abc import Iterator

import pytest
from visitor import ME, Visitor

from overture_sandbox.testing import SandboxServer


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running_sandbox: SandboxServer) -> SandboxServer:
    running_sandbox.reset()
    return running_sandbox


@pytest.fixture
def mira(sandbox: SandboxServer) -> Visitor:
    return Visitor(sandbox).log_in_as(ME)
