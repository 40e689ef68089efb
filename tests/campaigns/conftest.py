"""A pretend language model for the tests of writing; what it was told to do is forgotten before each."""

from collections.abc import Iterator

import pytest

from overture_sandbox.testing import SandboxServer


@pytest.fixture(scope="session")
def running() -> Iterator[SandboxServer]:
    """The sandbox, started once."""
    with SandboxServer() as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: SandboxServer) -> SandboxServer:
    """The sandbox with a model that writes as usual."""
    running.admin.delete("/llm")
    return running
