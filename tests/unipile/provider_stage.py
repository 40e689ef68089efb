"""What tests of the Unipile provider share: an account, a session of it, a write in its phases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from unipile_desk import KEY, Desk

from carrying import CLOCK, IDS, Done, Steps, carried_through
from overture.core.settings import Settings
from overture.providers.unipile.provider import Unipile
from overture.providers.unipile.session import UnipileSession
from overture.touchpoints import (
    LastLook,
    Outcome,
    ReadBack,
    Secrets,
    Sender,
    Touchpoint,
)


def settings_for(url: str, **more: Any) -> Settings:
    chosen = {
        "unipile_dsn": url,
        "unipile_api_key": SecretStr(KEY),
        "unipile_timeout": timedelta(seconds=5),
        "unipile_confirm": (0.0, 0.05, 0.2),
        **more,
    }
    return Settings(_env_file=None, **chosen)


class Stage:
    """One account of the workspace, played through the provider."""

    def __init__(self, desk: Desk, provider: Unipile) -> None:
        self.desk = desk
        self.provider = provider
        self.trace = Steps()
        self.sender = Sender(IDS.new(), "mira", provider.name, "UTC", Secrets(), desk.account)

    @property
    def admin(self) -> Any:
        return self.desk.admin

    def of(self, account: str | None) -> None:
        """Act as another account of the workspace, or as one that is not connected."""
        self.sender = replace(self.sender, external_id=account)

    def remembers(self, state: bytes | None) -> None:
        self.sender = replace(self.sender, secrets=Secrets(session=state, session_version=1))

    def now(self) -> datetime:
        """The world's own time."""
        return datetime.fromisoformat(self.admin.get("/clock")["now"])

    @asynccontextmanager
    async def session(self) -> AsyncIterator[UnipileSession]:
        """The session is kept for the next, as a worker keeps it."""
        async with self.provider.open(self.sender, self.trace) as session:
            assert isinstance(session, UnipileSession)
            try:
                await session.enter()
                yield session
            finally:
                state = await session.state()
                if state is not None:
                    self.remembers(state)

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        async with self.session() as session:
            return await session.read(touchpoint)

    async def write(
        self, touchpoint: Touchpoint, look: LastLook | None = None, token: UUID | None = None
    ) -> Done:
        """Carry a write through prepare, last look, act and confirm."""
        async with self.session() as session:
            found = look or LastLook(CLOCK.now())
            return await carried_through(session, touchpoint, found, token or IDS.token())

    async def read_back(self, touchpoint: Touchpoint, token: UUID, since: datetime) -> ReadBack:
        async with self.session() as session:
            return await session.write(touchpoint, token).read_back(token, since)
