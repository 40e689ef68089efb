"""A worker process with the no-op provider: `python -m benchmarks.worker_process`."""

from overture.core import log
from overture.core.settings import Settings
from overture.entrypoints.bootstrap import open_app
from overture.entrypoints.loop import run_to_end
from overture.entrypoints.serve import work_alone


async def main() -> None:
    """Work until told to stop."""
    async with open_app(Settings()) as app:
        await work_alone(app)


if __name__ == "__main__":
    log.configure("warning")
    run_to_end(main())
