"""The server a webhook benchmark measures: the product's own, with an echo beside its doors."""

import asyncio
import os
import sys
from pathlib import Path

from starlette.types import ASGIApp, Receive, Scope, Send

from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.api import run_server
from overture.entrypoints.bootstrap import App

ECHO = "/echo"


def with_echo(_: App, api: ASGIApp, __: asyncio.Event) -> ASGIApp:
    """The API, and the least that can take a body and answer it."""

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == ECHO:
            await echo(receive, send)
        else:
            await api(scope, receive, send)

    return served


async def echo(receive: Receive, send: Send) -> None:
    """Answer with what came."""
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    settings = Settings()
    log.configure(settings.log_level)
    run_server(settings, Path(os.environ["PORT_FILE"]), with_echo)
    sys.exit(0)
