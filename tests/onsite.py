"""The whole product, worker and real Chromium, before a sandbox of its own.

async with open_site(make_app) as site:
    handle = await site.account("ada", variant="A")
    run = await site.perform(handle, Message(public_identifier=slug, message="Hello"))
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from overture import runs
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.runs import Run, RunRequest
from overture.touchpoints import Touchpoint
from overture_sandbox.testing import AdminClient, SandboxServer
from product import MakeApp, add_account
from waiting import eventually

PASSWORD: Final = "pass-word"  # what `add_account` gives
PATIENCE: Final = timedelta(seconds=60)


@dataclass
class OnSite:
    """A sandbox, and the product at work on it."""

    app: App
    sandbox: SandboxServer

    @property
    def admin(self) -> AdminClient:
        """The operator's door of the sandbox."""
        return self.sandbox.admin

    async def account(self, handle: str, **look: object) -> str:
        """An account at the site and with us; its user name at the site."""
        username = f"{handle}@example.test"
        self.admin.post("/logins", username=username, password=PASSWORD)
        self.admin.patch(f"/logins/{username}", dict(look))
        await add_account(self.app, handle)
        return username

    def person(self, username: str, state: str = "none", **fields: object) -> str:
        """Somebody new, standing to the account as said; their slug."""
        slug = str(self.admin.post("/members", {"connect_placement": "primary_anchor", **fields})["slug"])
        self.admin.put("/relationships", account=username, member=slug, state=state)
        return slug

    async def submit(self, handle: str, touchpoint: Touchpoint) -> Run:
        """A run that waits for the worker."""
        async with self.app.sessions.begin() as db:
            request = RunRequest(handle, touchpoint)
            now = self.app.now()
            return (await runs.submit(db, self.app.ids, request, now, self.app.kit.lease(now))).run

    async def over(self, run: Run) -> Run:
        """The run once it is over."""

        async def look() -> Run | None:
            async with self.app.sessions.begin() as db:
                found = await runs.by_id(db, run.id)
            return found if found.completed_at else None

        return await eventually(look, PATIENCE.total_seconds())

    async def perform(self, handle: str, touchpoint: Touchpoint) -> Run:
        """Submit it and wait until it is over."""
        return await self.over(await self.submit(handle, touchpoint))

    def ledger(self, **filters: object) -> list[dict[str, Any]]:
        """What really happened."""
        return self.admin.ledger(**filters)


@asynccontextmanager
async def open_site(make_app: MakeApp) -> AsyncIterator[OnSite]:
    """Start it all; nothing is left of it."""
    with SandboxServer() as sandbox:
        app = await make_app(
            linkedin_url=sandbox.url,
            tick=timedelta(milliseconds=250),  # a browser is slow: looking around more often only costs
            browser_timeout=timedelta(seconds=8),
            browser_confirm=(0.0, 0.2, 0.5),
            act_window=timedelta(seconds=4),
            attempt_timeout=timedelta(seconds=60),
        )
        lag = timedelta(milliseconds=500)
        provider = LinkedInBrowser(app.settings, app.clock, app.rng, read_back_lag=lag)
        app = replace(app, providers={provider.name: provider})
        try:
            async with background(app, worker=True):
                yield OnSite(app, sandbox)
        finally:
            await provider.close()
