"""The inbox's API keeps to its own schema: schemathesis against a real server."""

import asyncio
import os
import sys
from pathlib import Path

import httpx2
import pytest
import uvicorn

from inbox_desk import a_desk
from overture.core.ids import public_id
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from product import API_KEY, add_account

# `positive_data_acceptance` is off where 422 or 404 says what no schema can: which cursor is ours, whether a
# handle, lead, conversation or delivery is there, which key was used before, which text can be stored.
# `unsupported_method` is off where a fixed word stands in place of an id.
CONFIGURATION = """
[[operations]]
include-operation-id = [
  "list_conversations", "list_messages", "list_deliveries", "change_conversation", "send_message",
  "replay_deliveries", "simulate_delivery",
]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = ["get_delivery", "replay_deliveries"]
checks.unsupported_method.enabled = false
"""
PATHS = "^/(api/v1/conversations|api/v1/webhooks|webhooks)"


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("phases", "most_examples"),
    [
        pytest.param("examples,fuzzing", "3", id="short"),
        pytest.param("examples,coverage,fuzzing", "10", id="whole", marks=pytest.mark.wide),
    ],
)
async def test_the_api_of_the_inbox_is_what_its_schema_says(
    app: App, client: httpx2.AsyncClient, tmp_path: Path, phases: str, most_examples: str
) -> None:
    await add_account(app, "ada")
    desk = await a_desk(app)
    await desk.take(desk.message(1, "Hello"))
    ids = {
        "conversation_id": public_id("cnv", (await desk.conversation()).id),
        "message_id": public_id("msg", (await desk.messages())[0].id),
        "delivery_id": public_id("whd", desk.sent[0]),
    }
    configuration = tmp_path / "schemathesis.toml"
    known = "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())
    configuration.write_text(f"[parameters]\n{known}{CONFIGURATION}")
    config = uvicorn.Config(
        create_api(app, ROUTERS, FILES), port=0, log_config=None, lifespan="off", access_log=False
    )
    listening = config.bind_socket()
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    arguments = [
        *("--config-file", str(configuration), "run", f"{url}/openapi.json", "--no-color"),
        *("--max-examples", most_examples, "--seed", os.environ.get("OVERTURE_CONTRACT_SEED", "7")),
        *("--header", f"X-API-Key: {API_KEY}", "--workers", "1", "--include-path-regex", PATHS),
        *("--phases", phases),
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

    found = output.decode().partition(" FAILURES ")[2].partition(" WARNINGS ")[0]
    assert checking.returncode == 0, "\n".join(line[:400] for line in found.splitlines())[-20_000:]
    assert (await client.get("/api/v1/conversations")).json()["data"], "the check reached nothing"
