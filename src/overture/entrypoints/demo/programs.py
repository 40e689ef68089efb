"""Sandbox, server and worker as processes of their own, each with a log file, and none left behind."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from overture.core.clock import Clock
from overture.db.embedded import EmbeddedPostgres

START_LIMIT_S: Final = 60.0  # the first start creates the database
STOP_LIMIT_S: Final = 30.0
POLL: Final = timedelta(milliseconds=50)
LOG_TAIL: Final = 15
CHROMIUM: Final = "OVERTURE_CHROMIUM"
OVERTURE: Final = str(Path(sys.executable).with_name("overture"))  # the command beside our interpreter


class ProgramDied(Exception):
    """A process ended before it was of use; the message holds the end of its log."""


class Programs:
    """The processes of one sandbox world; leaving stops all of them, the database with the last."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock
        self._running: list[Process] = []
        self._data_dir = folder / "data"
        self._api_key = ""
        self._sandbox_url = ""

    async def __aenter__(self) -> Self:
        """Nothing runs yet. The folder may be walked through, for the database's own user."""
        self._folder.chmod(0o711)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop what runs, the newest first, however the story ended."""
        stopping = asyncio.ensure_future(self._stop_all())
        while not stopping.done():
            with contextlib.suppress(asyncio.CancelledError):  # an impatient Ctrl-C must not leave orphans
                await asyncio.shield(stopping)
        stopping.result()

    async def start_sandbox(self) -> str:
        """A pretend internet; returns its address."""
        process = await self._start("sandbox", [sys.executable, "-m", "overture_sandbox"], {}, PIPE)
        assert process.stdout is not None
        async with asyncio.timeout(START_LIMIT_S):
            line = await process.stdout.readline()
        if not line:
            raise self._died("sandbox")
        self._sandbox_url = str(json.loads(line)["url"])
        return self._sandbox_url

    async def start_server(self, api_key: str, settings: Mapping[str, str]) -> str:
        """The API; `settings` are further `OVERTURE_…` variables without that prefix. Returns its address."""
        self._api_key = api_key
        port_file = self._folder / "port"
        process = await self._start("server", [OVERTURE, "serve", "--port-file", str(port_file)], settings)
        async with asyncio.timeout(START_LIMIT_S):
            while not port_file.exists():
                if process.returncode is not None:
                    raise self._died("server")
                await self._clock.sleep(POLL)
        return f"http://127.0.0.1:{int(port_file.read_text())}"

    @property
    def data_dir(self) -> Path:
        """Where the product keeps its data."""
        return self._data_dir

    def settings_here(self, api_key: str, settings: Mapping[str, str]) -> Mapping[str, str]:
        """The settings for a product in this very process, by their names without the prefix."""
        self._api_key = api_key
        chromium = {"CHROMIUM": os.environ[CHROMIUM]} if os.environ.get(CHROMIUM) else {}
        return chromium | self._ours(settings)

    async def start_worker(self, settings: Mapping[str, str]) -> Process:
        """A process that performs runs."""
        return await self._start("worker", [OVERTURE, "worker"], settings)

    async def kill(self, process: Process) -> None:
        """SIGKILL: the process has no chance to say anything."""
        process.send_signal(signal.SIGKILL)
        await process.wait()
        self._running.remove(process)

    async def _start(
        self, name: str, program: list[str], settings: Mapping[str, str], stdout: int | None = None
    ) -> Process:
        with self._log(name).open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                *program,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log if stdout is None else stdout,
                stderr=log,
                env=self._environment(settings),
                cwd=self._folder,  # no .env file of the caller's
                start_new_session=True,  # Ctrl-C is for the story alone, which stops its programs in order
            )
        self._running.append(process)
        return process

    def _environment(self, settings: Mapping[str, str]) -> dict[str, str]:
        """The caller's variables with our settings instead of theirs, except which Chromium to use."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith("OVERTURE_") or k == CHROMIUM}
        return kept | {f"OVERTURE_{name}": value for name, value in self._ours(settings).items()}

    def _ours(self, settings: Mapping[str, str]) -> dict[str, str]:
        found = {
            "DATA_DIR": str(self._data_dir),
            "DATABASE_FSYNC": "false",
            "API_KEY": self._api_key,
            "LINKEDIN_URL": self._sandbox_url,
            "PORT": "0",
            "PLUGINS": "overture.entrypoints.demo.pace",
            **settings,
        }
        return {name: value for name, value in found.items() if value}

    async def _stop_all(self) -> None:
        was_forced = False
        for process in reversed(self._running):
            was_forced |= await self._stop(process)
        if self._data_dir.exists():
            await asyncio.to_thread(self._clear_database, was_forced)

    async def _stop(self, process: Process) -> bool:
        """End one process; true if it had to be killed, or had died before."""
        if process.returncode is not None:
            return process.returncode != 0
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_LIMIT_S)
        except TimeoutError:
            process.kill()
            await process.wait()
        return process.returncode != 0

    def _clear_database(self, may_run: bool) -> None:
        """Leave neither a server nor its files: for root they may lie outside our folder."""
        database = EmbeddedPostgres(self._data_dir / "postgres", fsync=False)
        if may_run:  # a killed server leaves its database running: join it and be the last to leave
            database.start()
            database.stop()
        if database.home != self._data_dir / "postgres":
            shutil.rmtree(database.home, ignore_errors=True)

    def _died(self, name: str) -> ProgramDied:
        tail = self._log(name).read_text(errors="replace").splitlines()[-LOG_TAIL:]
        return ProgramDied("\n".join([f"The {name} ended before it was ready. Its last words:", *tail]))

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"
