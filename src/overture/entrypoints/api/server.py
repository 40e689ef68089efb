"""The server process: the API on a socket, with the background beside it."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import structlog
import uvicorn
from starlette.types import ASGIApp

from overture.core.settings import Settings
from overture.entrypoints.api.build import create_api
from overture.entrypoints.bootstrap import App, open_app
from overture.entrypoints.loop import run_to_end
from overture.entrypoints.serve import background

log = structlog.get_logger()

GRACE_S = 10  # how long requests under way may take when the server stops

Beside = Callable[[App, ASGIApp, asyncio.Event], ASGIApp]
"""Puts further doors beside the API's on the same port; the event ends what they keep open."""


class Announcing(uvicorn.Server):
    """A server that says where it is once it takes requests."""

    def __init__(
        self, config: uvicorn.Config, url: str, port_file: Path | None, closing: asyncio.Event
    ) -> None:
        super().__init__(config)
        self._url = url
        self._port_file = port_file
        self._closing = closing

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Start, then tell."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self._port_file is not None:
            draft = self._port_file.with_suffix(".new")
            draft.write_text(f"{self._url.rsplit(':', 1)[1]}\n")
            draft.replace(self._port_file)  # whoever waits for the file never sees half of it
        log.info("server.ready", url=self._url)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGTERM end the server alone: raised again, as is usual, it would kill the process before runs
        under way have ended and the embedded database is stopped.
        """
        with super().capture_signals():
            yield
            self._captured_signals = [one for one in self._captured_signals if one != signal.SIGTERM]

    async def shutdown(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """End what is kept open, then stop."""
        self._closing.set()
        await super().shutdown(sockets)  # type: ignore[arg-type]


async def serve(settings: Settings, port_file: Path | None = None, beside: Beside | None = None) -> None:
    """Serve until asked to stop: first requests end, then runs under way."""
    from overture.entrypoints.api import outreach  # noqa: PLC0415 - the touchpoints stand alone without it

    worker, planner = settings.worker_embedded, settings.planner_embedded
    async with (
        open_app(settings) as app,
        background(app, worker=worker, planner=planner),
        outreach.at_work(app) as importer,
    ):
        closing = asyncio.Event()
        api = create_api(app, outreach.ROUTERS, outreach.FILES)
        api.state.importer = importer
        config = uvicorn.Config(
            beside(app, api, closing) if beside is not None else api,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=GRACE_S,
            server_header=False,
        )
        listening = config.bind_socket()
        port = listening.getsockname()[1]
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        await Announcing(config, f"http://{host}:{port}", port_file, closing).serve(sockets=[listening])


def run_server(settings: Settings, port_file: Path | None = None, beside: Beside | None = None) -> None:
    """`serve` in an event loop of its own."""
    run_to_end(serve(settings, port_file, beside))
