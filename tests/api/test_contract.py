"""The API keeps to its own schema: schemathesis against a real server, a worker at work beside it."""

import asyncio
import os
import sys
from pathlib import Path

import httpx2
import pytest
import uvicorn

from fakes import ScriptedProvider
from overture.accounts import Limits, Window
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from product import API_KEY, add_account

# All checks are on; `positive_data_acceptance` is off for the operations that refuse with 422 what no schema
# can say exactly: which strings are a profile's or a post's address (POST /runs and /schedules), a cron
# expression, a name of a zone or a provider, the text of a cookies.txt; the order of two times of day; the
# signature of a cursor (both lists); and `retry` beside `delivered`.
# The systematic phase is off for the four with the most fields, where it took nearly all of the time (every
# field of thirteen touchpoints, every number of an account's limits): `test_strict_input.py` tries them all
# without a server.
CONFIGURATION = """
[phases.stateful]
enabled = true

[[operations]]
include-operation-id = [
  "submit_run", "add_account", "change_account", "list_runs", "resolve_run",
  "create_schedule", "list_schedules", "import_session",
]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = ["submit_run", "create_schedule", "add_account", "change_account"]
phases.coverage.enabled = false
generation.max-examples = 20
"""

MOST_EXAMPLES = "5"  # an operation; bounded by cases and not by time, so that every machine tries the same


@pytest.mark.slow
async def test_the_api_is_what_its_schema_says(
    app: App,
    provider: ScriptedProvider,
    worker: None,
    client: httpx2.AsyncClient,
    tmp_path: Path,
) -> None:
    few = Window(per_day=5)
    await add_account(app, "ada", Limits(profile_read=few, search=few, sync=few, visit=few, min_gap_s=0))
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    config = uvicorn.Config(create_api(app), port=0, log_config=None, lifespan="off", access_log=False)
    listening = config.bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    arguments = [
        *("--config-file", str(configuration), "run", f"{url}/openapi.json", "--no-color"),
        *("--max-examples", MOST_EXAMPLES, "--seed", os.environ.get("OVERTURE_CONTRACT_SEED", "7")),
        *("--header", f"X-API-Key: {API_KEY}", "--workers", "1"),
    ]
    try:
        checking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", *arguments),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await checking.communicate()
    finally:
        server.should_exit = True
        await serving

    assert checking.returncode == 0, output.decode()[-12_000:]
    assert provider.calls, "no run was performed: the check reached nothing"
