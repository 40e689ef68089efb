"""The demo, as somebody who has just cloned the project runs it."""

import asyncio
import json
import os
import re
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Iterator
from pathlib import Path

import httpx2
import psutil
import pytest

from waiting import eventually

LIMIT_S = 420
pytestmark = [pytest.mark.browser, pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(LIMIT_S + 60)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """For temporary files; everybody may walk through it, as through /tmp."""
    with tempfile.TemporaryDirectory(prefix="overture-e2e-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


async def start(folder: Path, *options: str) -> Process:
    """The demo with temporary files of its own."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "overture.entrypoints.demo", *options),
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


async def test_the_demo_agrees_with_the_ledger_shows_it_on_the_pages_and_cleans_up(folder: Path) -> None:
    process = await start(folder, "--serve")
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        told = json.loads(await asyncio.wait_for(process.stdout.readline(), LIMIT_S))
        link = await asyncio.wait_for(link_in(process.stderr), LIMIT_S)
        home, page = await asyncio.wait_for(campaign_shown(link), LIMIT_S)
    finally:
        process.terminate()
        await asyncio.wait_for(process.communicate(), LIMIT_S)

    assert told.pop("seconds") < LIMIT_S
    assert told == {
        "agree": True,
        "people": 40,
        "browser_people": 12,
        "days": 12,
        "invites": 37,
        "accepted": 24,
        "messages": 34,
        "replies": 14,
        "opt_outs": 2,
        "declines": 3,
        "worker_kills": 1,
    }
    assert (home.status_code, page.status_code) == (200, 200)
    assert "The demo" in page.text
    assert f">{told['people']}<" in page.text
    assert f">{told['replies']}<" in page.text
    assert process.returncode == 130
    assert await asyncio.to_thread(os.listdir, folder) == []


async def campaign_shown(link: str) -> tuple[httpx2.Response, httpx2.Response]:
    """The home page and the page of the one campaign, signed in by the link."""
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        home = await browser.get(link)
        campaigns = await browser.get(str(home.url.join("/campaigns")))
        [path] = set(re.findall(r'href="(/campaigns/cmp_[^"/]+)"', campaigns.text))
        return home, await browser.get(str(home.url.join(path)))


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


async def link_in(lines: asyncio.StreamReader) -> str:
    """The sign-in link among what it says."""
    while True:
        line = (await lines.readline()).decode()
        assert line, "it ended before it showed the link"
        if "/login/once" in line:
            return line.split()[1]
