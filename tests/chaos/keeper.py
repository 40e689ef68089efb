"""Keeps worker processes: has them forked, killed and buried."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import psutil

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Worker:
    """One worker process."""

    id: int
    pid: int
    ended: asyncio.Future[int]

    def kill(self) -> None:
        """SIGKILL, wherever it is in its work."""
        self._send(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to finish and go."""
        self._send(signal.SIGTERM)

    def _send(self, sign: signal.Signals) -> None:
        if not self.ended.done():
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, sign)

    async def ends_within(self, seconds: float) -> bool:
        """Whether it ended by itself in this time."""
        await asyncio.wait([self.ended], timeout=seconds)
        return self.ended.done()


@dataclass
class Keeper:
    """The nursery process, and who is alive: `async with Keeper() as keeper`."""

    _workers: list[Worker] = field(default_factory=list)
    _waiting: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _ended: dict[int, asyncio.Future[int]] = field(default_factory=dict)
    _next: int = 0

    async def __aenter__(self) -> Self:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "tests.chaos.nursery",
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        assert self._process.stdout is not None
        if not await self._process.stdout.readline():
            raise RuntimeError("the nursery did not start")
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._listening

    async def start(self, env: Mapping[str, str], log: Path) -> Worker:
        """A new worker process with these variables."""
        self._next += 1
        number, loop = self._next, asyncio.get_running_loop()
        started = self._waiting[number] = loop.create_future()
        ended = self._ended[number] = loop.create_future()
        order = {"id": number, "env": {**env, "OVERTURE_CHAOS_MARK": self.mark}, "log": str(log)}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        worker = Worker(number, await started, ended)
        self._workers = [one for one in self._workers if not one.ended.done()] + [worker]
        return worker

    async def kill_all(self) -> None:
        """Kill every worker that lives, and what dead ones left."""
        for worker in self._workers:
            worker.kill()
            await worker.ended
        await asyncio.to_thread(self.kill_orphans)

    @property
    def mark(self) -> str:
        """Stands in every worker's environment, and so in that of its Chromium: survivors are found by it."""
        return f"nursery {self._process.pid}"

    def kill_orphans(self) -> int:
        """Kill what dead workers left behind (browsers and their drivers, never PostgreSQL); how many."""
        killed = 0
        for process in psutil.process_iter(["name", "ppid"]):
            if process.info["name"] == "postgres" or process.pid == os.getpid():
                continue
            with contextlib.suppress(psutil.Error, OSError):
                parents = {parent.pid for parent in process.parents()}
                is_ours = process.environ().get("OVERTURE_CHAOS_MARK") == self.mark
                if is_ours and self._process.pid not in parents:
                    process.kill()
                    killed += 1
        return killed

    async def _listen(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            if "pid" in said:
                self._waiting.pop(said["id"]).set_result(said["pid"])
            else:
                self._ended.pop(said["id"]).set_result(said["status"])
