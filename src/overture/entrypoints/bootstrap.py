"""The composition root: settings in, a running product out; tests pass their own ports."""

import asyncio
import contextlib
import importlib
import os
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy.ext.asyncio import AsyncEngine

from overture.accounts import Vault
from overture.core import crypto
from overture.core.clock import Clock, SystemClock
from overture.core.errors import Invalid
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import Sessions, connect, migrate
from overture.db.embedded import EmbeddedPostgres
from overture.runs import Kit, Veto
from overture.touchpoints import Provider

if TYPE_CHECKING:
    from overture.campaigns import PlannerKit
    from overture.inbox import Letterbox

API_KEY_BYTES: Final = 24


def default_vetoes() -> tuple[Veto, ...]:
    """Rules of the layers above the runs, asked at the gate of every run. A new one is one word here."""
    from overture import campaigns  # noqa: PLC0415 - the touchpoints stand alone without it
    from overture.people import suppression  # noqa: PLC0415 - likewise

    return (suppression.veto, campaigns.veto)


Lag = Callable[[Sessions, datetime], Awaitable[datetime | None]]


def default_lag() -> Lag:
    """How far behind the planner of campaigns is."""
    from overture import campaigns  # noqa: PLC0415 - the touchpoints stand alone without it

    return campaigns.behind_since


@dataclass(frozen=True)
class App:
    """The product, put together."""

    settings: Settings
    clock: Clock
    rng: Rng
    ids: Ids
    engine: AsyncEngine
    sessions: Sessions
    vault: Vault
    providers: Mapping[str, Provider]
    database_url: str
    embedded: EmbeddedPostgres | None
    api_key: str
    on_step: Callable[[str], None] | None = None
    vetoes: tuple[Veto, ...] = field(default_factory=default_vetoes)
    planner_lag: Lag | None = field(default_factory=default_lag)
    """Since when a planner should have done something; there is none without campaigns."""

    @property
    def kit(self) -> Kit:
        """What the runs layer takes of it."""
        kit = Kit(
            self.settings,
            self.clock,
            self.rng,
            self.ids,
            self.sessions,
            self.vault,
            self.providers,
            vetoes=self.vetoes,
        )
        return replace(kit, on_step=self.on_step) if self.on_step else kit

    @cached_property
    def planner_kit(self) -> "PlannerKit":
        """What the planner takes of it."""
        from overture.campaigns import PlannerKit  # noqa: PLC0415 - the touchpoints stand alone without it

        settings = self.settings
        return PlannerKit(
            self.sessions,
            self.ids,
            self.rng,
            settings.lease,
            relations_every=settings.relations_every,
            inbox_every=settings.inbox_every,
        )

    @cached_property
    def letterbox(self) -> "Letterbox":
        """Where receivers of webhooks put what is delivered."""
        from overture.inbox import Letterbox  # noqa: PLC0415 - the touchpoints stand alone without it

        return Letterbox(self.engine)

    def provider(self, name: str) -> Provider:
        """The provider of this name, or a refusal that lists those there are."""
        try:
            return self.providers[name]
        except KeyError:
            known = ", ".join(sorted(self.providers)) or "none"
            raise Invalid(
                "unknown_provider",
                f"There is no provider {name!r}; this installation has: {known}.",
                fix="Name one of them.",
                errors=[{"pointer": "/provider", "code": "unknown", "detail": f"one of: {known}"}],
            ) from None

    def now(self) -> datetime:
        """The present instant on the app's clock."""
        return self.clock.now()


@contextlib.asynccontextmanager
async def open_app(
    settings: Settings, clock: Clock | None = None, rng: Rng | None = None
) -> AsyncIterator[App]:
    """The product on a database that is up and migrated; everything is let go of at the end."""
    clock, rng = clock or SystemClock(), rng or Rng()
    make_data_dir(settings.data_dir)
    async with database(settings) as (url, embedded):
        await asyncio.to_thread(migrate.ensure_current, url)
        engine, sessions = connect(url)
        app = App(
            settings=settings,
            clock=clock,
            rng=rng,
            ids=Ids(clock, rng),
            engine=engine,
            sessions=sessions,
            vault=Vault(crypto.load_or_create(settings.keys_path)),
            providers=default_providers(settings, clock, rng),
            database_url=url,
            embedded=embedded,
            api_key=api_key(settings),
        )
        app = with_plugins(app)
        try:
            yield app
        finally:
            for provider in app.providers.values():
                await provider.close()
            await engine.dispose()


@contextlib.asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[tuple[str, EmbeddedPostgres | None]]:
    """The address of the operator's database, or of the embedded one, started if need be."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value(), None
        return
    embedded = EmbeddedPostgres(settings.data_dir / "postgres", fsync=settings.database_fsync)
    url = await asyncio.to_thread(embedded.start)
    try:
        yield url, embedded
    finally:
        await asyncio.to_thread(embedded.stop)


def default_providers(settings: Settings, clock: Clock, rng: Rng) -> dict[str, Provider]:
    """The providers of this product. A new one is one line here."""
    from overture.providers.linkedin_browser import LinkedInBrowser  # noqa: PLC0415 - heavy, not for every command
    from overture.providers.unipile.provider import Unipile  # noqa: PLC0415 - likewise

    return {
        LinkedInBrowser.name: LinkedInBrowser(settings, clock, rng),
        Unipile.name: Unipile(settings, clock, rng),
    }


def with_plugins(app: App) -> App:
    """Let each `OVERTURE_PLUGINS` module change the app: `install(app) -> App`."""
    for name in app.settings.plugins:
        app = importlib.import_module(name).install(app)
    return app


def make_data_dir(path: Path) -> None:
    """The data directory; the embedded server's user must be able to walk through it, nobody else to read."""
    path.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)


def api_key(settings: Settings) -> str:
    """The key clients send: the operator's, or one made once and kept beside the data."""
    if settings.api_key is not None:
        return settings.api_key.get_secret_value()
    path = settings.data_dir / "api-key"
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"ov_{secrets.token_urlsafe(API_KEY_BYTES)}\n")
    return path.read_text().strip()
