"""One system for the suite: a live one when the environment names it, else our own before the sandbox."""

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from e2e.system import LIVE, MAY_WRITE, System, warning
from overture.core.clock import SystemClock
from overture.entrypoints.demo.clients import Overture, Sandbox
from overture.entrypoints.demo.programs import Programs

PARTS = ("person", "connection", "stranger", "inmail", "post")
USERNAME, PASSWORD = "e2e@sandbox.test", "sandbox-pass"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What only reads goes first, and what writes is left out where that was not asked for."""
    items.sort(key=lambda item: item.get_closest_marker("writes") is not None)
    if not MAY_WRITE:
        for item in items:
            if item.get_closest_marker("writes"):
                item.add_marker(pytest.mark.skip(reason="OVERTURE_E2E_WRITES is not yes"))


@pytest.fixture(scope="session")
async def system(request: pytest.FixtureRequest) -> AsyncIterator[System]:
    """The system under test."""
    if LIVE:
        reporter = request.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"\n{warning()}", yellow=True, bold=True)
        targets = {
            part: os.environ[name] for part in PARTS if (name := f"OVERTURE_E2E_{part.upper()}") in os.environ
        }
        async with Overture(LIVE, os.environ["OVERTURE_E2E_KEY"], SystemClock()) as overture:
            yield System(overture, os.environ["OVERTURE_E2E_HANDLE"], targets)
        return
    clock = SystemClock()
    with tempfile.TemporaryDirectory(prefix="overture-e2e-") as name:
        async with Programs(Path(name), clock) as programs:
            site = await programs.start_sandbox()
            api = await programs.start_server(
                "ov_e2e_key", {"TICK": "PT0.1S", "BROWSER_CONFIRM": "0,0.5,1.5"}
            )
            async with Overture(api, "ov_e2e_key", clock) as overture, Sandbox(site) as sandbox:
                targets = await arranged(sandbox, site)
                await overture.add_account("e2e", USERNAME, PASSWORD)
                yield System(overture, "e2e", targets, sandbox)


async def arranged(sandbox: Sandbox, site: str) -> dict[str, str]:
    """A world with one of each part, for a premium account."""
    owner = await sandbox.set("POST", "/members", premium=True)
    await sandbox.set(
        "POST", "/logins", username=USERNAME, password=PASSWORD, slug=owner["slug"], inmail_credits=5
    )
    targets = {}
    for part, state in (
        ("person", "none"),
        ("connection", "connected"),
        ("stranger", "none"),
        ("inmail", "none"),
    ):
        slug = (await sandbox.set("POST", "/members"))["slug"]
        await sandbox.set("PUT", "/relationships", account=USERNAME, member=slug, state=state, degree="2")
        targets[part] = f"{site}/in/{slug}/"
    post = await sandbox.set(
        "POST", "/posts", author=targets["person"].split("/")[-2], text="Cold chains, warm hearts."
    )
    targets["post"] = f"{site}/feed/update/{post['urn']}/"
    return targets
