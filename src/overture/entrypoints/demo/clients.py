"""What a client of Overture and an operator of the sandbox can ask over HTTP."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

import httpx2

from overture.core.clock import Clock

Json = dict[str, Any]
PATIENCE_S: Final = 30.0
POLL: Final = timedelta(milliseconds=200)
OVER: Final = ("completed", "failed", "cancelled")
MOST_RUNS: Final = 200  # what one page of the list holds


class Unexpected(Exception):
    """A request was answered with a refusal nobody expected."""


class NotOver(Exception):
    """Runs were not over in time; the message says what they wait for."""


class _Http:
    """JSON over HTTP at one address."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        # trust_env: a proxy of the environment has no way to our own machine
        self._http = httpx2.AsyncClient(base_url=url, headers=headers, timeout=PATIENCE_S, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._http.aclose()

    async def ask(self, method: str, path: str, body: Json | None = None, **query: str) -> Any:
        """The JSON of the answer."""
        answer = await self._http.request(method, path, json=body, params=query or None)
        if answer.is_error:
            raise Unexpected(f"{method} {path} was answered {answer.status_code}: {answer.text}")
        return answer.json() if answer.content else None

    async def send(self, path: str, body: bytes, kind: str, **query: str) -> Any:
        """Send a file; the JSON of the answer."""
        answer = await self._http.post(path, content=body, params=query, headers={"Content-Type": kind})
        if answer.is_error:
            raise Unexpected(f"POST {path} was answered {answer.status_code}: {answer.text}")
        return answer.json()

    async def text(self, path: str) -> str:
        """The answer as it is."""
        answer = await self._http.get(path)
        if answer.is_error:
            raise Unexpected(f"GET {path} was answered {answer.status_code}: {answer.text}")
        return answer.text


class Overture(_Http):
    """The product's REST API."""

    def __init__(self, url: str, api_key: str, clock: Clock) -> None:
        super().__init__(url, {"X-API-Key": api_key})
        self._clock = clock

    async def add_account(self, handle: str, username: str, password: str) -> None:
        """An account that may act round the clock, as fast as it can."""
        await self.ask(
            "POST",
            "/api/v1/accounts",
            {
                "handle": handle,
                "credentials": {"username": username, "password": password},
                "working_hours": {"days": list(range(7)), "start": "00:00", "end": "00:00"},
                "limits": {"invite": {}, "message": {}, "visit": {}, "min_gap_s": 0},
                "ramp": "off",
            },
        )

    async def submit(self, handle: str, touchpoint: Json, tags: Sequence[str] = ()) -> str:
        """The id of the run that will do it."""
        body = {"handle": handle, "touchpoint": touchpoint, "tags": list(tags)}
        run = await self.ask("POST", "/api/v1/runs", body)
        return str(run["run_id"])

    async def run(self, run_id: str) -> Json:
        """One run with all there is to know."""
        found: Json = await self.ask("GET", f"/api/v1/runs/{run_id}")
        return found

    async def runs(self, tag: str) -> list[Json]:
        """The runs with this tag, newest first."""
        page = await self.ask("GET", "/api/v1/runs", tag=tag, limit=str(MOST_RUNS))
        found: list[Json] = page["data"]
        return found

    async def every(self, path: str, **query: str) -> list[Json]:
        """All pages of a list."""
        found: list[Json] = []
        while True:
            page = await self.ask("GET", path, None, **query, limit=str(MOST_RUNS))
            found += page["data"]
            if page["page"]["next_cursor"] is None:
                return found
            query["cursor"] = page["page"]["next_cursor"]

    async def until_over(self, run_id: str, limit: timedelta, stop_at: Sequence[str] = ()) -> Json:
        """The run once it is over, or waits for one of the reasons in `stop_at`."""
        give_up = self._clock.monotonic() + limit.total_seconds()
        while True:
            run = await self.run(run_id)
            waiting = (run["waiting_for"] or {}).get("reason")
            if run["status"] in OVER or waiting in stop_at:
                return run
            if self._clock.monotonic() > give_up:
                return run
            await self._clock.sleep(POLL)


class Sandbox(_Http):
    """The operator's door of the sandbox."""

    def __init__(self, url: str) -> None:
        super().__init__(f"{url}/_sbx", {})

    async def set(self, method: str, path: str, **body: object) -> Any:
        """Arrange something."""
        return await self.ask(method, path, body)

    async def fault(self, kind: str, endpoint: str, **rule: object) -> str:
        """Set one switch; returns its id."""
        made = await self.set("POST", "/faults", kind=kind, endpoint=endpoint, **rule)
        return str(made["id"])

    async def ledger(self, **filters: str) -> list[Json]:
        """What really happened."""
        found: list[Json] = await self.ask("GET", "/ledger", None, **filters)
        return found

    async def member(self, slug: str) -> Json:
        """A person as the world knows them, and how accounts stand to them."""
        found: Json = await self.ask("GET", f"/members/{slug}")
        return found
