"""Saved profile pages, looked at in Chromium as they were: no script of theirs runs, nothing is loaded."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from playwright.async_api import Page, Route

from overture.core.settings import Settings
from overture.providers.linkedin_browser.chrome import Chrome
from overture.providers.linkedin_browser.profile_sight import OBSERVER, ProfileSight, read_profile_page

HOST: Final = "https://www.linkedin.com"


@dataclass(frozen=True)
class SavedPages:
    """A page of Chromium that is offline."""

    page: Page

    async def look(self, body: bytes, slug: str | None = None) -> ProfileSight:
        """What a saved page shows, opened under the address it had."""
        address = f"{HOST}/in/{quote(slug or 'saved')}/"

        async def only_this(route: Route) -> None:
            if route.request.is_navigation_request() and route.request.url == address:
                await route.fulfill(body=body, content_type="text/html; charset=utf-8")
            else:
                await route.abort()

        await self.page.route("**/*", only_this)
        try:
            await self.page.goto(address, wait_until="domcontentloaded")
            return read_profile_page(await self.page.evaluate(OBSERVER, slug), slug)
        finally:
            await self.page.unroute("**/*", only_this)


@asynccontextmanager
async def open_saved_pages(settings: Settings) -> AsyncIterator[SavedPages]:
    """Chromium for saved pages, closed afterwards."""
    chrome = Chrome(settings)
    try:
        context = await (await chrome.browser()).new_context(
            java_script_enabled=False, service_workers="block"
        )
        yield SavedPages(await context.new_page())
    finally:
        await chrome.close()
