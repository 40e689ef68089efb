"""The sandbox for tests: a running server on a free port, and a small client for its operator's door."""

import json
import threading
from types import TracebackType
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import Request, urlopen

from overture_sandbox.server import build_server, listen
from overture_sandbox.world import World

PATIENCE_S = 20


class AdminError(AssertionError):
    """The sandbox refused what an operator asked, with its reason."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status, self.body = status, body


class AdminClient:
    """Talks JSON to `/_sbx`; paths are given without that prefix."""

    def __init__(self, url: str) -> None:
        self.url = f"{url}/_sbx"

    def get(self, path: str, **query: object) -> Any:
        """Read, with query parameters."""
        return self._send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Post a body given as a dictionary, as keywords or both."""
        return self._send("POST", path, {**(body or {}), **more})

    def put(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Put a body."""
        return self._send("PUT", path, {**(body or {}), **more})

    def patch(self, path: str, body: dict[str, Any] | None = None, **more: Any) -> Any:
        """Change fields."""
        return self._send("PATCH", path, {**(body or {}), **more})

    def delete(self, path: str) -> Any:
        """Delete."""
        return self._send("DELETE", path)

    def ledger(self, **filters: object) -> list[dict[str, Any]]:
        """What really happened, filtered by kind, account, target, since."""
        entries: list[dict[str, Any]] = self.get("/ledger", **filters)
        return entries

    def fault(self, kind: str, endpoint: str, **rule: Any) -> dict[str, Any]:
        """Set one switch."""
        set_rule: dict[str, Any] = self.post("/faults", {"kind": kind, "endpoint": endpoint, **rule})
        return set_rule

    def _send(self, method: str, path: str, body: object = None) -> Any:
        payload = None if body is None else json.dumps(body).encode()
        url = self.url + quote(path, safe="/?&=%+")
        request = Request(url, payload, {"content-type": "application/json"}, method=method)  # noqa: S310
        try:
            with urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310 - our own address
                raw = response.read()
        except HTTPError as error:
            with error:
                raise AdminError(error.code, error.read().decode()) from error
        return json.loads(raw) if raw else None


class SandboxServer:
    """A sandbox in a background thread: `with SandboxServer() as sandbox: sandbox.url, sandbox.admin`."""

    def __init__(self, seed: int = 1, population: int = 0, host: str = "127.0.0.1", port: int = 0) -> None:
        self._seed, self._population = seed, population
        self._host, self._port = host, port
        self.url = ""

    def __enter__(self) -> Self:
        world = World(self._seed)
        world.populate(self._population)
        self._server = build_server(world)
        self._listener, self.url = listen(self._host, self._port)
        self.admin = AdminClient(self.url)
        self._thread = threading.Thread(target=self._server.run, args=([self._listener],), daemon=True)
        self._thread.start()
        self.admin.get("/health")  # the socket listens already: this waits until somebody answers
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE_S)
        self._listener.close()

    def reset(self, seed: int | None = None) -> None:
        """Begin again, with the seed of the start unless another is given."""
        self.admin.post("/reset", seed=self._seed if seed is None else seed)
