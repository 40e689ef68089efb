"""The product in the demo's own process, put together as `overture serve` does it; the planner is stepped."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass

import uvicorn
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from overture.core.settings import Settings
from overture.entrypoints.api import create_api, outreach
from overture.entrypoints.bootstrap import App, open_app
from overture.entrypoints.serve import background
from overture.entrypoints.web import with_pages


class GivenSettings(Settings):
    """Settings that are given, and nothing of the caller's environment."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the signature is the library's
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given."""
        return (init_settings,)


def settings_of(given: Mapping[str, str]) -> Settings:
    """Settings from their names as variables, without the prefix."""
    return GivenSettings.model_validate({name.lower(): value for name, value in given.items()})


class Door(uvicorn.Server):
    """A server that leaves the signals to the story."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take none."""
        yield


@dataclass(frozen=True)
class Product:
    """The product and its address."""

    app: App
    url: str


@contextlib.asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[Product]:
    """API, pages and imports on a port; a worker is a process of its own."""
    async with (
        open_app(settings) as app,
        background(app, worker=False),
        outreach.at_work(app) as importer,
    ):
        closing = asyncio.Event()
        api = create_api(app, outreach.ROUTERS, outreach.FILES)
        api.state.importer = importer
        config = uvicorn.Config(
            with_pages(app, api, closing),
            host=settings.host,
            port=0,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            server_header=False,
        )
        listening = config.bind_socket()
        door = Door(config)
        serving = asyncio.create_task(door.serve(sockets=[listening]))
        try:
            yield Product(app, f"http://{settings.host}:{listening.getsockname()[1]}")
        finally:
            closing.set()
            door.should_exit = True
            await serving
