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
from typing import Any

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


ALL_OF_THEM = {
    "days": 12,
    "invites": 37,
    "accepted": 24,
    "messages": 34,
    "replies": 14,
    "opt_outs": 2,
    "declines": 3,
    "worker_kills": 1,
}
"""What becomes of the forty where a browser meets one who takes no invitations."""


async def told_by(folder: Path, *options: str) -> dict[str, Any]:
    """The last line of the demo, which cleaned up after itself."""
    process = await start(folder, *options)
    try:
        out, words = await asyncio.wait_for(process.communicate(), LIMIT_S)
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.communicate(), LIMIT_S)
    assert process.returncode == 0, words.decode()
    assert await asyncio.to_thread(os.listdir, folder) == []
    told: dict[str, Any] = json.loads(out)
    return told


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
    """One account in a real browser, one at Unipile, the first twelve of the people."""
    process = await start(folder, "--accounts", "mixed", "--people", "12", "--serve")
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
    assert told.pop("webhooks").keys() == {"applied"}
    assert (told["agree"], told["people"], told["worker_kills"]) == (True, 12, 1)
    shares = told["by_provider"]
    assert {name: share["people"] for name, share in shares.items()} == {"linkedin_browser": 3, "unipile": 9}
    assert sum(share["invites"] for share in shares.values()) == told["invites"] == 12
    assert sum(share["messages"] for share in shares.values()) == told["messages"] >= 10
    assert (told["replies"], told["opt_outs"], told["declines"]) == (4, 2, 2)
    assert (home.status_code, page.status_code) == (200, 200)
    assert "The demo" in page.text
    assert f">{told['people']}<" in page.text
    assert f">{told['replies']}<" in page.text
    assert process.returncode == 130
    assert await asyncio.to_thread(os.listdir, folder) == []


@pytest.mark.wide
async def test_the_usual_demo_agrees_with_the_ledger(folder: Path) -> None:
    """The first ten of the people: some in a browser, the others on the path without pages."""
    told = await told_by(folder, "--people", "10")

    assert (told["agree"], told["people"], told["worker_kills"], told["webhooks"]) == (True, 10, 1, {})
    shares = {name: share["people"] for name, share in told["by_provider"].items()}
    assert shares == {"linkedin_browser": 3, "linkedin_fast": 7}
    assert sum(share["invites"] for share in told["by_provider"].values()) == told["invites"] == 10


@pytest.mark.wide  # the mixed one has an account of each kind
async def test_the_demo_with_unipile_accounts_agrees_with_the_ledger(folder: Path) -> None:
    """The first ten of the people; no browser is needed."""
    told = await told_by(folder, "--accounts", "unipile", "--people", "10")

    assert (told["agree"], told["people"], told["worker_kills"]) == (True, 10, 1)
    assert told["by_provider"] == {"unipile": {"people": 10, "invites": 10, "messages": 10}}
    assert told["webhooks"].keys() == {"applied"}
    assert told["webhooks"]["applied"] > told["accepted"] + told["messages"] + told["replies"]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("accounts", "found"),
    [
        ("browser", ALL_OF_THEM),
        ("mixed", ALL_OF_THEM),
        ("unipile", ALL_OF_THEM | {"invites": 38, "accepted": 25, "messages": 36}),
    ],
)
async def test_the_whole_demo_agrees_with_the_ledger(
    folder: Path, accounts: str, found: dict[str, int]
) -> None:
    told = await told_by(folder, "--accounts", accounts)
    assert {name: told[name] for name in ("agree", "people", *found)} == {
        "agree": True,
        "people": 40,
        **found,
    }


async def campaign_shown(link: str) -> tuple[httpx2.Response, httpx2.Response]:
    """The home page and the page of the one campaign, signed in by the link."""
    async with httpx2.AsyncClient(follow_redirects=True, trust_env=False) as browser:
        home = await browser.get(link)
        campaigns = await browser.get(str(home.url.join("/campaigns")))
        [path] = set(re.findall(r'href="(/campaigns/cmp_[^"/]+)"', campaigns.text))
        return home, await browser.get(str(home.url.join(path)))


@pytest.mark.parametrize(
    ("accounts", "sign"),
    [
        ("browser", signal.SIGINT),
        pytest.param("unipile", signal.SIGTERM, marks=pytest.mark.wide),
    ],
)
async def test_an_interrupted_demo_leaves_no_process(
    folder: Path, accounts: str, sign: signal.Signals
) -> None:
    process = await start(folder, "--accounts", accounts)
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
