"""The touchpoints stand alone: their API is imported and serves without people and campaigns."""

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
ALONE = '''
import asyncio, sys
import httpx2

class Absent:
    """People and campaigns are not installed."""
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[:2] in (["overture", "people"], ["overture", "campaigns"]):
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Absent())

from pydantic import SecretStr
from overture.accounts import Vault
from overture.core import crypto
from overture.core.clock import SystemClock
from overture.core.ids import Ids
from overture.core.rng import Rng
from overture.core.settings import Settings
from overture.db import connect
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import App
from overture.entrypoints.serve import background
from fakes import ScriptedProvider

async def main(url, folder):
    settings = Settings(_env_file=None, data_dir=folder, database_url=url, tick="0.05")
    clock, rng = SystemClock(), Rng()
    engine, sessions = connect(url)
    provider = ScriptedProvider(clock)
    vault = Vault(crypto.load_or_create(settings.keys_path))
    app = App(settings, clock, rng, Ids(clock, rng), engine, sessions, vault,
              {provider.name: provider}, url, None, "key", vetoes=(), planner_lag=None)
    transport = httpx2.ASGITransport(app=create_api(app))
    async with background(app, worker=True), httpx2.AsyncClient(
        transport=transport, base_url="http://alone.test", headers={"X-API-Key": "key"}
    ) as client:
        hours = {"days": [0,1,2,3,4,5,6], "start": "00:00", "end": "00:00"}
        account = {"handle": "ada", "working_hours": hours}
        added = await client.post("/api/v1/accounts", json=account)
        assert added.status_code == 201, added.text
        touchpoint = {"type": "visit", "public_identifier": "bob"}
        run = await client.post("/api/v1/runs", json={"handle": "ada", "touchpoint": touchpoint})
        assert run.status_code == 201, run.text
        while (await client.get(run.headers["Location"])).json()["status"] != "completed":
            await asyncio.sleep(0.05)
        assert (await client.get("/api/v1/leads")).status_code == 404
    await engine.dispose()
    print(sorted(name for name in sys.modules if name.startswith(("overture.people", "overture.campaigns"))))

asyncio.run(asyncio.wait_for(main(sys.argv[1], sys.argv[2]), 110))
'''


def test_the_api_of_touchpoints_serves_without_the_campaign_layer(database_url: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OVERTURE_")}

    done = subprocess.run(
        [sys.executable, "-c", ALONE, database_url, str(tmp_path)],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": str(TESTS)},
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.strip().splitlines()[-1] == "[]"
