"""Sends webhooks as Unipile's own servers do, from a process of its own: `python -m tests.burst.sender JOB`.

Several connections are kept open. With `retries` what was not answered 200 is sent again, each time after a
longer pause, as Unipile does. The one line it prints is what it saw.
"""

import asyncio
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

PAUSE = 0.1
"""Seconds before a delivery is sent again; each further time as much longer."""
LONGEST_PAUSE = 2.0
ANSWER_WITHIN = 30.0
"""Unipile waits that long for a 200."""


@dataclass(frozen=True)
class Job:
    """What is to be sent, where, and how."""

    host: str
    port: int
    headers: dict[str, str]
    bodies: str
    """A file with a delivery in each line: `[address, body, waits]`; who waits lets all above be over."""
    connections: int = 8
    retries: int = 0


@dataclass
class Seen:
    """What the sender saw."""

    taken: int = 0
    given_up: int = 0
    again: int = 0
    most_tries: int = 0
    seconds: float = 0.0
    statuses: Counter[str] = field(default_factory=Counter)
    took: list[float] = field(default_factory=list)

    def told(self) -> dict[str, Any]:
        """In figures."""
        took = self.took if len(self.took) > 1 else [0.0, 0.0]
        return {
            "taken": self.taken,
            "given_up": self.given_up,
            "sent_again": self.again,
            "most_tries": self.most_tries,
            "seconds": round(self.seconds, 3),
            "per_s": round(self.taken / self.seconds, 1) if self.seconds else 0.0,
            "p50_ms": round(statistics.median(took) * 1000, 2),
            "p99_ms": round(statistics.quantiles(took, n=100)[98] * 1000, 2),
            "statuses": dict(self.statuses),
        }


class Refused(OSError):
    """The connection gave no answer, or half of one."""


class Line:
    """One connection that is kept open."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, request: bytes) -> int:
        """The status a request is answered with; head and body leave in one piece."""
        try:
            if self._streams is None:
                self._streams = await asyncio.open_connection(*self._address)
            reader, writer = self._streams
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(length_of(head))
        except (OSError, EOFError) as error:
            self.hang_up()
            raise Refused(str(error)) from error
        if b"\r\nconnection: close" in head.lower():
            self.hang_up()
        return int(head[9:12])

    def hang_up(self) -> None:
        """Close it; the next request opens another."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None


def length_of(head: bytes) -> int:
    """How long the body after these headers is."""
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line[15:])
    return 0


def request_of(job: Job, address: str, body: bytes) -> bytes:
    """A delivery on the wire."""
    headers = {"Host": f"{job.host}:{job.port}", "Content-Length": str(len(body)), **job.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST {address} HTTP/1.1\r\n{lines}\r\n".encode() + body


class Sending:
    """A job under way."""

    def __init__(self, job: Job, deliveries: Sequence[tuple[str, str, bool]]) -> None:
        self._job = job
        self._requests = [request_of(job, address, body.encode()) for address, body, _ in deliveries]
        self._waits = [waits for _, _, waits in deliveries]
        self._numbers = count()
        self._over = 0
        self._is_quiet = asyncio.Condition()
        self.seen = Seen()

    async def run(self) -> Seen:
        """Send all of it."""
        began = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for _ in range(self._job.connections):
                group.create_task(self._one_line())
        self.seen.seconds = time.perf_counter() - began
        return self.seen

    async def _one_line(self) -> None:
        line = Line(self._job.host, self._job.port)
        while (number := next(self._numbers)) < len(self._requests):
            if self._waits[number]:
                await self._all_above(number)
            await self._deliver(line, self._requests[number])
            async with self._is_quiet:
                self._over += 1
                self._is_quiet.notify_all()
        line.hang_up()

    async def _all_above(self, number: int) -> None:
        """Until every one that stands above is over; those beside it wait as well, so none is missed."""
        async with self._is_quiet:
            await self._is_quiet.wait_for(lambda: self._over >= self._first_waiting(number))

    def _first_waiting(self, number: int) -> int:
        """Where the group begins that waits together."""
        while number and self._waits[number - 1]:
            number -= 1
        return number

    async def _deliver(self, line: Line, request: bytes) -> None:
        """Send one until it is taken, or has been sent often enough."""
        for tries in range(1, self._job.retries + 2):
            self.seen.most_tries = max(self.seen.most_tries, tries)
            began = time.perf_counter()
            try:
                status = await asyncio.wait_for(line.post(request), ANSWER_WITHIN)
            except (Refused, TimeoutError) as error:
                line.hang_up()
                self.seen.statuses[type(error).__name__] += 1
            else:
                self.seen.statuses[str(status)] += 1
                if status == 200:
                    self.seen.taken += 1
                    self.seen.took.append(time.perf_counter() - began)
                    return
            if tries <= self._job.retries:
                self.seen.again += 1
                await asyncio.sleep(min(LONGEST_PAUSE, PAUSE * tries))
        self.seen.given_up += 1


async def send(job: Job) -> dict[str, Any]:
    """Send what the job's file holds."""
    lines = await asyncio.to_thread(Path(job.bodies).read_text)
    return (await Sending(job, [json.loads(line) for line in lines.splitlines()]).run()).told()


def written(job: Job, file: Path) -> Path:
    """The job, in a file for the process that does it."""
    file.write_text(json.dumps(asdict(job)))
    return file


def main(arguments: Sequence[str]) -> int:
    """Do the job and tell."""
    job = Job(**json.loads(Path(arguments[0]).read_text()))
    print(json.dumps(asyncio.run(send(job))), flush=True)  # noqa: T201 - the result
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
