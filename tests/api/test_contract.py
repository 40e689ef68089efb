"""The API keeps to its own schema: schemathesis against a real server, a worker at work beside it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import uvicorn
from pydantic import SecretStr

import inbox_desk
from fakes import ScriptedProvider
from overture.accounts import Limits, Window
from overture.core.ids import public_id
from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from overture.providers.unipile.provider import Unipile
from overture_sandbox.testing import SandboxServer
from product import API_KEY, MakeApp, add_account

# All checks are on; `positive_data_acceptance` is off for the operations that refuse with 422 what no schema
# can say exactly: which strings are the address of a profile, a post or anybody, a cron expression, the name
# of a zone or a provider, the text of a cookies.txt; whether a document is a sequence, whether the bytes are
# a file of people; the order of two times of day; the signature of a cursor (every list); which of two fields
# excludes the other, which key was used before, `retry` beside `delivered`; and for a change without If-Match
# (428). `unsupported_method` is off where a fixed word stands in place of an id, which other methods then
# read as one; `negative_data_rejection` where a list that is too long is refused for its size (413).
CONFIGURATION: Final = """
[[operations]]
include-operation-id = [
  "submit_run", "add_account", "change_account", "list_runs", "resolve_run",
  "create_schedule", "list_schedules", "import_session",
  "connect_unipile_account", "answer_unipile_checkpoint", "make_connect_link",
  "add_lead", "add_leads", "change_lead", "list_leads", "export_leads", "get_timeline",
  "list_companies", "list_suppressions", "add_suppression", "test_suppression", "lift_suppression",
  "upload_import", "list_imports", "list_rows", "map_import", "create_campaign", "change_campaign",
  "list_campaigns", "put_sequence", "list_campaign_enrollments", "enroll_leads", "list_enrollments",
  "list_approvals", "add_observation", "list_events", "erase_lead", "duplicate_campaign", "start_import",
  "list_model_calls", "list_conversations", "list_messages", "send_message", "change_conversation",
  "list_deliveries", "simulate_delivery", "list_connection_reconciliations",
  "reconcile_connections", "reconcile_all_connections",
]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = [
  "add_leads", "export_leads", "list_stuck_enrollments", "recover_enrollments", "test_suppression",
  "get_lead", "get_suppression", "get_enrollment", "get_delivery", "replay_deliveries",
]
checks.unsupported_method.enabled = false

[[operations]]
include-operation-id = ["map_import", "start_import"]
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = [
  "connect_unipile_account", "answer_unipile_checkpoint", "make_connect_link", "restart_unipile_account",
]
generation.dictionaries.string = { dictionary = "handles", probability = 0.5 }

[dictionaries.handles]
values = ["mira", "ada"]
"""
SHORT: Final = """
[phases]
coverage.enabled = false
stateful.enabled = false

[[operations]]
include-operation-id = ["submit_run", "create_schedule", "add_account", "change_account"]
generation.max-examples = 6
"""
"""Every field with values of every other type is what `test_strict_input.py` tries, without a server."""
WHOLE: Final = """
[phases.stateful]
enabled = true
"""
KEY: Final = "sandbox-unipile-key"


@pytest.fixture
async def app(make_app: MakeApp) -> AsyncIterator[App]:
    """The product with accounts of both providers, before a sandbox."""
    with SandboxServer(seed=7) as sandbox:
        made = await make_app(
            tick=timedelta(milliseconds=500),  # what is checked is the doors
            unipile_dsn=sandbox.url,
            unipile_api_key=SecretStr(KEY),
            unipile_timeout=timedelta(seconds=5),
            unipile_notify_url="http://127.0.0.1:9",
            webhook_simulate=True,
        )
        unipile = Unipile(made.settings, made.clock, made.rng)
        yield replace(made, providers={**made.providers, unipile.name: unipile})
        await unipile.close()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("phases", "most_examples"),
    [
        pytest.param(SHORT, "1", id="short"),
        pytest.param(WHOLE, "10", id="whole", marks=pytest.mark.wide),
    ],
)
async def test_the_api_is_what_its_schema_says(
    app: App, client: httpx2.AsyncClient, tmp_path: Path, phases: str, most_examples: str
) -> None:
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(await known(app, client) + CONFIGURATION + phases)
    async with background(app, worker=True), served(app) as url:
        checking = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(configuration)),
            *("run", f"{url}/openapi.json", "--no-color", "--max-examples", most_examples),
            *("--seed", os.environ.get("OVERTURE_CONTRACT_SEED", "7"), "--workers", "1"),
            *("--header", f"X-API-Key: {API_KEY}"),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        output, _ = await checking.communicate()
    assert checking.returncode == 0, failures_in(output.decode())
    provider = app.providers["linkedin_browser"]
    assert isinstance(provider, ScriptedProvider)
    assert provider.calls, "no run was performed: the check reached nothing"


@asynccontextmanager
async def served(app: App) -> AsyncIterator[str]:
    """The whole API on a port of its own."""
    api = create_api(app, ROUTERS, FILES)
    api.openapi()  # worked out beforehand: the one who asks for it waits ten seconds at most
    config = uvicorn.Config(api, port=0, log_config=None, lifespan="off", access_log=False)
    listening = config.bind_socket()
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        await serving


async def known(app: App, client: httpx2.AsyncClient) -> str:
    """One of each thing there is, so that addresses with an id lead somewhere."""
    few = Window(per_day=5)
    await add_account(app, "ada", Limits(profile_read=few, search=few, sync=few, visit=few, min_gap_s=0))

    async def made(path: str, **body: Any) -> Any:
        answer = await client.post(f"/api/v1{path}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    await add_account(app, "bob")
    desk = await inbox_desk.a_desk(app, "bob")
    await desk.take(desk.message(1, "Hello"))
    await made("/accounts", handle="mira", provider="unipile", external_id="unipile-mira")
    lead = (await made("/leads", first_name="Ada", linkedin_slug="ada-l"))["lead"]["lead_id"]
    new = {"name": "Wells", "template": "invite-and-follow-up", "settings": {"accounts": {"ada": 1}}}
    campaign = (await made("/campaigns", **new))["campaign_id"]
    receipt = await made("/enrollments", campaign_id=campaign, lead_ids=[lead])
    file = (await client.post("/api/v1/imports", content=b"email\nbob@x.test\n")).json()
    ids = {
        "lead_id": lead,
        "campaign_id": campaign,
        "enrollment_id": receipt["rows"][0]["enrollment_id"],
        "import_id": file["import_id"],
        "suppression_id": (await made("/suppressions", kind="domain", value="never.test"))["suppression_id"],
        "conversation_id": public_id("cnv", (await desk.conversation()).id),
        "message_id": public_id("msg", (await desk.messages())[0].id),
        "delivery_id": public_id("whd", desk.sent[0]),
        "key": "invite-and-follow-up",
    }
    return "[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())


def failures_in(output: str) -> str:
    """What was found, without what it only warns of; long values cut."""
    found = output.partition(" FAILURES ")[2].partition(" WARNINGS ")[0] or output
    return "\n".join(line[:400] for line in found.splitlines())[-20_000:]
