"""LinkedIn by Unipile: one client of one workspace for this process; Unipile keeps the accounts logged in."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from overture.core.clock import Clock
from overture.core.errors import NotPossible
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.providers.unipile.client import BadDsn, Conduct, Timeouts, UnipileClient, parse_dsn
from overture.providers.unipile.desk import Desk, ServerClock, Workspace
from overture.providers.unipile.memory import remembered
from overture.providers.unipile.registry import READERS, WRITERS
from overture.providers.unipile.session import UnipileSession
from overture.touchpoints import Sender, Session, Trace

READ_BACK_LAG: Final = timedelta(seconds=90)
"""Unipile's store is said to be 30 to 60 s behind LinkedIn; and a margin."""


class Unipile:
    """The provider `unipile`."""

    name = "unipile"
    channel = "linkedin"
    credential_fields: tuple[str, ...] = ()
    """Unipile keeps the sign-in; the account is known by its id there (`external_id`)."""

    def __init__(
        self, settings: Settings, clock: Clock, rng: Rng, *, read_back_lag: timedelta | None = None
    ) -> None:
        # A call that timed out may go on at Unipile before its effect begins to show.
        self.read_back_lag = read_back_lag or READ_BACK_LAG + settings.unipile_timeout
        self._settings = settings
        self._clock = clock
        self._rng = rng
        self._workspace: Workspace | None = None

    @property
    def lacks(self) -> str | None:
        """The workspace's address or key, as long as nobody has given it."""
        if not _is_dsn(self._settings.unipile_dsn):
            return "OVERTURE_UNIPILE_DSN"
        return "OVERTURE_UNIPILE_API_KEY" if not self._settings.unipile_api_key else None

    @property
    def workspace(self) -> Workspace:
        """The one client, made when it is first wanted."""
        if self._workspace is None:
            self._workspace = self._made()
        return self._workspace

    def supports(self, kind: str) -> bool:
        """Whether there is a handler for this touchpoint type."""
        return kind in READERS or kind in WRITERS

    def open(self, sender: Sender, trace: Trace) -> AbstractAsyncContextManager[Session]:
        """A session for the account, to be entered."""
        return self._open(sender, trace)

    async def close(self) -> None:
        """Let the connections go."""
        made, self._workspace = self._workspace, None
        if made is not None:
            await made.client.aclose()

    @asynccontextmanager
    async def _open(self, sender: Sender, trace: Trace) -> AsyncIterator[Session]:
        kept = sender.secrets.session
        yield UnipileSession(
            Desk(
                sender,
                self._settings,
                self._clock,
                self.workspace,
                trace,
                remembered(kept),
                sender.external_id or "",
            ),
            kept,
        )

    def _made(self) -> Workspace:
        dsn, key = self._settings.unipile_dsn, self._settings.unipile_api_key
        if dsn is None or key is None or self.lacks is not None:
            raise NotPossible("unipile_unset", f"{self.lacks} is not set: no Unipile account can act")
        timeouts = replace(Timeouts(), live=self._settings.unipile_timeout)
        times = ServerClock(self._clock)
        client = UnipileClient(
            dsn,
            key.get_secret_value(),
            conduct=Conduct(timeouts=timeouts),
            clock=self._clock,
            rng=self._rng.stream("unipile"),
            on_answer=times.note,
        )
        return Workspace(client, times)


def _is_dsn(text: str | None) -> bool:
    """Whether this is the address of a workspace; one that cannot be read is none."""
    try:
        return text is not None and bool(parse_dsn(text))
    except BadDsn:
        return False
