"""A worker process with the no-op provider: `python -m benchmarks.worker_process`."""

import asyncio

from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import open_app
from overture.entrypoints.serve import work_alone


async def main() -> None:
    """Work until told to stop."""
    async with open_app(Settings()) as app:
        await work_alone(app)


if __name__ == "__main__":
    log.configure("warning")
    asyncio.run(main())
