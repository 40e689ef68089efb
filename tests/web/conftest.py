"""A browser for all tests of the pages; the product served with a worker at work, and furnished, for each."""

import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, async_playwright
from site_stage import Site, furnish, furnish_campaigns, served

from fakes import ScriptedProvider
from overture.entrypoints.bootstrap import App
from overture.providers.linkedin_browser.chromium import find_chromium
from product import MakeApp


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Chromium, started once."""
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(
            executable_path=str(find_chromium(None)), args=["--no-sandbox"]
        )
        yield started
        await started.close()


@pytest.fixture
async def app(make_app: MakeApp) -> App:
    """The product in a practice world; a browser is slow, so its worker need not look around all the time."""
    return await make_app(linkedin_url="http://sandbox.test", tick=timedelta(milliseconds=250))


@pytest.fixture
async def site(app: App, browser: Browser, worker: None) -> AsyncIterator[Site]:
    """The pages on a port."""
    async with contextlib.AsyncExitStack() as stack:
        url = await stack.enter_async_context(served(app))
        async with contextlib.AsyncExitStack() as tabs:
            yield Site(app, url, browser, tabs)


@pytest.fixture
async def things(site: Site, provider: ScriptedProvider) -> dict[str, str]:
    """Something of every kind to look at."""
    return await furnish(site, provider)


@pytest.fixture
async def campaign_things(site: Site, things: dict[str, str]) -> dict[str, str]:
    """Campaigns with leads to look at."""
    return await furnish_campaigns(site)
