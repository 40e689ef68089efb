"""What the page says and asks for, taken down all the time in few words: for whoever looks at a failure."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from playwright.async_api import ConsoleMessage, Error, Page, Request, Response

LAST_REQUESTS: Final = 50
LAST_LINES: Final = 100
LINE_LENGTH: Final = 500
TELLING: Final = frozenset({"action", "q", "queryId", "decorationId", "sduiid", "vanityName"})
"""Parameters of an address that say which request it is; all others are left out."""


@dataclass
class Asked:
    """One request of the page: no headers, no body."""

    method: str
    address: str
    kind: str
    status: int | None = None
    millis: int | None = None
    failure: str | None = None

    def as_json(self) -> dict[str, object]:
        """The request as it is kept."""
        return {
            "method": self.method,
            "address": self.address,
            "kind": self.kind,
            "status": self.status,
            "ms": self.millis,
            "failure": self.failure,
        }


@dataclass
class Watch:
    """The last requests and the last console lines of one page."""

    lines: deque[dict[str, object]] = field(default_factory=lambda: deque(maxlen=LAST_LINES))
    asked: deque[Asked] = field(default_factory=lambda: deque(maxlen=LAST_REQUESTS))
    _open: dict[Request, Asked] = field(default_factory=dict)

    def follow(self, page: Page) -> None:
        """Take down what this page does from now on."""
        page.on("console", self._said)
        page.on("pageerror", self._broke)
        page.on("request", self._began)
        page.on("response", self._answered)
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._failed)

    def begin_anew(self) -> None:
        """Forget what belongs to an earlier run."""
        self.lines.clear()
        self.asked.clear()
        self._open.clear()

    def requests(self) -> list[dict[str, object]]:
        """The last requests, oldest first."""
        return [one.as_json() for one in self.asked]

    def _said(self, message: ConsoleMessage) -> None:
        self.lines.append({"type": message.type, "text": message.text[:LINE_LENGTH]})

    def _broke(self, error: Error) -> None:
        self.lines.append({"type": "uncaught", "text": error.message[:LINE_LENGTH]})

    def _began(self, request: Request) -> None:
        one = Asked(request.method, briefly(request.url), request.resource_type)
        self.asked.append(one)
        if len(self._open) >= LAST_REQUESTS:
            self._open.pop(next(iter(self._open)))
        self._open[request] = one

    def _answered(self, response: Response) -> None:
        one = self._open.get(response.request)
        if one is not None:
            one.status = response.status

    def _finished(self, request: Request) -> None:
        one = self._open.pop(request, None)
        took = request.timing["responseEnd"]  # -1 where the browser does not know
        if one is not None and took >= 0:
            one.millis = round(took)

    def _failed(self, request: Request) -> None:
        one = self._open.pop(request, None)
        if one is not None:
            one.failure = (request.failure or "failed")[:LINE_LENGTH]


def briefly(url: str) -> str:
    """The address without what may be secret in it: of its parameters, only those that name the request."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    told = [f"{name}={value[:80]}" for name, value in parse_qsl(parts.query) if name in TELLING]
    query = f"?{'&'.join(told)}" if told else ""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path[:300]}{query}"
