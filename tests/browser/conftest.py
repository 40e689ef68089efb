"""A sandbox and a browser for all tests of the folder; a fresh world and a fresh account for each."""

from collections.abc import AsyncIterator, Iterator
from typing import Literal

import pytest
from linkedin_stage import Stage, settings_for

from overture.core.clock import SystemClock
from overture.core.rng import Rng
from overture.providers.linkedin_browser import LinkedInBrowser
from overture_sandbox.testing import SandboxServer


@pytest.fixture(scope="session")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture(scope="session")
async def provider(sandbox: SandboxServer) -> AsyncIterator[LinkedInBrowser]:
    made = LinkedInBrowser(settings_for(sandbox.url), SystemClock(), Rng())
    yield made
    await made.close()


@pytest.fixture
def stage(sandbox: SandboxServer, provider: LinkedInBrowser) -> Stage:
    """An account on the newer pages."""
    sandbox.reset()
    sandbox.admin.delete("/page-quirks")
    return Stage(sandbox, provider)


@pytest.fixture(params=["A", "B"])
def on_both(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """An account on each of the two kinds of page."""
    variant: Literal["A", "B"] = request.param
    stage.look(variant=variant)
    return stage
