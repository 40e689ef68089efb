"""`python -m overture_sandbox`: start the sandbox from a shell."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from overture_sandbox.server import run


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a world until interrupted."""
    parser = argparse.ArgumentParser(prog="overture_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same world")
    parser.add_argument(
        "--population", type=int, default=0, help="how many invented people join at the start"
    )
    parser.add_argument("--port-file", type=Path, help="write the port here once it is known")
    args = parser.parse_args(argv)
    run(args.host, args.port, args.seed, population=args.population, port_file=args.port_file)
    return 0
