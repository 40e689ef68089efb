"""POST /runs per second and p99, beside GET /health of the same server. `python -m benchmarks.api`."""

import asyncio
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx2

from benchmarks import ground

KEY: Final = "ov_bench"
REQUESTS: Final = 1500
AT_ONCE: Final = 16


@contextmanager
def server() -> Iterator[str]:
    """The real server process, without a worker, on an embedded database of its own."""
    folder = Path(tempfile.mkdtemp(prefix="overture-bench-api-"))
    folder.chmod(0o711)
    port_file = folder / "port"
    environment = os.environ | {
        "OVERTURE_DATA_DIR": str(folder),
        "OVERTURE_API_KEY": KEY,
        "OVERTURE_PLUGINS": "benchmarks.noop",
        "OVERTURE_LOG_LEVEL": "warning",
        "PYTHONPATH": str(ground.ROOT),
    }
    code = "import sys; from overture.entrypoints.cli import main; sys.exit(main())"
    arguments = ["serve", "--no-worker", "--port", "0", "--port-file", str(port_file)]
    process = subprocess.Popen([sys.executable, "-c", code, *arguments], env=environment, cwd=ground.ROOT)
    try:
        while not port_file.exists():
            if process.poll() is not None:
                raise RuntimeError("the server did not start")
            ground.rest(0.05)
        yield f"http://127.0.0.1:{port_file.read_text().strip()}"
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


async def hammer(send: Callable[[int], Awaitable[httpx2.Response]]) -> tuple[float, float, float]:
    """Requests per second, median and p99 in milliseconds."""
    numbers, took = iter(range(REQUESTS)), []

    async def one_client() -> None:
        for number in numbers:
            began = ground.watch()
            (await send(number)).raise_for_status()
            took.append(ground.watch() - began)

    began = ground.watch()
    await asyncio.gather(*(one_client() for _ in range(AT_ONCE)))
    rate = REQUESTS / (ground.watch() - began)
    return rate, statistics.median(took) * 1000, statistics.quantiles(took, n=100)[98] * 1000


async def measure(url: str) -> dict[str, object]:
    """Both requests against the same server."""
    async with httpx2.AsyncClient(base_url=url, headers={"X-API-Key": KEY}, timeout=60) as client:
        body = {"handle": "bench", "provider": "noop"}
        (await client.post("/api/v1/accounts", json=body)).raise_for_status()

        async def health(_: int) -> httpx2.Response:
            return await client.get("/health")

        async def submit(number: int) -> httpx2.Response:
            touchpoint = {"type": "check_connection", "public_identifier": f"person-{number}"}
            headers = {"Idempotency-Key": f"bench-{number}"}
            run = {"handle": "bench", "touchpoint": touchpoint}
            return await client.post("/api/v1/runs", json=run, headers=headers)

        idle = await hammer(health)
        runs = await hammer(submit)
    return {
        "benchmark": "api",
        "requests": REQUESTS,
        "at_once": AT_ONCE,
        "health_per_s": round(idle[0], 1),
        "post_runs_per_s": round(runs[0], 1),
        "post_runs_p50_ms": round(runs[1], 1),
        "post_runs_p99_ms": round(runs[2], 1),
        "ratio_to_health": round(runs[0] / idle[0], 3),
        "met": True,
    }


def main() -> int:
    """Measure and print."""
    with server() as url:
        ground.report(asyncio.run(measure(url)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
