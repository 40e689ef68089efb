"""Seconds and memory to import and start the server, and the size of a core install.

`python -m benchmarks.start`
Baseline of the same run: a bare Python that imports FastAPI and SQLAlchemy.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks import ground

ROUNDS: Final = 5
MOST_SECONDS: Final = 1.5
MOST_MIB: Final = 350

# Imports, builds the API on a migrated database, answers one request; prints seconds and peak memory.
STARTING: Final = """
import time; began = time.perf_counter()
import asyncio, json, resource
import httpx2
from overture.core.settings import Settings
from overture.entrypoints.api import create_api
from overture.entrypoints.bootstrap import open_app
imported = time.perf_counter()
async def main():
    async with open_app(Settings()) as app:
        transport = httpx2.ASGITransport(app=create_api(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://t") as client:
            (await client.get("/health")).raise_for_status()
        return time.perf_counter()
ready = asyncio.run(main())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([imported - began, ready - began, peak]))
"""
BARE: Final = """
import time; began = time.perf_counter()
import json, resource, fastapi, sqlalchemy.ext.asyncio
print(json.dumps([time.perf_counter() - began, 0, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))
"""


def timed(code: str, environment: dict[str, str]) -> list[float]:
    """Median of the numbers a fresh interpreter prints."""
    rows = []
    for _ in range(ROUNDS):
        shown = subprocess.run(
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
        )
        rows.append(json.loads(shown.stdout.splitlines()[-1]))
    return [statistics.median(column) for column in zip(*rows, strict=True)]


def core_install_mib() -> int:
    """MiB of an environment with the product and its run-time dependencies only."""
    folder = Path(tempfile.mkdtemp(prefix="overture-bench-install-"))
    uv = shutil.which("uv") or str(ground.ROOT / ".tools/bin/uv")
    environment = os.environ | {"UV_PROJECT_ENVIRONMENT": str(folder / "venv"), "UV_LINK_MODE": "copy"}
    command = [uv, "sync", "--frozen", "--no-dev", "--no-editable", "--python", sys.executable, "-q"]
    try:
        subprocess.run(command, cwd=ground.ROOT, env=environment, check=True)
        return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink()) >> 20
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def main() -> int:
    """Measure, print, and say whether the targets are met."""
    with ground.database() as database:
        url = ground.plain(ground.fresh(database, "start"))
        folder = tempfile.mkdtemp(prefix="overture-bench-start-")
        environment = os.environ | {"OVERTURE_DATABASE_URL": url, "OVERTURE_DATA_DIR": folder}
        bare = timed(BARE, environment)
        imported, ready, peak = timed(STARTING, environment)
        shutil.rmtree(folder, ignore_errors=True)
    size = core_install_mib()
    met = ready < MOST_SECONDS and size <= MOST_MIB
    ground.report(
        {
            "benchmark": "start",
            "bare_import_s": round(bare[0], 2),
            "import_s": round(imported, 2),
            "import_and_start_s": round(ready, 2),
            "ratio_to_bare_import": round(ready / bare[0], 2),
            "peak_mib": round(peak),
            "bare_peak_mib": round(bare[2]),
            "core_install_mib": size,
            "met": met,
        }
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
