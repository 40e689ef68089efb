"""The demo, as somebody who has just cloned the project runs it."""

import asyncio
import json
import os
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from waiting import eventually

pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow]

LIMIT_S = 240


@pytest.fixture
def folder() -> Iterator[Path]:
    """For temporary files; everybody may walk through it, as through /tmp."""
    with tempfile.TemporaryDirectory(prefix="overture-e2e-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


async def start(folder: Path) -> Process:
    """The demo with temporary files of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "overture.entrypoints.demo"),
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=PIPE,
        env={**os.environ, "TMPDIR": str(folder)},
        cwd=folder,
        start_new_session=True,
    )


async def has_worker(process: Process) -> bool:
    return any(words[-1:] == ["worker"] for words in map(words_of, descendants(process)))


def words_of(process: psutil.Process) -> list[str]:
    """Its command line; nothing once it has ended."""
    try:
        return process.cmdline()
    except (psutil.ZombieProcess, psutil.NoSuchProcess):
        return []


def descendants(process: Process) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


async def test_the_demo_agrees_with_the_ledger_and_cleans_up(folder: Path) -> None:
    process = await start(folder)
    out, err = await asyncio.wait_for(process.communicate(), LIMIT_S)

    assert process.returncode == 0, err.decode()[-3000:]
    told = json.loads(out.decode().strip().splitlines()[-1])
    assert {key: told[key] for key in ("agree", "people", "invites", "messages", "worker_kills")} == {
        "agree": True,
        "people": 12,
        "invites": 9,
        "messages": 7,
        "worker_kills": 1,
    }
    assert await asyncio.to_thread(os.listdir, folder) == []


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_demo_leaves_no_process(folder: Path, sign: signal.Signals) -> None:
    process = await start(folder)
    try:
        await eventually(lambda: has_worker(process), LIMIT_S)
        children = descendants(process)
        process.send_signal(sign)
        await asyncio.wait_for(process.communicate(), LIMIT_S)
    finally:
        if process.returncode is None:  # it stops its programs, which a SIGKILL would leave behind
            process.terminate()
            await asyncio.wait_for(process.communicate(), LIMIT_S)

    assert process.returncode == 130
    assert len(children) >= 3
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 10)
    assert alive == []
