"""Forks worker processes: `python -m tests.chaos.nursery`.

Importing the product takes longer than a chaotic worker lives. The nursery imports it once, has neither
threads nor a loop nor a connection, and forks; each child is a process and a session of its own and opens
everything itself, like `overture worker`.

In, a line each:  {"id": 7, "env": {…}, "log": "…/workers.log"}
Out, a line each: {"id": 7, "pid": 4711}, later {"id": 7, "status": -9}
"""

import asyncio
import gc
import json
import os
import select
import signal
import traceback
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from overture.core import log
from overture.core.settings import Settings
from overture.db.embedded import DatabaseUnavailable
from overture.entrypoints.bootstrap import open_app
from overture.entrypoints.serve import work_alone

# Imported before the fork, as is all of a worker; what they install, they install in the child.
from . import browser, die_at, direct, mutants  # noqa: F401

LOOK_EVERY = 0.02
DATABASE_AWAY = 75
"""How a worker ends whose database died while it was starting; a supervisor starts another."""


async def work() -> None:
    """What `overture worker` does."""
    async with open_app(Settings()) as app:
        await work_alone(app)


def be_worker(order: dict[str, Any]) -> None:
    """The child: its own session, environment and log."""
    os.setsid()
    sink = os.open(Path(order["log"]), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(sink, 1)
    os.dup2(sink, 2)
    os.environ.update(order["env"])
    log.configure(os.environ.get("OVERTURE_LOG_LEVEL", "info"))
    asyncio.run(work())


def fork(order: dict[str, Any]) -> int:
    """Start one worker; its process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        be_worker(order)
        status = 0
    except (DatabaseUnavailable, OperationalError):
        status = DATABASE_AWAY
        traceback.print_exc()
    except BaseException:
        traceback.print_exc()
        raise
    finally:
        os._exit(status)


def say(**facts: object) -> None:
    """One line to whoever keeps the nursery."""
    os.write(1, json.dumps(facts).encode() + b"\n")


def bury(children: dict[int, int]) -> None:
    """Report every child that has ended."""
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        say(id=children.pop(pid), status=os.waitstatus_to_exitcode(status))


def main() -> None:
    """Fork on demand until the keeper is gone, then kill who is left."""
    children: dict[int, int] = {}
    pending = b""
    gc.freeze()
    say(ready=True)
    while True:
        bury(children)
        if not select.select([0], [], [], LOOK_EVERY)[0]:
            continue
        read = os.read(0, 65536)
        if not read:
            break
        *lines, pending = (pending + read).split(b"\n")
        for line in lines:
            order = json.loads(line)
            pid = fork(order)
            children[pid] = order["id"]
            say(id=order["id"], pid=pid)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
