"""What browser tests share: a sandbox account, a session of it, and one write carried through its phases."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from carrying import CLOCK, IDS, Done, Steps, carried_through
from overture.core.settings import Settings
from overture.providers.linkedin_browser import LinkedInBrowser
from overture.providers.linkedin_browser.session import LinkedInSession
from overture.touchpoints import (
    LastLook,
    Outcome,
    ReadBack,
    Secrets,
    Sender,
    Touchpoint,
    Write,
)
from overture_sandbox.testing import AdminClient, SandboxServer

USERNAME = "mira@sandbox.test"


def settings_for(url: str, **more: Any) -> Settings:
    chosen = {
        "linkedin_url": url,
        "browser_timeout": timedelta(seconds=6),
        "browser_confirm": (0.0, 0.1, 0.3),
        **more,
    }
    return Settings(_env_file=None, **chosen)


class Stage:
    """One account before the sandbox."""

    def __init__(self, sandbox: SandboxServer, provider: LinkedInBrowser) -> None:
        self.sandbox = sandbox
        self.provider = provider
        self.trace = Steps()
        self.sender = Sender(
            IDS.new(),
            "mira",
            provider.name,
            "UTC",
            Secrets({"username": USERNAME, "password": "sandbox-pass"}),
        )

    @property
    def admin(self) -> AdminClient:
        return self.sandbox.admin

    def without_credentials(self) -> None:
        self.sender = replace(self.sender, secrets=replace(self.sender.secrets, values={}))

    def without_session(self) -> None:
        """The account comes to the login form."""
        self.sender = replace(self.sender, secrets=replace(self.sender.secrets, session=None))

    def remembers(self, session: bytes, version: int = 1) -> None:
        self.sender = replace(
            self.sender, secrets=replace(self.sender.secrets, session=session, session_version=version)
        )

    def is_in(self) -> None:
        """The account has a session of the site, as from an earlier run: it comes past the login form."""
        opened = self.admin.post("/sessions", account=USERNAME)
        found = {"li_at": opened["li_at"], "JSESSIONID": f'"{opened["csrf_token"]}"'}
        where = {"domain": urlsplit(self.sandbox.url).hostname, "path": "/", "expires": -1}
        nature = {"secure": False, "sameSite": "Lax"}
        cookies = [
            {"name": name, "value": value, "httpOnly": name == "li_at", **where, **nature}
            for name, value in found.items()
        ]
        self.remembers(json.dumps({"cookies": cookies, "origins": []}).encode())

    def look(self, **fields: object) -> None:
        self.admin.patch(f"/logins/{USERNAME}", dict(fields))

    def member(self, slug: str | None = None, /, **fields: object) -> dict[str, Any]:
        """Change a person of the small cast, or add one."""
        found: dict[str, Any]
        found = (
            self.admin.post("/members", fields)
            if slug is None
            else self.admin.patch(f"/members/{slug}", fields)
        )
        return found

    def ledger(self, kind: str, **filters: object) -> list[dict[str, Any]]:
        return self.admin.ledger(kind=kind, **filters)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[LinkedInSession]:
        async with self.provider.open(self.sender, self.trace) as session:
            await session.enter()
            assert isinstance(session, LinkedInSession)
            yield session

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        async with self.session() as session:
            return await session.read(touchpoint)

    async def write(self, touchpoint: Touchpoint, *, since: datetime | None = None) -> Done:
        """Carry a write through prepare, last look, act and confirm."""
        async with self.session() as session:
            look = LastLook(since or CLOCK.now())
            return await carried_through(session, touchpoint, look, IDS.token())

    async def read_back(self, touchpoint: Touchpoint, token: UUID, since: datetime) -> ReadBack:
        async with self.session() as session:
            return await session.write(touchpoint, token).read_back(token, since)


async def prepared(session: LinkedInSession, touchpoint: Touchpoint, token: UUID) -> Write:
    """A write that is one act away."""
    write = session.write(touchpoint, token)
    assert await write.prepare() is None
    return write


def as_dict(state: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(state)
    return found
