"""`./dev eval NAME DIR …`: hand over to the evaluation of that name."""

import sys
from collections.abc import Callable
from typing import Final

from overture.entrypoints.evals import pages, profiles

EVALS: Final[dict[str, Callable[[list[str]], int]]] = {"pages": pages.main, "profiles": profiles.main}
"""A new evaluation is one module and one line here."""


def main(argv: list[str]) -> int:
    """Run the evaluation named first, with the arguments after it."""
    name = argv[0] if argv else ""
    if name not in EVALS:
        known = ", ".join(sorted(EVALS))
        sys.stderr.write(f"There is no evaluation {name!r}; there are: {known}. Usage: ./dev eval NAME DIR\n")
        return 2
    return EVALS[name](argv[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
