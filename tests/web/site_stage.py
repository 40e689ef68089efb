"""The pages in a real browser: the product served on a port, a signed-in tab, and everything it complained of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page

from fakes import ScriptedProvider, cannot_tell, ok, raise_bug
from overture.core.ids import public_id
from overture.entrypoints.api import acts, create_api, scheduling
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import with_pages
from overture.runs import RunRequest
from overture.runs.schedules import NewSchedule
from overture.touchpoints import read_touchpoint
from product import API_KEY, add_account
from waiting import eventually

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
CANARY = '<script>document.title="taken"</script><img src=x onerror=alert(1)>'
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


@dataclass
class Tab:
    """One page of the browser, and what it complained of: errors, violations of the policy, dialogs."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take down every complaint from now on."""
        self.page.on("console", lambda said: self._note(said.type, said.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(text)

    async def open(self, path: str) -> None:
        """Go to an address of the site."""
        await self.page.goto(self.url + path)

    async def sign_in(self) -> None:
        """Type the key as a person does."""
        await self.open("/login")
        await self.page.get_by_label("API key").fill(API_KEY)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.page.get_by_role("heading", name="Home", level=1).wait_for()

    async def until_live(self) -> None:
        """Wait until the page is told of changes."""
        await self.page.wait_for_function("document.body.dataset.listening === 'yes'")

    async def violations(self) -> list[str]:
        """What axe finds that keeps somebody from using the page."""
        found: dict[str, Any] = await self.page.evaluate(
            f"async () => {{ {AXE.read_text()}; return await axe.run() }}"
        )
        return [
            f"{one['id']} ({one['impact']}): {node['target']} {node['failureSummary']}"
            for one in found["violations"]
            if one["impact"] in ("serious", "critical", "moderate")
            for node in one["nodes"]
        ]

    async def overflow(self) -> int:
        """By how many pixels the page is wider than the window."""
        width: int = await self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        return width


@dataclass
class Site:
    """The product behind its doors, and tabs to look at it."""

    app: App
    url: str
    browser: Browser
    stack: contextlib.AsyncExitStack

    async def tab(self, *, scheme: str = "light", narrow: bool = False, signed_in: bool = True) -> Tab:
        """A tab of a browser of its own."""
        context: BrowserContext = await self.browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", viewport=NARROW if narrow else WIDE
        )
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(15_000)
        tab = Tab(await context.new_page(), self.url)
        tab.listen()
        if signed_in:
            await tab.sign_in()
        return tab

    async def submit(self, touchpoint: dict[str, Any], handle: str = "ada", **more: Any) -> str:
        """Submit a run; its id."""
        request = RunRequest(handle=handle, touchpoint=read_touchpoint(touchpoint), **more)
        run, _ = await acts.submit_run(self.app, request)
        return run.run_id

    async def until(self, run_id: str, *statuses: str) -> None:
        """Wait for a status of a run."""

        async def look() -> bool:
            run = await acts.show_run(self.app, UUID(int=number_in(run_id)))
            return run.status in statuses

        await eventually(look)


def number_in(run_id: str) -> int:
    """The number of a public id."""
    from overture.core.ids import read_public_id

    found = read_public_id("run", run_id)
    assert found is not None
    assert public_id("run", found) == run_id
    return found.int


@contextlib.asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    """The product on a port of this machine, as `overture serve` puts it together."""
    closing = asyncio.Event()
    door = with_pages(app, create_api(app), closing)
    config = uvicorn.Config(door, port=0, log_config=None, lifespan="off", access_log=False)
    listening = config.bind_socket()
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        closing.set()
        server.should_exit = True
        await serving


async def furnish(site: Site, provider: ScriptedProvider) -> dict[str, str]:
    """Accounts, runs of every kind and schedules; the ids of what tests look at."""
    await add_account(site.app, "ada")
    await add_account(site.app, "grace")
    await acts.pause_account(site.app, "grace", f"on leave {CANARY}", "test")
    provider.script("broken", raise_bug())
    provider.script("lost", cannot_tell())
    provider.script("prisca", ok())
    who = "https://www.linkedin.com/in/{}/".format
    made = {
        "done": await site.submit({"type": "connect", "url": who("prisca"), "note": f"Hello {CANARY}"}, tags=("talks",)),
        "failed": await site.submit({"type": "enrich", "url": who("broken")}),
        "held": await site.submit({"type": "message", "url": who("lost"), "message": "Hello"}),
    }
    await site.until(made["done"], "completed")
    await site.until(made["failed"], "failed")
    await site.until(made["held"], "held")
    later = site.app.now() + timedelta(hours=3)
    made["waiting"] = await site.submit({"type": "visit", "url": who("later")}, not_before=later)
    touchpoint = read_touchpoint({"type": "sync_relations"})
    wanted = NewSchedule(handle="ada", touchpoint=touchpoint, cron="0 9 * * MON-FRI", zone="Europe/Berlin")
    schedule = await scheduling.create_schedule(site.app, wanted, dry_run=False)
    return {**made, "schedule": schedule.schedule_id}
