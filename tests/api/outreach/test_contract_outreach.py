"""The campaign layer's API keeps to its own schema: schemathesis against a real server."""

import asyncio
import os
import sys
from pathlib import Path

import httpx2
import pytest
import uvicorn

from overture.entrypoints.api import create_api
from overture.entrypoints.api.outreach import FILES, ROUTERS
from overture.entrypoints.bootstrap import App
from product import API_KEY, add_account

# All checks are on; `positive_data_acceptance` is off for the operations that refuse with 422 what no schema
# can say exactly: whether an address names anybody, whether a document is a sequence, whether the bytes are a
# file of people, which of two fields excludes the other, which cursor is ours, which key was used before; and
# for a change without If-Match (428). `unsupported_method` is off where a fixed word stands in place of an
# id, which other methods then read as one; `negative_data_rejection` where a list that is too long is refused
# for its size (413). The systematic phase is off for the operations with the most fields.
CONFIGURATION = """
[[operations]]
include-operation-id = [
  "add_lead", "add_leads", "change_lead", "list_leads", "export_leads", "get_timeline",
  "list_companies", "list_suppressions", "add_suppression", "test_suppression", "lift_suppression",
  "upload_import", "list_imports", "list_rows", "map_import", "create_campaign", "change_campaign",
  "list_campaigns", "put_sequence", "list_campaign_enrollments", "enroll_leads", "list_enrollments",
  "list_approvals", "add_observation", "list_events", "erase_lead", "duplicate_campaign", "start_import",
]
checks.positive_data_acceptance.enabled = false

[[operations]]
include-operation-id = [
  "add_leads", "export_leads", "list_stuck_enrollments", "recover_enrollments", "test_suppression",
  "get_lead", "get_suppression", "get_enrollment",
]
checks.unsupported_method.enabled = false

[[operations]]
include-operation-id = ["map_import", "start_import"]
checks.negative_data_rejection.enabled = false

[[operations]]
include-operation-id = ["add_lead", "add_leads", "change_lead", "create_campaign", "change_campaign"]
phases.coverage.enabled = false
generation.max-examples = 20
"""
PATHS = (
    "^/api/v1/(leads|merges|companies|imports|suppressions|campaigns|sequence|enrollments|approvals"
    "|observations|events)"
)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("phases", "most_examples"),
    [
        pytest.param("examples,fuzzing", "2", id="short"),
        pytest.param("examples,coverage,fuzzing", "4", id="whole", marks=pytest.mark.wide),
    ],
)
async def test_the_api_of_campaigns_is_what_its_schema_says(
    app: App, client: httpx2.AsyncClient, tmp_path: Path, phases: str, most_examples: str
) -> None:
    await add_account(app, "ada")
    configuration = tmp_path / "schemathesis.toml"
    configuration.write_text(await known(client) + CONFIGURATION)
    api = create_api(app, ROUTERS, FILES)
    config = uvicorn.Config(api, port=0, log_config=None, lifespan="off", access_log=False)
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

    assert checking.returncode == 0, failures_in(output.decode())
    assert (await client.get("/api/v1/leads")).json()["data"], "the check reached nothing"


async def known(client: httpx2.AsyncClient) -> str:
    """One of each thing there is, so that addresses with an id lead somewhere."""
    lead = (await client.post("/api/v1/leads", json={"first_name": "Ada", "linkedin_slug": "ada-l"})).json()
    lead_id = lead["lead"]["lead_id"]
    new = {"name": "Wells", "template": "invite-and-follow-up", "settings": {"accounts": {"ada": 1}}}
    campaign = (await client.post("/api/v1/campaigns", json=new)).json()["campaign_id"]
    enrolling = {"campaign_id": campaign, "lead_ids": [lead_id]}
    receipt = (await client.post("/api/v1/enrollments", json=enrolling)).json()
    file = (await client.post("/api/v1/imports", content=b"email\nbob@x.test\n")).json()
    gone = {"kind": "domain", "value": "never.test"}
    suppression = (await client.post("/api/v1/suppressions", json=gone)).json()
    ids = {
        "lead_id": lead_id,
        "campaign_id": campaign,
        "enrollment_id": receipt["rows"][0]["enrollment_id"],
        "import_id": file["import_id"],
        "suppression_id": suppression["suppression_id"],
        "key": "invite-and-follow-up",
    }
    return "[parameters]\n" + "".join(f'"path.{name}" = "{value}"\n' for name, value in ids.items())


def failures_in(output: str) -> str:
    """What was found, without what it only warns of; long values cut."""
    found = output.partition(" FAILURES ")[2].partition(" WARNINGS ")[0]
    return "\n".join(line[:400] for line in found.splitlines())[-20_000:]
