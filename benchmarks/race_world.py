"""The world of the race: a sandbox in its own process that takes down when each request came and went."""

import json
import sys
import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from overture_sandbox.server import build_server, listen
from overture_sandbox.world import World

SEEN = "/_race/seen"


class Watching:
    """Stands before the world's doors; its times are those of the machine, the same in every process."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen: list[dict[str, Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Take the request down, and hand it on; asked for what was seen, tell and forget it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"] == SEEN:
            await told(send, self._seen)
            self._seen = []
        else:
            await self._watched(scope, receive, send)

    async def _watched(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"].decode("latin-1")
        one = {"came": time.monotonic(), "method": scope["method"], "path": f"{scope['path']}?{query}"}

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._seen.append(one | {"answered": time.monotonic(), "status": message["status"]})
            await send(message)

        await self._app(scope, receive, answered)


async def told(send: Send, seen: list[dict[str, Any]]) -> None:
    """Answer with what was seen."""
    body = json.dumps(seen).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> int:
    """Serve a world until the end of this process; the first line says where."""
    server = build_server(World(1))
    server.config.app = Watching(server.config.app)  # type: ignore[arg-type]
    listener, url = listen("127.0.0.1", 0)
    print(url, flush=True)
    server.run(sockets=[listener])
    return 0


if __name__ == "__main__":
    sys.exit(main())
