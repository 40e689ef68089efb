"""A web server that keeps what it is told, and answers as it was told to."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PATIENCE_S = 15


@dataclass
class Told:
    """One delivery as it came in."""

    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)


@dataclass
class Receiver:
    """Everything that was delivered, oldest first; the next answers are `statuses`, then 200."""

    url: str = ""
    told: list[Told] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    thinks: threading.Event | None = None  # while it is not set, nothing is answered
    changed: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int) -> list[Told]:
        """What was delivered, once it is so many."""
        return self.until(lambda: len(self.told) >= count, f"{count} deliveries")

    def until(self, is_so: Callable[[], bool], what: str) -> list[Told]:
        limit = time.monotonic() + PATIENCE_S
        with self.changed:
            while not is_so():
                if not self.changed.wait(limit - time.monotonic()):
                    raise AssertionError(f"no {what}, only {[one.raw for one in self.told]}")
            return list(self.told)


@contextmanager
def open_receiver() -> Iterator[Receiver]:
    """A receiver on a port of its own."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("content-length", 0)))
            with receiver.changed:
                status = receiver.statuses.pop(0) if receiver.statuses else 200
                receiver.told.append(Told({k.lower(): v for k, v in self.headers.items()}, raw))
                receiver.changed.notify_all()
            if receiver.thinks is not None:
                receiver.thinks.wait(PATIENCE_S)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        if receiver.thinks is not None:
            receiver.thinks.set()
        server.shutdown()
        thread.join()
        server.server_close()
