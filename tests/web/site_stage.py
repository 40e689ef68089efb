"""The pages in a real browser: the product served on a port, a tab, and all it complained of."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import select

from fakes import ScriptedProvider, cannot_tell, ok, raise_bug
from overture import campaigns, people
from overture.campaigns import Approval, CampaignSettings, Enrollment, NewCampaign
from overture.core.ids import public_id, read_public_id
from overture.entrypoints.api import acts, create_api, scheduling
from overture.entrypoints.bootstrap import App
from overture.entrypoints.web import sign_in_link, with_pages
from overture.people import NewLead
from overture.runs import RunRequest
from overture.runs.schedules import NewSchedule
from overture.touchpoints import read_touchpoint
from product import API_KEY, add_account
from waiting import eventually

AXE = Path(__file__).parent / "vendor" / "axe.min.js"
CANARY = '<script>document.title="taken"</script><img src=x onerror=alert(1)>'
WIDE, NARROW = ViewportSize(width=1280, height=900), ViewportSize(width=360, height=740)


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

    async def until_live(self) -> None:
        """Wait until the page is told of changes. (By a locator: the pages' policy lets no string be run.)"""
        await self.page.locator("body[data-listening=yes]").wait_for()

    async def violations(self, rules: tuple[str, ...] = ()) -> list[str]:
        """What axe finds that keeps somebody from using the page; by all its rules, or by some."""
        chosen = {"runOnly": {"type": "rule", "values": rules}} if rules else {}
        options = {"resultTypes": ["violations"], "preload": False, **chosen}
        found: dict[str, Any] = await self.page.evaluate(
            f"async (options) => {{ {AXE.read_text()}; return await axe.run(document, options) }}", options
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
        """A tab of a browser of its own, which has shown no page yet."""
        context: BrowserContext = await self.browser.new_context(
            color_scheme="dark" if scheme == "dark" else "light", viewport=NARROW if narrow else WIDE
        )
        self.stack.push_async_callback(context.close)
        context.set_default_timeout(40_000)
        tab = Tab(await context.new_page(), self.url)
        tab.listen()
        if signed_in:
            link = sign_in_link(self.url, API_KEY, self.app.now())
            await context.request.get(link, max_redirects=0)
        return tab

    async def submit(self, touchpoint: dict[str, Any], handle: str = "ada", **more: Any) -> str:
        """Submit a run; its id."""
        request = RunRequest(handle=handle, touchpoint=read_touchpoint(touchpoint), **more)
        run, _ = await acts.submit_run(self.app, request)
        return run.run_id

    async def until(self, run_id: str, *statuses: str) -> None:
        """Wait for a status of a run."""

        async def look() -> bool:
            run = await acts.show_run(self.app, uuid_in("run", run_id))
            return run.status in statuses

        await eventually(look)


def form_token(page: str) -> str:
    """The token of a page's forms."""
    return page.partition('name="form_token" value="')[2].partition('"')[0]


def uuid_in(prefix: str, text: str) -> UUID:
    """The id inside an outside form."""
    found = read_public_id(prefix, text)
    assert found is not None
    return found


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
        "done": await site.submit(
            {"type": "connect", "url": who("prisca"), "note": f"Hello {CANARY}"}, tags=("talks",)
        ),
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


PLAN: dict[str, Any] = {
    "name": "founders",
    "steps": [
        {"id": "invite", "channel": "linkedin", "touchpoint": {"type": "connect"}},
        {
            "id": "accepted",
            "wait_for": {"condition": "connected", "timeout": "14 days", "on_timeout": "end", "then": "next"},
        },
        {
            "id": "hello",
            "channel": "linkedin",
            "delay": "1h",
            "touchpoint": {"type": "message", "message": "Hi {{ first_name }}, how is {{ company }}?"},
        },
    ],
}
LETTERS: dict[str, Any] = {
    "name": "letters",
    "steps": [
        {
            "id": "write",
            "channel": "linkedin",
            "touchpoint": {"type": "message", "message": "Dear {{ first_name }},\n\nhello."},
        }
    ],
}


async def furnish_campaigns(site: Site) -> dict[str, str]:
    """Two campaigns with their leads: one under way, one whose texts wait for approval."""
    app, now = site.app, site.app.now()
    async with app.sessions.begin() as db:
        leads = []
        for number, name in enumerate((CANARY, "Zoë", "Jørgen"), start=1):
            new = NewLead(first_name=name, last_name="Müller", title="CTO", linkedin_slug=f"person-{number}",
                          company_name="Ängström & Söhne" if number < 3 else None)  # fmt: skip
            taken = await people.take_in(db, app.ids, now, new, "api")
            assert taken.lead is not None
            leads.append(taken.lead.id)
        made = {}
        for name, plan, mode in (("Founders", PLAN, "none"), (f"Letters {CANARY}", LETTERS, "all")):
            settings = CampaignSettings.model_validate(
                {"accounts": {"ada": 1}, "approvals": {"mode": mode}, "active_elsewhere": "enroll"}
            )
            campaign = await campaigns.create(db, app.ids, NewCampaign(name, plan, settings), "test", now)
            await campaigns.do(db, app.ids, campaign, "start", "test", now)
            await campaigns.enroll(db, app.ids, campaign, leads, "test", now)
            made[name.split()[0].lower()] = public_id("cmp", campaign.id)
    for _ in range(6):
        await campaigns.tick(app.planner_kit, app.now())

    async def a_text_waits() -> bool:
        """The account may be busy with a run at first; the planner comes back when it is over."""
        await campaigns.tick(app.planner_kit, app.now())
        async with app.sessions() as db:
            return await db.scalar(select(Approval.id).limit(1)) is not None

    await eventually(a_text_waits)
    async with app.sessions() as db:
        query = select(Enrollment.id).where(Enrollment.campaign_id == uuid_in("cmp", made["founders"]))
        enrolled = (await db.scalars(query.order_by(Enrollment.id))).all()
    return {**made, "lead": public_id("lead", leads[0]), "enrollment": public_id("enr", enrolled[0]),
            "unnamed": public_id("enr", enrolled[2])}  # fmt: skip
