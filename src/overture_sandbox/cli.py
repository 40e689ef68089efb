"""`python -m overture_sandbox`: start the sandbox from a shell."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from overture_sandbox.scenarios import SCENARIOS, arrange
from overture_sandbox.server import run, serve
from overture_sandbox.world import World


def main(argv: Sequence[str] | None = None) -> int:
    """Serve a world until interrupted; `scenario` first, and it is one of the prepared ones."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:1] == ["scenario"]:
        return serve_scenario(given[1:])
    parser = argparse.ArgumentParser(prog="overture_sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    parser.add_argument("--seed", type=int, default=1, help="the same seed gives the same world")
    parser.add_argument(
        "--population", type=int, default=0, help="how many invented people join at the start"
    )
    parser.add_argument("--port-file", type=Path, help="write the port here once it is known")
    parser.add_argument("--unipile-key", default=World.unipile_key, help="what /api/v1 takes as X-API-KEY")
    args = parser.parse_args(given)
    world = World(args.seed)
    world.unipile_key = args.unipile_key
    run(world, args.host, args.port, population=args.population, port_file=args.port_file)
    return 0


def serve_scenario(argv: Sequence[str]) -> int:
    """Serve a world in which one scenario is arranged, and say who is to do what to whom."""
    parser = argparse.ArgumentParser(prog="overture_sandbox scenario", description=serve_scenario.__doc__)
    parser.add_argument("name", nargs="?", help="the scenario, e.g. inv-weekly-429-optimistic")
    parser.add_argument("--list", action="store_true", help="only say which scenarios there are")
    parser.add_argument("--variant", choices=("A", "B"), default="B", help="which kind of pages")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    args = parser.parse_args(argv)
    if args.list:
        width = max(map(len, SCENARIOS))
        for one in SCENARIOS.values():
            print(f"{one.number:>3}  {one.name:<{width}}  {one.site}")  # noqa: T201
        return 0
    if args.name not in SCENARIOS:
        parser.error(f"there is no scenario {args.name!r}; --list names them all")
    world = World()
    print(json.dumps(arrange(world, args.name, variant=args.variant), indent=2), file=sys.stderr)  # noqa: T201
    serve(world, args.host, args.port)
    return 0
