"""The two processes of a burst, the product's own: one takes deliveries, the other applies them.

They are forked from a process that has imported the product once; each opens everything itself, and is killed
as the kernel kills: without a word.
"""

import multiprocessing
from multiprocessing.forkserver import ensure_running
from multiprocessing.process import BaseProcess
from pathlib import Path

from overture.core import log
from overture.core.settings import Settings

PRELOADED = [
    *("overture.entrypoints.api", "overture.entrypoints.api.outreach", "overture.entrypoints.planning"),
    *(
        "overture.providers.linkedin_browser",
        "overture.providers.unipile.provider",
        "uvloop",
        "overture.inbox",
    ),
]


def receive(settings: Settings, port_file: Path) -> None:
    """Be `overture serve` without worker and planner."""
    from overture.entrypoints.api import run_server

    log.configure("error")
    run_server(settings, port_file)


def apply(settings: Settings) -> None:
    """Be `overture planner`, which applies what was delivered."""
    from overture.entrypoints.bootstrap import open_app
    from overture.entrypoints.loop import run_to_end
    from overture.entrypoints.planning import plan_alone

    async def plan() -> None:
        async with open_app(settings) as app:
            await plan_alone(app)

    log.configure("error")
    run_to_end(plan())


class Processes:
    """Starts them, and kills them: `with Processes(settings) as processes`."""

    def __init__(self, settings: Settings) -> None:
        self._forks = multiprocessing.get_context("forkserver")
        self._forks.set_forkserver_preload(PRELOADED)
        ensure_running()  # it imports while people are taken in
        self._settings = settings
        self._port_file = settings.data_dir / "port"
        self.receiving: BaseProcess | None = None
        self.applying: BaseProcess | None = None

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill_receiving()
        self.kill_applying()

    def start_receiving(self) -> None:
        """A receiver; a later one listens where the first did."""
        settings = self._settings
        if self.port:
            settings = settings.model_copy(update={"port": self.port})
        self.receiving = self._forks.Process(target=receive, args=(settings, self._port_file), daemon=True)
        self.receiving.start()

    def start_applying(self) -> None:
        """Somebody who applies."""
        self.applying = self._forks.Process(target=apply, args=(self._settings,), daemon=True)
        self.applying.start()

    def kill_receiving(self) -> None:
        """SIGKILL."""
        kill(self.receiving)

    def kill_applying(self) -> None:
        """SIGKILL."""
        kill(self.applying)

    @property
    def port(self) -> int:
        """Where the receiver listens; 0 before it does."""
        return int(self._port_file.read_text()) if self._port_file.exists() else 0


def kill(process: BaseProcess | None) -> None:
    """End it without a word."""
    if process is not None:
        process.kill()
        process.join()
