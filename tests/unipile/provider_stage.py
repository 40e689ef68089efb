"""What tests of the Unipile provider share: an account, a session of it, a write in its phases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from unipile_desk import KEY, Desk

from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.providers.unipile.provider import Unipile
from overture.providers.unipile.session import UnipileSession
from overture.touchpoints import (
    Accepted,
    Evidence,
    Intent,
    LastLook,
    Outcome,
    ReadBack,
    Secrets,
    Sender,
    Touchpoint,
)

CLOCK = SystemClock()
IDS = Ids(CLOCK, Rng())
WINDOW = timedelta(seconds=20)


@dataclass
class Steps:
    """A trace that remembers."""

    steps: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def step(self, name: str, **facts: object) -> None:
        self.steps.append((name, facts))


@dataclass
class Done:
    """What became of one write, phase by phase."""

    outcome: Outcome | None
    evidence: Evidence | None
    accepted: Accepted | None
    token: UUID


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
            token = token or IDS.token()
            write = session.write(touchpoint, token)
            outcome = await write.prepare()
            if outcome is not None:
                return Done(outcome, None, None, token)
            await write.last_look(look or LastLook(CLOCK.now()))
            accepted = await write.act(intent(token))
            seen = await write.confirm(accepted)
            return Done(seen[0] if seen else None, seen[1] if seen else None, accepted, token)

    async def read_back(self, touchpoint: Touchpoint, token: UUID, since: datetime) -> ReadBack:
        async with self.session() as session:
            return await session.write(touchpoint, token).read_back(token, since)


def intent(token: UUID, window: timedelta = WINDOW) -> Intent:
    return Intent(token, CLOCK.now() + window)
