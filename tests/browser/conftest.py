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
GETTING_IN = ("artifacts", "login", "provider", "reading")
"""Files whose accounts come to the login form; those of the others bring a session, as most runs do."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of each test one case is played each time, on the newer pages if it has them; the others are `wide`."""
    played: dict[tuple[Path, str], pytest.Item] = {}
    here = [item for item in items if item.path.parent == Path(__file__).parent]
    for item in sorted(here, key=lambda one: ("A" in cases_of(one), one.nodeid)):
        is_core = item.path.stem.removeprefix("test_linkedin_").removeprefix("test_") in CORE
        first = played.setdefault((item.path, item.name.partition("[")[0]), item)
        if not is_core and first is not item:
            item.add_marker(pytest.mark.wide)


def cases_of(item: pytest.Item) -> set[str]:
    """The values a test is played with."""
    spec = getattr(item, "callspec", None)
    return set(map(str, spec.params.values())) if spec is not None else set()


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
def stage(request: pytest.FixtureRequest, sandbox: SandboxServer, provider: LinkedInBrowser) -> Stage:
    """An account on the newer pages."""
    sandbox.reset()
    sandbox.admin.delete("/page-quirks")
    made = Stage(sandbox, provider)
    if request.path.stem.removeprefix("test_linkedin_") not in GETTING_IN:
        made.is_in()
    return made


@pytest.fixture(params=["A", "B"])
def on_both(request: pytest.FixtureRequest, stage: Stage) -> Stage:
    """An account on each of the two kinds of page."""
    variant: Literal["A", "B"] = request.param
    stage.look(variant=variant)
    return stage
