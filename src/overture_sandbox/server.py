"""Serves the world over HTTP, with its own time in the Date header and connections that can be cut."""

import json
import socket
from email.utils import format_datetime
from pathlib import Path

import uvicorn
import uvicorn.protocols.http.h11_impl as uvicorn_h11
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overture_sandbox import admin, llm, unipile
from overture_sandbox.linkedin import app as linkedin
from overture_sandbox.linkedin.gate import TRANSPORT_KEY, PageFaults
from overture_sandbox.world import World

GRACE_S = 1  # a hanging request may not keep the process alive
uvicorn_h11.STATUS_PHRASES[999] = b"Request Denied"  # the site's own status, which the server does not know


def build_app(world: World) -> ASGIApp:
    """The site at `/`, Unipile at `/api/v1`, a pretend model at `/llm/v1`, the operator's door at `/_sbx`."""
    app = Starlette(
        routes=[*admin.routes(), *llm.routes(), *unipile.routes(), *linkedin.routes(world)],
        middleware=[Middleware(PageFaults, world=world)],
    )
    app.state.world = world
    return _Connections(app, world)


def build_server(world: World) -> uvicorn.Server:
    """A server for this world; it serves on sockets given to `serve` or `run`."""
    config = uvicorn.Config(
        build_app(world),
        http="h11",  # its request cycle gives access to the transport, which faults cut
        ws="none",
        lifespan="off",
        log_level="critical",
        access_log=False,
        date_header=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_S,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> tuple[socket.socket, str]:
    """A listening socket (any free port for 0) and the address to reach it at."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener, f"http://{host}:{listener.getsockname()[1]}"


def run(world: World, host: str, port: int, *, population: int = 0, port_file: Path | None = None) -> None:
    """Serve this world until interrupted; prints one JSON line with the address once it can be reached."""
    world.populate(population)
    serve(world, host, port, port_file)


def serve(world: World, host: str, port: int, port_file: Path | None = None) -> None:
    """Serve this world until interrupted."""
    listener, url = listen(host, port)
    if port_file:
        port_file.write_text(url.rsplit(":", 1)[1])
    print(json.dumps({"url": url}), flush=True)  # noqa: T201 - the line callers wait for
    build_server(world).run(sockets=[listener])


class _Connections:
    """Puts the world's time on every answer and keeps each connection at hand, so that it can be cut."""

    def __init__(self, app: ASGIApp, world: World) -> None:
        self._app, self._world = app, world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        unipile.office_of(unipile.tenant_of(self._world))  # at work as soon as anybody is served
        scope[TRANSPORT_KEY] = getattr(getattr(receive, "__self__", None), "transport", None)

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), (b"date", self._date())]
            await send(message)

        await self._app(scope, receive, dated)

    def _date(self) -> bytes:
        return format_datetime(self._world.clock.now(), usegmt=True).encode()
