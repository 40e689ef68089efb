"""A provider that does nothing, so that what is measured is admission and engine alone.

Loaded into a worker with `OVERTURE_PLUGINS=benchmarks.noop`.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from overture.entrypoints.bootstrap import App
from overture.touchpoints import ConnectionState, Outcome, Sender, Snapshot, Touchpoint, Trace, Write


class NoopSession:
    """Answers every read at once."""

    async def enter(self) -> None:
        """Nobody asks who one is."""

    async def read(self, touchpoint: Touchpoint) -> Outcome:
        """The state nobody asked the world for."""
        return ConnectionState(state="none", public_identifier=touchpoint.target_key() or "")

    def write(self, touchpoint: Touchpoint, token: UUID) -> Write:
        """There is nothing to write to."""
        raise NotImplementedError(f"{touchpoint.kind()} {token}")

    async def snapshot(self) -> Snapshot:
        """No screen."""
        return Snapshot(None, {})

    async def state(self) -> bytes | None:
        """Nothing to remember."""
        return None


class NoopProvider:
    """Stands in for the browser."""

    name = "noop"
    channel = "linkedin"
    read_back_lag = timedelta()
    credential_fields: tuple[str, ...] = ()
    lacks: str | None = None

    def supports(self, kind: str) -> bool:
        """Reads only."""
        return kind == "check_connection"

    @asynccontextmanager
    async def open(self, sender: Sender, trace: Trace) -> AsyncIterator[NoopSession]:  # noqa: ARG002 - the port
        """A session that costs nothing."""
        yield NoopSession()

    async def close(self) -> None:
        """Nothing is held."""


def install(app: App) -> App:
    """Add the provider."""
    return replace(app, providers={**app.providers, NoopProvider.name: NoopProvider()})
