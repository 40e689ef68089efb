"""One account's page in the browser, with a limit on every wait."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from urllib.parse import urlsplit

from playwright.async_api import Error, Locator, Page
from playwright.async_api import TimeoutError as WaitedTooLong

from overture.core.errors import PageChanged, Transient
from overture.providers.linkedin_browser.obstacles import clear_the_way
from overture.providers.linkedin_browser.pages import OBSERVE, Sight, sight_of
from overture.providers.linkedin_browser.watch import Watch
from overture.touchpoints import Trace

CONTENT = 'main, [role="main"], input[type="password"], form[action], input[name="pin"], #captcha-internal'
AWAKE = "body[data-rehydrated], body:not(:has(#interop-outlet, [data-sdui-screen]))"
"""The newer pages come drawn, and mark when their scripts have taken over; the older are drawn by theirs."""
AWAKE_MS = 6000.0  # how long that may take before the page is worked with all the same
SHORT_MS = 3000.0  # after this long it is asked what lies above a control
SETTLE_MS = 4000.0  # how long a page without any of these may take to grow one


class Tab:
    """The open page, and the only way handlers load another."""

    def __init__(self, page: Page, base_url: str, limit: timedelta) -> None:
        self.page = page
        self.base_url = base_url.rstrip("/")
        self.limit = limit
        self.loads = 0
        self.is_hung = False
        self.trace: Trace | None = None
        self.sight: Sight | None = None
        self.watch = Watch()
        self.watch.follow(page)
        page.set_default_timeout(self.milliseconds)
        page.set_default_navigation_timeout(self.milliseconds)

    @property
    def milliseconds(self) -> float:
        """The longest wait, as Playwright counts."""
        return self.limit.total_seconds() * 1000

    @property
    def is_on_site(self) -> bool:
        """Whether the open page belongs to the site, so that its JSON can be read from here."""
        here, site = urlsplit(self.page.url), urlsplit(self.base_url)
        return (here.scheme, here.netloc) == (site.scheme, site.netloc)

    @property
    def path(self) -> str:
        """The path of the open page."""
        return urlsplit(self.page.url).path

    @asynccontextmanager
    async def bounded(self, what: str) -> AsyncIterator[None]:
        """A wait that ends: what takes longer, or breaks in the browser, is Transient."""
        try:
            # A little more than Playwright's own limit, so that this only acts when the page itself hangs.
            async with asyncio.timeout(self.limit.total_seconds() + 1):
                yield
        except TimeoutError as error:
            self.is_hung = True
            raise Transient(f"{what} took too long", code="browser_timeout", what=what) from error
        except WaitedTooLong as error:
            raise Transient(f"{what} took too long", code="browser_timeout", what=what) from error
        except Error as error:
            raise Transient(
                f"{what} failed in the browser", code="browser_error", error=_brief(error)
            ) from error

    async def goto(self, path: str) -> Sight:
        """Load a page of the site and look at it."""
        status, retry_after = None, ""
        async with self.bounded("loading the page"):
            self.loads += 1
            try:
                response = await self.page.goto(self.base_url + path, wait_until="domcontentloaded")
                if response is not None:
                    status, retry_after = response.status, response.headers.get("retry-after", "")
            except Error as error:
                if "ERR_TOO_MANY_REDIRECTS" not in error.message:
                    raise
                with suppress(Error):  # the browser's own error page comes late and would cut off the next
                    await self.page.goto("about:blank")
                return Sight("/login", None, "", "", False, False, "unknown", "challenge", "")
        return await self.look(status, retry_after)

    async def look(self, status: int | None = None, retry_after: str = "") -> Sight:
        """What kind of page is open, once it shows something."""
        async with self.bounded("looking at the page"):
            with suppress(WaitedTooLong):  # an empty page is a finding, too
                await self.page.wait_for_selector(CONTENT, state="attached", timeout=SETTLE_MS)
        await self._until_awake()
        async with self.bounded("looking at the page"):
            seen = await self._seen()
        sight = self.sight = sight_of(seen, status, retry_after)
        if self.trace:
            self.trace.step(
                "page",
                path=sight.where,
                status=status,
                page_class=str(sight.page_class),
                variant=sight.variant,
                locale=sight.lang,
            )
        return sight

    async def _until_awake(self) -> None:
        """Wait until the page does something when it is pressed: an earlier click would be lost."""
        within_ms = min(self.milliseconds, AWAKE_MS)
        async with self.bounded("waiting for the page's scripts"):
            try:
                await self.page.wait_for_selector(AWAKE, state="attached", timeout=within_ms)
            except WaitedTooLong:
                if self.trace:
                    self.trace.step("page_asleep", within_ms=within_ms)

    async def _seen(self) -> dict[str, object]:
        """The facts of the page; of the next one, when it is left in this very moment."""
        try:
            found: dict[str, object] = await self.page.evaluate(OBSERVE)
        except Error as error:
            if "context was destroyed" not in error.message:
                raise
            await self.page.wait_for_load_state("domcontentloaded")
            found = await self.page.evaluate(OBSERVE)
        return found

    async def evaluate(self, script: str, argument: object) -> object:
        """Run a function in the page."""
        async with self.bounded("running in the page"):
            result: object = await self.page.evaluate(script, argument)
        return result

    async def cookie(self, name: str) -> str | None:
        """A cookie of the site."""
        async with self.bounded("reading the cookies"):
            cookies = await self.page.context.cookies(self.base_url)
        return next((str(cookie.get("value")) for cookie in cookies if cookie.get("name") == name), None)

    async def forget(self, *names: str) -> None:
        """Throw cookies away."""
        async with self.bounded("clearing the cookies"):
            for name in names:
                await self.page.context.clear_cookies(name=name)

    async def click(self, locator: Locator, what: str) -> None:
        """One real click on something a person could click; never forced through what lies above it."""
        await self._free(locator, what)
        async with self.bounded(f"pressing {what}"):
            try:
                await locator.click()
            except WaitedTooLong as error:
                raise PageChanged(f"{what}, free to be pressed", code="control_blocked") from error

    async def hover(self, locator: Locator, what: str) -> None:
        """Rest the pointer on something it can reach, coming from elsewhere."""
        await self._free(locator, what)
        async with self.bounded(f"hovering over {what}"):
            await self.page.mouse.move(1, 1)  # a pointer that rests there already enters nothing
            try:
                await locator.hover()
            except WaitedTooLong as error:
                raise PageChanged(f"{what}, free to be reached", code="control_blocked") from error

    async def _free(self, locator: Locator, what: str) -> None:
        """Wait until it could be pressed, without pressing it; what is known to be in the way is put away."""
        if await self._could_be_pressed(locator, what, min(self.milliseconds, SHORT_MS)):
            return
        async with self.bounded(f"looking at what covers {what}"):
            put_away = await clear_the_way(self.page, locator, what)
        if self.trace and put_away:
            self.trace.step("popup_dismissed", popup=put_away)
        if not await self._could_be_pressed(locator, what, self.milliseconds):
            async with self.bounded(f"looking at what covers {what}"):
                await clear_the_way(self.page, locator, what)
            raise PageChanged(f"{what}, free to be pressed", code="control_blocked")

    async def _could_be_pressed(self, locator: Locator, what: str, within_ms: float) -> bool:
        async with self.bounded(f"reaching {what}"):
            try:
                await locator.click(trial=True, timeout=within_ms)
            except WaitedTooLong:
                return False
        return True

    async def shows(self, locator: Locator) -> bool:
        """Whether something matching is to be seen right now."""
        async with self.bounded("looking at a control"):
            return await locator.filter(visible=True).count() > 0


def _brief(error: Error) -> str:
    return error.message.splitlines()[0][:200]
