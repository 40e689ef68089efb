"""The API keeps to its own schema: schemathesis against a real server, a worker at work beside it."""

import asyncio
import sys
from pathlib import Path

import httpx2
import pytest
import uvicorn

from fakes import ScriptedProvider
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from product import API_KEY

# All checks are on; `positive_data_acceptance` is off for five operations. On POST /runs the schema says a
# profile address is a string; which strings are one (percent-coding, hosts, case) no pattern can say exactly,
# so a valid string may be refused with 422. The same for the names of zones and providers, the order of two
# times, the signature of a cursor, and `retry` beside `delivered`.
CONFIGURATION = """
[phases.stateful]
enabled = true

[[operations]]
include-operation-id = ["submit_run", "add_account", "change_account", "list_runs", "resolve_run"]
checks.positive_data_acceptance.enabled = false
"""


@pytest.mark.slow
async def test_the_api_is_what_its_schema_says(
    app: App,
    account: str,
    provider: ScriptedProvider,
    worker: None,
    client: httpx2.AsyncClient,
    tmp_path: Path,
) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(CONFIGURATION)
    config = uvicorn.Config(create_api(app), port=0, log_config=None, lifespan="off", access_log=False)
    listening = config.bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    arguments = [
        *("--config-file", str(configuration), "run", f"{url}/openapi.json", "--no-color"),
        *("--max-examples", "10", "--seed", "7", "--max-time", "40"),
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
