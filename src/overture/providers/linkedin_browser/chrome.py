"""The one Chromium all accounts share: started when needed, again when it died, ended within a bound."""

import asyncio
import os
import signal
from collections.abc import Awaitable
from typing import Final

import structlog
from playwright.async_api import Browser, Error, Playwright, async_playwright

from overture.core.errors import Transient
from overture.core.settings import Settings
from overture.providers.linkedin_browser.chromium import ChromiumMissing, find_chromium

log = structlog.get_logger()

ARGUMENTS: Final = (
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
START_S: Final = 60.0
STOP_S: Final = 5.0


class Chrome:
    """Starts Chromium lazily and never leaves one behind."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = asyncio.Lock()
        self._playwright: Playwright | None = None
        self._browser: Browser | None = None
        self._pid: int | None = None

    async def browser(self) -> Browser:
        """A Chromium that answers."""
        async with self._lock:
            if self._browser is not None and self._browser.is_connected():
                return self._browser
            try:
                async with asyncio.timeout(START_S):
                    self._browser = await self._start()
            except ChromiumMissing as error:
                raise Transient(str(error), code="browser_missing") from error
            except (Error, TimeoutError) as error:
                raise Transient(
                    "the browser did not start", code="browser_start", error=str(error)[:200]
                ) from error
            return self._browser

    async def close(self) -> None:
        """End Chromium and its driver; what does not end in time is killed."""
        async with self._lock:
            browser, driver, pid = self._browser, self._playwright, self._pid
            self._browser = self._playwright = self._pid = None
            if browser is not None and not await _within(browser.close()):
                _kill(pid)
            if driver is not None:
                await _within(driver.stop())

    async def _start(self) -> Browser:
        chosen = self._settings.chromium
        program = find_chromium(chosen, headless=self._settings.browser_headless)
        if self._playwright is None:
            self._playwright = await async_playwright().start()
        as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
        browser = await self._playwright.chromium.launch(
            executable_path=program,
            headless=self._settings.browser_headless,
            args=[*ARGUMENTS, *as_root],
            handle_sigint=False,
            handle_sigterm=False,
            handle_sighup=False,
        )
        self._pid = await _pid_of(browser)
        log.info("browser.started", version=browser.version)
        return browser


async def _pid_of(browser: Browser) -> int | None:
    """The browser's own process, so that a hung one can be ended for certain."""
    devtools = await browser.new_browser_cdp_session()
    found = await devtools.send("SystemInfo.getProcessInfo")
    await devtools.detach()
    return next(
        (int(process["id"]) for process in found["processInfo"] if process["type"] == "browser"), None
    )


async def _within(ending: Awaitable[None]) -> bool:
    try:
        async with asyncio.timeout(STOP_S):
            await ending
    except (TimeoutError, Error):
        return False
    return True


def _kill(pid: int | None) -> None:
    if pid is None:
        return
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        log.info("browser.gone")
