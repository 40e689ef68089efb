"""`python -m tests.burst [--deliveries N] [--kills N] [--seed S]`: deliver, kill, count, one JSON line."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from overture.db import migrate
from overture.db.embedded import EmbeddedPostgres

from .story import Size, tell
from .trial import burst, clean, told


def main(arguments: Sequence[str] | None = None) -> int:
    """A burst on a database of its own, with fsync on."""
    parser = argparse.ArgumentParser(prog="tests.burst", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--accounts", type=int, default=20)
    parser.add_argument("--people", type=int, default=600)
    parser.add_argument("--deaths", type=int, default=9, help="moments at which something is killed")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    story = tell(Size(given.deliveries, given.accounts, given.people), given.seed)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(prefix="overture-burst-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        try:
            migrate.upgrade(server.url)
            report = asyncio.run(burst(story, server.url, folder, given.deaths))
        finally:
            server.stop()
    found = told(story, report) | {"load_before": round(load, 1), "seed": given.seed, "met": clean([report])}
    print(json.dumps({"benchmark": "burst", **found}))  # noqa: T201 - the result
    return 0 if clean([report]) else 1


if __name__ == "__main__":
    sys.exit(main())
