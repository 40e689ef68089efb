"""A sandbox and a browser for all tests of the folder; a fresh world and a fresh account for each."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal

import pytest
from linkedin_stage import Stage, settings_for

from overture.core.clock import SystemClock
from overture.core.rng import Rng
from overture.providers.linkedin_browser import LinkedInBrowser
from overture_sandbox.testing import SandboxServer

CORE = ("provider", "saved_pages")
"""Files whose every case is played each time."""
LANGUAGES = ("de", "fr", "da", "de_DE", "fr_FR", "da_DK")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The older pages and further languages of other files are `wide`; `./dev test -m wide` plays them."""
    for item in items:
        is_here = item.path.parent == Path(__file__).parent
        is_core = item.path.stem.removeprefix("test_linkedin_").removeprefix("test_") in CORE
        spec = getattr(item, "callspec", None)
        values = (
            set(map(str, spec.params.values())) if is_here and spec is not None and not is_core else set()
        )
        if values & {"A", *LANGUAGES}:
            item.add_marker(pytest.mark.wide)


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
