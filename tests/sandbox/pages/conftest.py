"""A sandbox, a browser, and Mira at it: before the login form, or with a session that is already open."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from page_visitor import MIRA, Visitor
from playwright.async_api import Browser, Page, async_playwright

from overture_sandbox.testing import SandboxServer

CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PATIENCE_MS = 10_000


@pytest.fixture(scope="session")
def running_sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(running_sandbox: SandboxServer) -> SandboxServer:
    running_sandbox.reset()
    running_sandbox.admin.post("/populate", count=30)
    return running_sandbox


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = os.environ.get("OVERTURE_CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: set OVERTURE_CHROMIUM")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGS)
        yield started
        await started.close()


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A fresh browser window; a script error on any of the pages it shows fails the test."""
    context = await browser.new_context(viewport={"width": 1280, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []


@pytest.fixture(params=["A", "B"])
def variant(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def stranger_at_login(page: Page, sandbox: SandboxServer, variant: str) -> Visitor:
    sandbox.admin.patch(f"/logins/{MIRA}", variant=variant)
    return Visitor(page, sandbox, variant)


@pytest_asyncio.fixture(loop_scope="session")
async def mira(stranger_at_login: Visitor) -> Visitor:
    await stranger_at_login.step_in()
    return stranger_at_login


@pytest_asyncio.fixture(loop_scope="session")
async def mira_b(page: Page, sandbox: SandboxServer) -> Visitor:
    sandbox.admin.patch(f"/logins/{MIRA}", variant="B")
    visitor = Visitor(page, sandbox, "B")
    await visitor.step_in()
    return visitor
